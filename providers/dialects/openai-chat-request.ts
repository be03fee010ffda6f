/** Owns the body of a Chat Completions request: what the vendor takes, what is left out with a warning, what is done on our side instead. */

import { backendError } from '../../protocol/errors';
import type { GenerateRequest, Message, ResponseFormat, Tool, ToolChoice, Warning } from '../../protocol/generate';
import type { Quirks } from '../provider';
import { toGrammar } from './json-schema-grammar';
import { type Fields, lackedBy, samplersOf, usualNames } from './openai-chat-samplers';
import { effortFields } from './openai-effort';
import { keepRules } from './openai-message-rules';
import { toWireMessages } from './openai-messages';
import { hasNoStops, isReasoningModel, takesSamplersAtRest, toolsForbidReasoning } from './openai-reasoning';
import { isStrictSchema } from './strict-schema';

export interface ChatRequest {
  readonly body: Readonly<Record<string, unknown>>;
  readonly warnings: readonly Warning[];
  /** Stop sequences to cut at on our side; empty where the backend does it. */
  readonly cutStops: readonly string[];
}

/** Parameters that can be left out without changing what is asked: their wire names and their neutral ones. */
const optional: ReadonlyMap<string, string> = new Map([
  ...Object.entries(usualNames).map(([name, wireName]) => [wireName, name] as const),
  ['repeat_penalty', 'repetitionPenalty'],
  ['random_seed', 'seed'],
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
 * The request for `POST {base}/chat/completions` (OpenAI API reference, Chat Completions; others by `quirks`).
 * @param refused the wire name of a parameter that this model has just refused
 * @param own fields that follow from the person's settings of the connection
 * @throws AiError `not-supported` for what the API would ignore though it changes the meaning
 */
export function buildChatRequest(request: GenerateRequest, quirks: Quirks, refused?: string, own: object = {}): ChatRequest {
  refuseUnsupported(request, quirks);
  const model = request.model ?? '';
  const reasons = quirks.reasoningRules === true && isReasoningModel(model);
  const lacked = lackedBy(quirks, model);
  const samplers = samplersOf(request, quirks, reasons ? new Set([...lacked, ...forbiddenWhileReasoning(request)]) : lacked);
  const effort = effortOf(request, quirks, reasons, lacked.has('reasoningEffort'));
  const stops = stopsOf(request, quirks, refused === 'stop' || lacked.has('stop') || (reasons && hasNoStops(model)));
  const asked: Record<string, unknown> = { ...samplers.fields, ...effort.fields };
  const dropped = [...samplers.dropped, ...effort.dropped];
  const neutral = refused === undefined ? undefined : optional.get(refused);
  if (neutral !== undefined) {
    dropped.push(neutral);
    for (const [wireName, name] of optional) if (name === neutral) delete asked[wireName];
  }
  const messages = toWireMessages(messagesOf(request, quirks), {
    systemRole: reasons ? 'developer' : 'system',
    sendsReasoning: quirks.openRouter === true,
  });
  return {
    body: {
      model,
      messages: keepRules(messages, request.messages, quirks.messages),
      stream: true,
      ...(refused !== 'stream_options' && !quirks.usageUnasked && { stream_options: { include_usage: true } }),
      ...constantsOf(quirks, model),
      ...own,
      ...asked,
      ...limitOf(request, quirks, refused),
      ...(stops.sent.length > 0 && { stop: stops.sent }),
      ...((request.outputs ?? 1) > 1 && { n: request.outputs }),
      ...toolFields(request.tools, request.toolChoice, quirks),
      ...formatFields(request.responseFormat, quirks),
      ...own,
      ...(quirks.openRouter && isEssential(request) && requireParameters(own)),
    },
    warnings: [...new Set(dropped)].map((parameter) => ({ type: 'parameter-dropped', parameter })),
    cutStops: stops.cut,
  };
}

/** What nobody would notice the loss of until the answer makes no sense. */
function refuseUnsupported({ tools = [], messages, responseFormat }: GenerateRequest, { refuses = [], schema }: Quirks): void {
  const has = (type: string) => messages.some(({ content }) => content.some((part) => part.type === type));
  const refuse = (field: string) => {
    throw backendError('not-supported', 'The backend cannot take this part of the request.', { field });
  };
  if (refuses.includes('tools') && tools.length > 0) refuse('tools');
  if (refuses.includes('images') && has('image')) refuse('messages');
  if (refuses.includes('audio') && has('audio')) refuse('messages');
  // A grammar holds for everything that is written, a call of a tool too.
  if (schema === 'grammar' && responseFormat?.type === 'json-schema' && tools.length > 0) refuse('responseFormat');
}

/** Of OpenAI's reasoning models. */
const forbiddenWhileReasoning = ({ reasoningEffort, model = '' }: GenerateRequest): readonly string[] =>
  reasoningEffort === 'none' && takesSamplersAtRest(model)
    ? ['presencePenalty', 'frequencyPenalty']
    : ['temperature', 'topP', 'presencePenalty', 'frequencyPenalty'];

const constantsOf = ({ constants = [] }: Quirks, model: string): object =>
  Object.assign({}, ...constants.filter(({ models }) => models?.test(model) !== false).map(({ fields }) => fields));

function effortOf(request: GenerateRequest, quirks: Quirks, reasons: boolean, isLacked: boolean): Fields {
  const { model = '', reasoningEffort, tools = [] } = request;
  if (reasons && tools.length > 0 && toolsForbidReasoning(model)) {
    const isLost = reasoningEffort !== undefined && reasoningEffort !== 'none';
    return { fields: { reasoning_effort: 'none' }, dropped: isLost ? ['reasoningEffort'] : [] };
  }
  if (reasoningEffort === undefined) return { fields: {}, dropped: [] };
  // A model that does not reason refuses the field; asking it not to reason is asking for what it does.
  const isUnknown = isLacked || (quirks.reasoningRules && !reasons) || quirks.efforts?.includes(reasoningEffort) === false;
  if (isUnknown) return { fields: {}, dropped: reasoningEffort === 'none' ? [] : ['reasoningEffort'] };
  return { fields: effortFields(reasoningEffort, quirks.openRouter ? 'reasoning' : quirks.effort), dropped: [] };
}

function limitOf({ maxOutputTokens }: GenerateRequest, quirks: Quirks, refused: string | undefined): object {
  if (maxOutputTokens === undefined) return {};
  const usual = quirks.maxTokensField ?? 'max_tokens';
  // A proxy in front of OpenAI refuses the old name, an old server the new one; without a limit it could cost anything.
  const other = usual === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  return { [refused === usual ? other : usual]: maxOutputTokens };
}

function stopsOf(
  { stop = [] }: GenerateRequest,
  quirks: Quirks,
  takesNone: boolean,
): { sent: readonly string[]; cut: readonly string[] } {
  const most = takesNone ? 0 : (quirks.maxStops ?? Number.POSITIVE_INFINITY);
  return stop.length <= most ? { sent: stop, cut: [] } : { sent: stop.slice(0, most), cut: stop };
}

function toolFields(tools: readonly Tool[] = [], toolChoice: ToolChoice | undefined, { noEmptyRequired }: Quirks): object {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(({ name, description, parameters }) => ({
      type: 'function',
      function: {
        name,
        ...(description !== undefined && { description }),
        parameters: noEmptyRequired ? withoutEmptyRequired(parameters) : parameters,
      },
    })),
    ...(toolChoice !== undefined && {
      tool_choice: typeof toolChoice === 'string' ? toolChoice : { type: 'function', function: { name: toolChoice.name } },
    }),
  };
}

const withoutEmptyRequired = (schema: object): unknown =>
  JSON.parse(
    JSON.stringify(schema, (key, value) =>
      key === 'required' && Array.isArray(value) && value.length === 0 ? undefined : value,
    ),
  );

function formatFields(format: ResponseFormat | undefined, quirks: Quirks): object {
  if (format?.type !== 'json-schema') return {};
  if (quirks.schema === 'json-object') return { response_format: { type: 'json_object' } };
  if (quirks.schema === 'grammar') return { grammar_string: toGrammar(format.schema) };
  const name = (format.name ?? '').replace(/[^\w-]/g, '_').slice(0, 64) || 'answer';
  // A schema that the vendor cannot enforce is still followed as well as the model can.
  const strict = isStrictSchema(format.schema) && { strict: true };
  return { response_format: { type: 'json_schema', json_schema: { name, schema: format.schema, ...strict } } };
}

/** Beside the person's own wishes for the provider that is picked. */
const requireParameters = (own: { readonly provider?: object }): object => ({
  provider: { ...own.provider, require_parameters: true },
});

/** An API that knows only that the answer is JSON must be told in words which JSON. */
function messagesOf({ messages, responseFormat }: GenerateRequest, { schema }: Quirks): readonly Message[] {
  if (schema !== 'json-object' || responseFormat?.type !== 'json-schema') return messages;
  const text = `Answer with JSON that is valid against this JSON Schema: ${JSON.stringify(responseFormat.schema)}`;
  return [{ role: 'system', content: [{ type: 'text', text }] }, ...messages];
}

/** What OpenRouter must not drop silently when it picks a provider. */
const isEssential = ({ tools = [], responseFormat }: GenerateRequest): boolean =>
  tools.length > 0 || responseFormat?.type === 'json-schema';
