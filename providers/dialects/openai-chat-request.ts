/** Owns the body of a Chat Completions request: what the vendor takes, what is left out with a warning, what is done on our side instead. */

import type { GenerateRequest, ResponseFormat, Tool, ToolChoice, Warning } from '../../protocol/generate';
import type { Quirks } from '../provider';
import { toWireMessages } from './openai-messages';
import { hasNoStops, isReasoningModel, takesSamplersAtRest, toolsForbidReasoning } from './openai-reasoning';
import { isStrictSchema } from './strict-schema';

export interface ChatRequest {
  readonly body: Readonly<Record<string, unknown>>;
  readonly warnings: readonly Warning[];
  /** Stop sequences to cut at on our side; empty where the backend does it. */
  readonly cutStops: readonly string[];
}

/** Parameters that can be left out without changing what is asked, by their wire names. */
const optional: ReadonlyMap<string, keyof GenerateRequest> = new Map<string, keyof GenerateRequest>([
  ['temperature', 'temperature'],
  ['top_p', 'topP'],
  ['top_k', 'topK'],
  ['min_p', 'minP'],
  ['repetition_penalty', 'repetitionPenalty'],
  ['repeat_penalty', 'repetitionPenalty'],
  ['presence_penalty', 'presencePenalty'],
  ['frequency_penalty', 'frequencyPenalty'],
  ['seed', 'seed'],
  ['reasoning_effort', 'reasoningEffort'],
  ['reasoning', 'reasoningEffort'],
  ['reasoning.effort', 'reasoningEffort'],
]);

/** Refused like these, but done in another way: renamed, left away unseen, or cut on our side. */
const replaceable = new Set(['max_tokens', 'max_completion_tokens', 'stream_options', 'stop']);

/** Whether the request may be sent once more without this parameter. */
export const canLeaveOut = (wireName: string, body: ChatRequest['body']): boolean =>
  (optional.has(wireName) && (wireName.split('.', 1)[0] ?? '') in body) || (replaceable.has(wireName) && wireName in body);

/**
 * The request for `POST {base}/chat/completions` (OpenAI API reference, Chat Completions; OpenRouter and local servers by `quirks`).
 * @param refused the wire name of a parameter that this model has just refused
 * @param own fields that follow from the person's settings of the connection
 */
export function buildChatRequest(request: GenerateRequest, quirks: Quirks, refused?: string, own: object = {}): ChatRequest {
  const model = request.model ?? '';
  const reasons = quirks.reasoningRules === true && isReasoningModel(model);
  const samplers = samplersOf(request, quirks, reasons);
  const effort = effortOf(request, quirks, reasons);
  const stops = stopsOf(request, quirks, reasons, refused);
  const asked: Record<string, unknown> = { ...samplers.fields, ...effort.fields };
  const dropped = [...samplers.dropped, ...effort.dropped];
  const neutral = refused === undefined ? undefined : optional.get(refused);
  if (neutral !== undefined) {
    dropped.push(neutral);
    for (const [wireName, name] of optional) if (name === neutral) delete asked[wireName];
  }
  return {
    body: {
      model,
      messages: toWireMessages(request.messages, {
        systemRole: reasons ? 'developer' : 'system',
        sendsReasoning: quirks.openRouter === true,
      }),
      stream: true,
      ...(refused !== 'stream_options' && { stream_options: { include_usage: true } }),
      ...asked,
      ...limitOf(request, quirks, refused),
      ...(stops.sent.length > 0 && { stop: stops.sent }),
      ...((request.outputs ?? 1) > 1 && { n: request.outputs }),
      ...toolFields(request.tools, request.toolChoice),
      ...formatFields(request.responseFormat),
      ...own,
      ...(quirks.openRouter && isEssential(request) && requireParameters(own)),
    },
    warnings: [...new Set(dropped)].map((parameter) => ({ type: 'parameter-dropped', parameter })),
    cutStops: stops.cut,
  };
}

interface Fields {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly dropped: readonly string[];
}

