/** Owns the body of a request to OpenAI's Responses API: what it takes, what is left out with a warning, what is done on our side instead. */

import type { GenerateRequest, ResponseFormat, Tool, ToolChoice, Warning } from '../../protocol/generate';
import { limited, type SamplerNames, toWireSamplers } from '../samplers';
import { isReasoningModel, takesSamplersAtRest } from './openai-reasoning';
import { toInput } from './openai-responses-input';
import { isStrictSchema } from './strict-schema';

export interface ResponsesRequest {
  readonly body: Readonly<Record<string, unknown>>;
  readonly warnings: readonly Warning[];
  /** The limit of the answer that was sent. */
  readonly most: number | undefined;
}

/** What can be left out without changing what is asked, by wire name; the neutral name of what the caller would miss. */
const optional: ReadonlyMap<string, string | undefined> = new Map([
  ['temperature', 'temperature'],
  ['top_p', 'topP'],
  ['reasoning', 'reasoningEffort'],
  ['reasoning.effort', 'reasoningEffort'],
  // Summaries are for verified organisations only; nobody asked for one.
  ['reasoning.summary', undefined],
]);

/** Whether the request may be sent once more without this parameter. */
export const canLeaveOut = (wireName: string, body: ResponsesRequest['body']): boolean =>
  optional.has(wireName) && (wireName.split('.', 1)[0] ?? '') in body;

/** Fewer are a 400. */
const leastOutputTokens = 16;

/**
 * The request for `POST {base}/responses` (OpenAI API reference, Responses). The vendor keeps nothing of it (`store`). Stop sequences are
 * not in it: the API has none.
 * @param refused the wire name of a parameter that this model has just refused
 * @throws AiError `not-supported` for a message that it cannot carry
 */
export function buildResponsesRequest(request: GenerateRequest, refused?: string): ResponsesRequest {
  const { model = '', messages, maxOutputTokens, tools, toolChoice, responseFormat, reasoningEffort } = request;
  const most = maxOutputTokens === undefined ? undefined : Math.max(leastOutputTokens, maxOutputTokens);
  const reasons = isReasoningModel(model);
  const isFree = !reasons || (reasoningEffort === 'none' && takesSamplersAtRest(model));
  const names: SamplerNames = isFree ? { temperature: 'temperature', topP: 'top_p' } : {};
  const samplers = toWireSamplers(request, names);
  const reasoning = reasons ? reasoningOf(reasoningEffort, refused) : {};
  const isEffortLost = reasoningEffort !== undefined && reasoningEffort !== 'none' && !reasons;
  const lost = [isEffortLost ? 'reasoningEffort' : undefined, refused === undefined ? undefined : optional.get(refused)];
  const fields = Object.fromEntries(Object.entries(samplers.fields).filter(([name]) => name !== refused));
  return {
    most,
    body: {
      model,
      input: toInput(messages, reasons ? 'developer' : 'system'),
      stream: true,
      store: false,
      ...fields,
      ...(most !== undefined && { max_output_tokens: most }),
      ...(Object.keys(reasoning).length > 0 && { reasoning }),
      ...toolFields(tools, toolChoice),
      ...formatFields(responseFormat),
    },
    warnings: [
      ...samplers.warnings,
      ...(most === undefined ? [] : limited('maxOutputTokens', maxOutputTokens, most)),
      ...lost.flatMap((parameter) => (parameter === undefined ? [] : [{ type: 'parameter-dropped' as const, parameter }])),
    ],
  };
}

function reasoningOf(effort: GenerateRequest['reasoningEffort'], refused: string | undefined): object {
  if (refused === 'reasoning') return {};
  return {
    ...(effort !== undefined && refused !== 'reasoning.effort' && { effort }),
    ...(effort !== 'none' && refused !== 'reasoning.summary' && { summary: 'auto' }),
  };
}

function toolFields(tools: readonly Tool[] = [], toolChoice: ToolChoice | undefined): object {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(({ name, description, parameters }) => ({
      type: 'function',
      name,
      ...(description !== undefined && { description }),
      parameters,
      // Unlike Chat Completions this API enforces every schema unless told otherwise, and refuses those that it cannot.
      strict: false,
    })),
    ...(toolChoice !== undefined && {
      tool_choice: typeof toolChoice === 'string' ? toolChoice : { type: 'function', name: toolChoice.name },
    }),
  };
}

function formatFields(format: ResponseFormat | undefined): object {
  if (format?.type !== 'json-schema') return {};
  const name = (format.name ?? '').replace(/[^\w-]/g, '_').slice(0, 64) || 'answer';
  return { text: { format: { type: 'json_schema', name, schema: format.schema, strict: isStrictSchema(format.schema) } } };
}
