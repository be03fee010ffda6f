/** Turns a call of AI SDK into a request of `window.ai`. What a page cannot ask Oriel for is refused or named in a warning, never dropped in silence. */

import type { CallOptions, CallWarning, ModelMessage, ModelTool, PromptPart, ToolOutput } from './ai-sdk-types';
import { toBase64 } from './answer';
import type { GenerateRequest, Message, Part, Tool } from './types';

/** @throws DOMException `NotSupportedError` for a kind of file that no model takes, and for one that is named by its address */
export function toRequest(
  options: CallOptions,
  modelId: string | undefined,
): { request: GenerateRequest; warnings: CallWarning[] } {
  const { prompt, stopSequences, responseFormat, tools = [], toolChoice } = options;
  const functions = tools.flatMap(toTool);
  const warnings = tools.flatMap((tool): CallWarning[] =>
    tool.type === 'provider'
      ? [{ type: 'unsupported', feature: `tool ${tool.id}`, details: 'Oriel knows tools of the page only.' }]
      : [],
  );
  const request: GenerateRequest = {
    messages: prompt.map(toMessage),
    ...(modelId !== undefined && { model: modelId }),
    ...pick(options, ['maxOutputTokens', 'temperature', 'topP', 'topK', 'presencePenalty', 'frequencyPenalty', 'seed']),
    ...(stopSequences && stopSequences.length > 0 && { stop: stopSequences }),
    ...(functions.length > 0 && { tools: functions }),
    ...(functions.length > 0 &&
      toolChoice && { toolChoice: toolChoice.type === 'tool' ? { name: toolChoice.toolName } : toolChoice.type }),
    ...(responseFormat?.type === 'json' && { responseFormat: toFormat(responseFormat) }),
    ...effortOf(options),
  };
  return { request, warnings };
}

function pick<Name extends keyof CallOptions>(options: CallOptions, names: readonly Name[]): Partial<Pick<CallOptions, Name>> {
  return Object.fromEntries(names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]])) as Partial<
    Pick<CallOptions, Name>
  >;
}

const toTool = (tool: ModelTool): Tool[] => {
  if (tool.type !== 'function') return [];
  const { name, description, inputSchema } = tool;
  return [{ name, ...(description !== undefined && { description }), parameters: inputSchema as Tool['parameters'] }];
};

function toFormat({
  schema,
  name,
}: {
  readonly schema?: object;
  readonly name?: string;
}): NonNullable<GenerateRequest['responseFormat']> {
  const wanted = (schema ?? { type: 'object' }) as Readonly<Record<string, unknown>>;
  return { type: 'json-schema', schema: wanted, ...(name !== undefined && { name }) };
}

const efforts = {
  none: 'none',
  minimal: 'minimal',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
} as const;

/** AI SDK 7 names an effort; earlier ones have no such option. */
function effortOf(options: CallOptions & { readonly reasoning?: unknown }): Pick<GenerateRequest, 'reasoningEffort'> {
  const { reasoning } = options;
  if (typeof reasoning !== 'string' || !Object.hasOwn(efforts, reasoning)) return {};
  return { reasoningEffort: efforts[reasoning as keyof typeof efforts] };
}

function toMessage({ role, content }: ModelMessage): Message {
  if (typeof content === 'string') return { role, content };
  return { role, content: content.flatMap(toPart) };
}

function toPart(part: PromptPart): Part[] {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return [{ type: part.type, text: part.text }];
    case 'file':
      return [toMedia(part)];
    case 'tool-call':
      return [{ type: 'tool-call', id: part.toolCallId, name: part.toolName, arguments: JSON.stringify(part.input ?? {}) }];
    case 'tool-result':
      return [{ type: 'tool-result', id: part.toolCallId, result: toResult(part.output) }];
    // Between the page and its own tool: nothing of it is the model's.
    case 'tool-approval-response':
      return [];
  }
}

function toMedia({ mediaType, data }: Extract<PromptPart, { type: 'file' }>): Part {
  const refuse = (why: string) => new DOMException(why, 'NotSupportedError');
  const [kind] = mediaType.split('/');
  if (data instanceof URL) throw refuse('Oriel loads nothing on a page’s behalf: give the file itself.');
  if (kind === 'text') return { type: 'text', text: typeof data === 'string' ? decode(fromBase64(data)) : decode(data) };
  if (kind !== 'image' && kind !== 'audio') throw refuse(`Oriel takes text, images and sounds, not ${mediaType}.`);
  const named = mediaType === 'image/*' ? 'image/jpeg' : mediaType;
  return { type: kind, mediaType: named, data: typeof data === 'string' ? data : toBase64(data) };
}

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const fromBase64 = (data: string) => Uint8Array.from(atob(data), (character) => character.charCodeAt(0));

function toResult(output: ToolOutput): string {
  switch (output.type) {
    case 'text':
    case 'error-text':
      return output.value;
    case 'json':
    case 'error-json':
      return JSON.stringify(output.value);
    case 'execution-denied':
      return output.reason ?? 'The person did not allow this tool.';
    case 'content':
      return output.value.map((item) => ('text' in item ? String(item.text) : JSON.stringify(item))).join('\n');
  }
}
