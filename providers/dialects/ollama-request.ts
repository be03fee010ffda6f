/** Owns the body of a request to Ollama's own API. */

import { backendError } from '../../protocol/errors';
import type { GenerateRequest, Message, Part, Warning } from '../../protocol/generate';
import type { ModelSettings } from '../../protocol/model-settings';
import { type SamplerNames, toWireSamplers } from '../samplers';

export interface OllamaRequest {
  readonly body: Readonly<Record<string, unknown>>;
  readonly warnings: readonly Warning[];
}

const samplerNames: SamplerNames = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  minP: 'min_p',
  typicalP: 'typical_p',
  repetitionPenalty: 'repeat_penalty',
  repetitionRange: 'repeat_last_n',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  seed: 'seed',
  mirostatMode: 'mirostat',
  mirostatTau: 'mirostat_tau',
  mirostatEta: 'mirostat_eta',
};

/**
 * The body of `POST /api/chat` (Ollama's API documentation). A chat that does not fit is refused by the server (`truncate: false`), which would
 * otherwise forget its beginning without a word.
 * @param thinks false once the model has said that it cannot
 * @throws AiError fault `not-supported` for what the API has no place for
 */
export function buildOllamaRequest(
  request: GenerateRequest,
  { contextTokens }: Pick<ModelSettings, 'contextTokens'>,
  thinks = true,
): OllamaRequest {
  const { model, messages, tools = [], toolChoice, responseFormat, reasoningEffort, stop = [], maxOutputTokens } = request;
  if (toolChoice !== undefined && toolChoice !== 'auto' && toolChoice !== 'none' && tools.length > 0)
    throw backendError('not-supported', 'Ollama does not let a request choose the tool.', { field: 'toolChoice' });
  const samplers = toWireSamplers(request, samplerNames);
  const options = {
    ...samplers.fields,
    ...(maxOutputTokens !== undefined && { num_predict: maxOutputTokens }),
    ...(contextTokens !== undefined && { num_ctx: contextTokens }),
    ...(stop.length > 0 && { stop }),
  };
  return {
    body: {
      model,
      messages: toWireMessages(messages),
      stream: true,
      truncate: false,
      ...(Object.keys(options).length > 0 && { options }),
      ...(tools.length > 0 &&
        toolChoice !== 'none' && {
          tools: tools.map(({ name, description, parameters }) => ({
            type: 'function',
            function: { name, ...(description !== undefined && { description }), parameters },
          })),
        }),
      ...(responseFormat?.type === 'json-schema' && { format: responseFormat.schema }),
      ...(thinks && reasoningEffort !== undefined && { think: thoughtOf(reasoningEffort) }),
    },
    warnings: thinks || reasoningEffort === undefined ? samplers.warnings : [...samplers.warnings, dropped('reasoningEffort')],
  };
}

const dropped = (parameter: string): Warning => ({ type: 'parameter-dropped', parameter });

const thoughtOf = (effort: NonNullable<GenerateRequest['reasoningEffort']>) =>
  effort === 'none' ? false : effort === 'minimal' ? 'low' : effort;

function toWireMessages(messages: readonly Message[]): object[] {
  // A tool's result names the tool, which only the call knows.
  const names = new Map<string, string>();
  for (const { content } of messages) for (const part of content) if (part.type === 'tool-call') names.set(part.id, part.name);
  return messages.flatMap(({ role, content }) => {
    const results = content
      .filter((part) => part.type === 'tool-result')
      .map(({ id, result }) => ({ role: 'tool', content: result, tool_name: names.get(id) ?? '', tool_call_id: id }));
    const isOnlyResults = results.length > 0 && results.length === content.length;
    return isOnlyResults ? results : [...results, toWireMessage(role, content)];
  });
}

function toWireMessage(role: Message['role'], content: readonly Part[]): object {
  if (content.some(({ type }) => type === 'audio'))
    throw backendError('not-supported', 'Ollama takes no audio.', { field: 'messages' });
  const images = content.filter((part) => part.type === 'image').map(({ data }) => data);
  const calls = content.filter((part) => part.type === 'tool-call');
  const thinking = content.filter((part) => part.type === 'reasoning').map(({ text }) => text);
  return {
    role,
    content: content.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n'),
    ...(images.length > 0 && { images }),
    ...(thinking.length > 0 && { thinking: thinking.join('') }),
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ id, name, arguments: json }) => ({ id, function: { name, arguments: parseArguments(json) } })),
    }),
  };
}

/** The API wants the object itself. What a model wrote that is none was of no use to the tool either. */
function parseArguments(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}
