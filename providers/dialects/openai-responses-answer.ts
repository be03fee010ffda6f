/** Owns the reading of the Responses API's answers, streamed or whole: events in, neutral parts out. It does no input or output of its own. */

import * as v from 'valibot';
import { backendError } from '../../protocol/errors';
import type { FinishReason, StreamPart, Usage, Warning } from '../../protocol/generate';
import { toBackendError } from '../backend-failure';
import { createStopCutter } from '../stop-sequences';

const text = v.nullish(v.string());
const count = v.fallback(v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))), undefined);
const usageSchema = v.object({
  input_tokens: count,
  input_tokens_details: v.nullish(v.object({ cached_tokens: count })),
  output_tokens: count,
  output_tokens_details: v.nullish(v.object({ reasoning_tokens: count })),
});
const itemSchema = v.object({
  type: v.string(),
  call_id: text,
  name: text,
  arguments: text,
  content: v.fallback(v.nullish(v.array(v.object({ type: v.string(), text, refusal: text }))), undefined),
  summary: v.fallback(v.nullish(v.array(v.object({ text }))), undefined),
});
const responseSchema = v.object({
  model: text,
  status: text,
  error: v.optional(v.unknown()),
  incomplete_details: v.nullish(v.object({ reason: text })),
  output: v.nullish(v.array(itemSchema)),
  usage: v.fallback(v.nullish(usageSchema), undefined),
});
const eventSchema = v.object({
  type: v.string(),
  delta: text,
  summary_index: v.nullish(v.number()),
  item: v.nullish(itemSchema),
  response: v.nullish(responseSchema),
  timings: v.optional(v.unknown()), // llama.cpp's server
});

type Item = v.InferOutput<typeof itemSchema>;
type Response = v.InferOutput<typeof responseSchema>;

export interface ResponsesAnswerOptions {
  readonly model: string;
  readonly warnings: readonly Warning[];
  readonly cutStops: readonly string[];
  /** How many tokens were asked for at most. */
  readonly most?: number | undefined;
}

export interface ResponsesAnswer {
  /** One event's data. Throws AiError: `malformed`, or what a failure in it means. */
  take(json: unknown): StreamPart[];
  /** A document that is the whole answer. Throws as `take` does. */
  takeWhole(json: unknown): StreamPart[];
  /** What was held back, usage and the finish. Throws AiError `interrupted` where the answer has not ended. */
  end(): StreamPart[];
  /** It has ended, or was cut at a stop sequence: nothing more is wanted. */
  readonly isFinished: boolean;
}

const endings: ReadonlySet<string> = new Set(['completed', 'incomplete', 'failed', 'cancelled']);
const malformed = () => backendError('malformed', 'The backend sent something that is no part of an answer.');

/** The vendor's own retries are over and the answer may have begun: nobody tries again. */
const failed = (complaint: unknown) => toBackendError(complaint, { isLocal: false, shouldRetry: false });