function samplersOf(request: GenerateRequest, quirks: Quirks, reasons: boolean): Fields {
  const free = !reasons || (request.reasoningEffort === 'none' && takesSamplersAtRest(request.model ?? ''));
  const extra = quirks.samplers ?? [];
  const rows: readonly (readonly [keyof GenerateRequest, readonly string[], boolean])[] = [
    ['temperature', ['temperature'], free],
    ['topP', ['top_p'], free],
    ['presencePenalty', ['presence_penalty'], !reasons],
    ['frequencyPenalty', ['frequency_penalty'], !reasons],
    ['seed', ['seed'], true],
    ['topK', ['top_k'], extra.includes('topK')],
    ['minP', ['min_p'], extra.includes('minP')],
    ['repetitionPenalty', quirks.repetitionFields ?? ['repetition_penalty'], extra.includes('repetitionPenalty')],
  ];
  const asked = rows.filter(([name]) => request[name] !== undefined);
  const taken = asked.filter(([, , isTaken]) => isTaken);
  return {
    fields: Object.fromEntries(taken.flatMap(([name, wireNames]) => wireNames.map((wireName) => [wireName, request[name]]))),
    dropped: asked.filter(([, , isTaken]) => !isTaken).map(([name]) => name),
  };
}

function effortOf({ model = '', reasoningEffort, tools = [] }: GenerateRequest, quirks: Quirks, reasons: boolean): Fields {
  if (reasons && tools.length > 0 && toolsForbidReasoning(model)) {
    const isLost = reasoningEffort !== undefined && reasoningEffort !== 'none';
    return { fields: { reasoning_effort: 'none' }, dropped: isLost ? ['reasoningEffort'] : [] };
  }
  if (reasoningEffort === undefined) return { fields: {}, dropped: [] };
  if (quirks.openRouter) return { fields: { reasoning: { effort: reasoningEffort } }, dropped: [] };
  // OpenAI's other models refuse the field; asking them not to reason is asking for what they do.
  if (quirks.reasoningRules && !reasons) return { fields: {}, dropped: reasoningEffort === 'none' ? [] : ['reasoningEffort'] };
  return { fields: { reasoning_effort: reasoningEffort }, dropped: [] };
}

function limitOf({ maxOutputTokens }: GenerateRequest, quirks: Quirks, refused: string | undefined): object {
  if (maxOutputTokens === undefined) return {};
  const usual = quirks.maxTokensField ?? 'max_tokens';
  // A proxy in front of OpenAI refuses the old name, an old server the new one; without a limit it could cost anything.
  const other = usual === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  return { [refused === usual ? other : usual]: maxOutputTokens };
}

function stopsOf(
  { model = '', stop = [] }: GenerateRequest,
  quirks: Quirks,
  reasons: boolean,
  refused: string | undefined,
): { sent: readonly string[]; cut: readonly string[] } {
  const takesNone = refused === 'stop' || (reasons && hasNoStops(model));
  const most = takesNone ? 0 : (quirks.maxStops ?? Number.POSITIVE_INFINITY);
  return stop.length <= most ? { sent: stop, cut: [] } : { sent: stop.slice(0, most), cut: stop };
}

function toolFields(tools: readonly Tool[] = [], toolChoice: ToolChoice | undefined): object {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(({ name, description, parameters }) => ({
      type: 'function',
      function: { name, ...(description !== undefined && { description }), parameters },
    })),
    ...(toolChoice !== undefined && {
      tool_choice: typeof toolChoice === 'string' ? toolChoice : { type: 'function', function: { name: toolChoice.name } },
    }),
  };
}

function formatFields(format: ResponseFormat | undefined): object {
  if (format?.type !== 'json-schema') return {};
  const name = (format.name ?? '').replace(/[^\w-]/g, '_').slice(0, 64) || 'answer';
  // A schema that the vendor cannot enforce is still followed as well as the model can.
  const strict = isStrictSchema(format.schema) && { strict: true };
  return { response_format: { type: 'json_schema', json_schema: { name, schema: format.schema, ...strict } } };
}

/** Beside the person's own wishes for the provider that is picked. */
const requireParameters = (own: { readonly provider?: object }): object => ({
  provider: { ...own.provider, require_parameters: true },
});

/** What OpenRouter must not drop silently when it picks a provider. */
const isEssential = ({ tools = [], responseFormat }: GenerateRequest): boolean =>
  tools.length > 0 || responseFormat?.type === 'json-schema';
