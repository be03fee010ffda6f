/** What generativelanguage.googleapis.com accepts in a generate request, and the words in which it refuses; the stand-in is never gentler. */

type Json = Record<string, unknown>;

export interface GeminiPart {
  text?: string;
  inlineData?: { mimeType: string; data: string };
  functionCall?: { id?: string; name: string; args?: Json };
  functionResponse?: { id?: string; name: string; response: Json };
  thoughtSignature?: string;
}

export interface GeminiRequest {
  contents: { role?: string; parts: GeminiPart[] }[];
  systemInstruction?: { parts: GeminiPart[] };
  generationConfig?: Json & { maxOutputTokens?: number; stopSequences?: string[] };
  continuationToken?: string;
  [parameter: string]: unknown;
}

/** `open`: 3.5 and before. `strict`: no samplers, no ending with the model's turn. `gemma`: no system text, no tools. */
export type ModelKind = 'open' | 'strict' | 'gemma';

const known: Record<string, string[]> = {
  request: ['contents systemInstruction generationConfig tools toolConfig safetySettings cachedContent labels continuationToken'],
  part: ['text inlineData fileData functionCall functionResponse thought thoughtSignature'],
  config: [
    'temperature topP topK candidateCount maxOutputTokens stopSequences seed presencePenalty frequencyPenalty responseLogprobs logprobs',
    'responseMimeType responseSchema responseJsonSchema responseModalities mediaResolution thinkingConfig',
  ],
};
const unknownField = (value: Json, place: string, fields: string): string | undefined => {
  const names = (known[fields] ?? []).flatMap((line) => line.split(' '));
  const extra = Object.keys(value).find((name) => !names.includes(name));
  return (
    extra && `Invalid JSON payload received. Unknown name "${extra}"${place === '' ? '' : ` at '${place}'`}: Cannot find field.`
  );
};

/** The words of the refusal (always 400 INVALID_ARGUMENT), if any rule is broken. */
export function findFault(body: GeminiRequest, kind: ModelKind, model: string): string | undefined {
  return (
    unknownField(body, '', 'request') ??
    faultOfContents(body.contents, kind) ??
    faultOfConfig(body.generationConfig ?? {}, kind) ??
    (kind === 'gemma' && body.systemInstruction ? `Developer instruction is not enabled for models/${model}` : undefined) ??
    (kind === 'gemma' && body.tools ? `Function calling is not enabled for models/${model}` : undefined)
  );
}

function faultOfContents(contents: GeminiRequest['contents'] | undefined, kind: ModelKind): string | undefined {
  if (!contents?.length) return '* GenerateContentRequest.contents: contents is not specified';
  for (const [index, { role, parts }] of contents.entries()) {
    if (role !== 'user' && role !== 'model') return 'Please use a valid role: user, model.';
    if (!parts?.length) return `* GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.`;
    for (const [position, part] of parts.entries()) {
      const place = `contents[${index}].parts[${position}]`;
      const fault = unknownField(part as Json, place, 'part');
      if (fault) return fault;
      if (part.text === '')
        return `* GenerateContentRequest.${place}.data: required oneof field 'data' must have one initialized field`;
    }
    const calls = parts.filter(({ functionCall }) => functionCall);
    if (kind === 'strict' && calls.length > 0 && calls[0]?.thoughtSignature === undefined)
      return `Function call is missing a thought_signature in functionCall parts. Content index ${index}.`;
    const answered = (contents[index + 1]?.parts ?? []).filter(({ functionResponse }) => functionResponse);
    if (calls.length > 0 && answered.length !== calls.length)
      return 'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.';
  }
  const isPrefilled = contents.at(-1)?.role === 'model';
  return isPrefilled && kind === 'strict' ? 'Requests ending with a model turn are not supported.' : undefined;
}

function faultOfConfig(config: Json & { stopSequences?: string[] }, kind: ModelKind): string | undefined {
  const fault = unknownField(config, 'generation_config', 'config');
  if (fault) return fault;
  const samplers = ['temperature', 'topP', 'topK', 'candidateCount'].filter((name) => config[name] !== undefined);
  if (kind === 'strict' && samplers.length > 0) return `Parameter ${samplers[0]} is not supported for this model.`;
  if ((config.stopSequences ?? []).length > 5) return 'Only up to 5 stop sequences are supported.';
  if (config.temperature !== undefined && ((config.temperature as number) < 0 || (config.temperature as number) > 2))
    return 'Invalid value at temperature: must be in the range [0.0, 2.0].';
  const thinking = (config.thinkingConfig ?? {}) as Json;
  if (thinking.thinkingBudget !== undefined && thinking.thinkingLevel !== undefined)
    return 'You can only set only one of thinking budget and thinking level.';
  if (config.responseJsonSchema !== undefined && config.responseMimeType !== 'application/json')
    return 'Response schema requires response mime type application/json.';
  return JSON.stringify(config.responseJsonSchema ?? null).includes('"const":')
    ? 'Invalid JSON payload received. Unknown name "const".'
    : undefined;
}