export function createResponsesAnswer({ model, warnings, cutStops, most }: ResponsesAnswerOptions): ResponsesAnswer {
  const cutter = createStopCutter(cutStops);
  let answeredBy = model;
  let hasStarted = false;
  let calls = 0;
  let ending: Response | undefined;
  let isLlamaCpp = false;

  /** A failure comes after the first events, so that the answer starts with its first content only: until then another backend can answer. */
  const content = (parts: readonly StreamPart[]): StreamPart[] => {
    if (hasStarted || parts.length === 0) return [...parts];
    hasStarted = true;
    return [{ type: 'start', model: answeredBy, warnings }, ...parts];
  };

  const say = (words: string): StreamPart[] => {
    const shown = cutter.push(words);
    return shown === '' ? [] : [{ type: 'text-delta', text: shown }];
  };
  const think = (words: string): StreamPart[] => (words === '' ? [] : [{ type: 'reasoning-delta', text: words }]);

  const call = ({ call_id, name, arguments: json }: Item): StreamPart[] => {
    if (!name) throw backendError('malformed', 'The backend sent a tool call without a name.');
    if (cutter.stopped) return [];
    calls += 1;
    return [{ type: 'tool-call', id: call_id || `call_${calls}`, name, arguments: json || '{}' }];
  };

  const takeItem = (item: Item): StreamPart[] => {
    if (item.type === 'function_call') return call(item);
    if (item.type === 'reasoning') return think((item.summary ?? []).map((part) => part.text ?? '').join('\n\n'));
    return (item.content ?? []).flatMap((part) => say(part.text ?? part.refusal ?? ''));
  };

  const takeResponse = (response: Response): void => {
    answeredBy = response.model || answeredBy;
    if (response.status === 'failed' || response.status === 'cancelled') throw failed({ error: response.error });
    if (endings.has(response.status ?? '')) ending = response;
  };

  return {
    take(json) {
      const parsed = v.safeParse(eventSchema, json);
      if (!parsed.success) throw malformed();
      const { type, delta, summary_index, item, response, timings } = parsed.output;
      isLlamaCpp ||= timings !== undefined;
      // The reference has the fields of an error beside its type; recorded ones have them inside.
      if (type === 'error') throw failed(json);
      if (response != null) takeResponse(response);
      switch (type) {
        case 'response.output_text.delta':
        case 'response.refusal.delta':
          // A refusal is what the model says, in the place of what was asked.
          return content(say(delta ?? ''));
        case 'response.reasoning_summary_text.delta':
        case 'response.reasoning_text.delta':
          return content(think(delta ?? ''));
        case 'response.reasoning_summary_part.added':
          return content(think((summary_index ?? 0) > 0 ? '\n\n' : ''));
        case 'response.output_item.done':
          return item?.type === 'function_call' ? content(call(item)) : [];
        default:
          return [];
      }
    },
    takeWhole(json) {
      const parsed = v.safeParse(responseSchema, json);
      if (!parsed.success || !endings.has(parsed.output.status ?? '')) throw malformed();
      takeResponse(parsed.output);
      return content((parsed.output.output ?? []).flatMap(takeItem));
    },
    end() {
      if (ending === undefined && !cutter.stopped) throw backendError('interrupted', 'The answer broke off.');
      const rest = cutter.end();
      return content([
        ...(rest === '' ? [] : [{ type: 'text-delta', text: rest } as const]),
        ...(ending?.usage == null ? [] : [{ type: 'usage', usage: toUsage(ending.usage) } as const]),
        finishPart(cutter.stopped ? undefined : ending, calls, isLlamaCpp ? most : undefined),
      ]);
    },
    get isFinished() {
      return ending !== undefined || cutter.stopped;
    },
  };
}

const reasons: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['max_output_tokens', 'length'],
  ['content_filter', 'content-filter'],
]);

/**
 * @param ending absent where the answer was cut on our side
 * @param most of a server that calls every answer completed (llama.cpp): all the tokens that it was allowed are the only sign that the limit
 *   ended it. OpenAI says so itself, and is believed
 */
function finishPart(ending: Response | undefined, calls: number, most: number | undefined): StreamPart {
  if (ending === undefined) return { type: 'finish', reason: 'stop' };
  if (ending.status !== 'incomplete') {
    const isFull = most !== undefined && (ending.usage?.output_tokens ?? 0) >= most;
    return { type: 'finish', reason: calls > 0 ? 'tool-calls' : isFull ? 'length' : 'stop', rawReason: 'completed' };
  }
  const rawReason = ending.incomplete_details?.reason ?? 'incomplete';
  return { type: 'finish', reason: reasons.get(rawReason) ?? 'other', rawReason };
}

const toUsage = (wire: v.InferOutput<typeof usageSchema>): Usage => ({
  inputTokens: wire.input_tokens ?? undefined,
  outputTokens: wire.output_tokens ?? undefined,
  reasoningTokens: wire.output_tokens_details?.reasoning_tokens ?? undefined,
  cachedTokens: wire.input_tokens_details?.cached_tokens ?? undefined,
  estimated: false,
});
