/** Owns the reading of KoboldCPP's answers: its events, its whole documents, and the statistics that tell why and how long. No input or output. */

import * as v from 'valibot';
import { backendError } from '../../protocol/errors';
import type { FinishReason, Usage } from '../../protocol/generate';
import { tokensOfText } from '../../protocol/token-estimate';
import { toBackendError } from '../backend-failure';
import { complaintOf } from '../http';
import type { SseEvent } from '../sse';
import type { KoboldCppRequest } from './koboldcpp-request';

const count = v.fallback(v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))), undefined);
const reason = v.fallback(v.nullish(v.string()), undefined);
const tokenSchema = v.object({ token: v.nullish(v.string()), finish_reason: reason });
const wholeSchema = v.object({
  results: v.pipe(
    v.array(v.object({ text: v.string(), finish_reason: reason, prompt_tokens: count, completion_tokens: count })),
    v.minLength(1),
  ),
});
const perfSchema = v.object({
  last_token_count: count,
  last_input_count: count, // absent in 1.77
  last_seed: count,
  stop_reason: v.fallback(v.nullish(v.number()), undefined),
  queue: count,
  idle: count,
});

export interface Piece {
  readonly text: string;
  /** Set once the generation is over; empty where the server does not say why. */
  readonly reason?: string;
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
}

/** One event of the stream, undefined for one that carries nothing. Throws AiError: `interrupted`, `malformed`, or what an `error` means. */
export function readToken({ data, complete }: SseEvent): Piece | undefined {
  if (data.trim() === '') return undefined;
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    if (!complete) throw backendError('interrupted', 'The answer broke off.');
    throw backendError('malformed', 'The backend sent broken JSON.');
  }
  const parsed = v.safeParse(tokenSchema, throwComplaint(json));
  if (!parsed.success) throw backendError('malformed', 'The backend sent an event that is none of KoboldCPP’s.');
  const { token, finish_reason: raw } = parsed.output;
  // 1.77 writes the word "null" while there is no reason yet.
  return { text: token ?? '', ...(raw != null && raw !== 'null' && { reason: raw }) };
}

/** The whole answer of a version that does not stream. A generation that failed answers `null`. */
export function readWhole(json: unknown): Piece {
  if (json === null) throw backendError('server', 'The backend failed to generate.');
  const parsed = v.safeParse(wholeSchema, throwComplaint(json));
  const result = parsed.success ? parsed.output.results[0] : undefined;
  if (result === undefined) throw backendError('malformed', 'The backend sent an answer without its result.');
  const { text, finish_reason: raw, prompt_tokens, completion_tokens } = result;
  return {
    text,
    reason: raw ?? '',
    inputTokens: prompt_tokens ?? undefined,
    outputTokens: completion_tokens ?? undefined,
  };
}

function throwComplaint(json: unknown): unknown {
  const complaint = complaintOf(json);
  if (complaint !== undefined) throw toBackendError(complaint, { isLocal: true, shouldRetry: false });
  return json;
}

export interface Perf {
  readonly seed: number | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** 0 out of tokens, 1 end of text, 2 stop sequence, below 0 failed. */
  readonly stopReason: number | undefined;
  /** Where a request that comes now stands in the queue; 0 where it starts at once. */
  readonly position: number;
}

/** The statistics of `/api/extra/perf`, which are about the last generation, whoever's that was. */
export function readPerf(json: unknown): Perf | undefined {
  const parsed = v.safeParse(perfSchema, json);
  if (!parsed.success) return undefined;
  const { last_seed, last_input_count, last_token_count, stop_reason, queue, idle } = parsed.output;
  return {
    seed: last_seed ?? undefined,
    inputTokens: last_input_count ?? undefined,
    outputTokens: last_token_count ?? undefined,
    stopReason: stop_reason ?? undefined,
    position: idle === 0 ? (queue ?? 0) + 1 : 0,
  };
}

/**
 * Why the text ended. `stop` is the end-of-text token alone: a stop sequence ends with `length` too, and only statistics or a count tell it
 * from the limit. Throws AiError `server` for a generation that failed.
 * @param perf of this very generation
 */
export function reasonOf(last: Piece, said: string, { length }: KoboldCppRequest, perf: Perf | undefined): FinishReason {
  const raw = last.reason ?? '';
  const isFailure = raw === 'error' || (perf?.stopReason ?? 0) < 0;
  const isStop = raw === 'stop' || perf?.stopReason === 1 || perf?.stopReason === 2;
  const isShort = perf?.stopReason === undefined && last.outputTokens !== undefined && last.outputTokens < length;
  // An empty text with neither an end nor a stop sequence is how a failed generation looks otherwise.
  if (isFailure || (said === '' && !isStop && !isShort)) throw backendError('server', 'The backend failed to generate.');
  if (isStop || (raw === 'length' && isShort)) return 'stop';
  return raw === 'length' ? 'length' : 'other';
}

/** What the server counted, else an estimate. */
export function usageOf(last: Piece, said: string, { prompt }: KoboldCppRequest, perf: Perf | undefined): Usage {
  const inputTokens = last.inputTokens ?? perf?.inputTokens;
  const outputTokens = last.outputTokens ?? perf?.outputTokens;
  return {
    inputTokens: inputTokens ?? Math.ceil(tokensOfText(prompt)),
    outputTokens: outputTokens ?? Math.ceil(tokensOfText(said)),
    estimated: inputTokens === undefined || outputTokens === undefined,
  };
}
