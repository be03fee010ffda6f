/** Owns what KoboldAI and KoboldCPP have in common: what neither can do, how they say that they are busy. */

import * as v from 'valibot';
import { AiError, backendError } from '../../protocol/errors';
import type { GenerateRequest, StreamPart, Warning } from '../../protocol/generate';
import { limits } from '../../protocol/limits';
import type { Clock } from '../clock';
import { type Answer, createHttp, type Http } from '../http';
import { koboldRoot } from '../kobold-root';
import type { Lifeline } from '../lifeline';
import { addressOf } from '../place';
import type { CatalogRow, ProviderContext } from '../provider';
import { lostSamplers } from '../samplers';

export interface KoboldServer {
  readonly http: Http;
  /** The address of a path below the server. Throws AiError `unavailable` where the connection has none. */
  at(path: string): string;
}

export function createKoboldServer(row: CatalogRow, { connection, fetch }: ProviderContext, clock: Clock): KoboldServer {
  return {
    // Somebody's own machine wherever it stands: a tunnel makes it no faster.
    http: createHttp({ fetch, clock, isLocal: true, headers: row.headers ?? {} }),
    at: (path) => koboldRoot(addressOf(row, connection)) + path,
  };
}

/** Whether a version such as `1.102` is this one or a later one; `1.102` comes after `1.30`. */
export function isAtLeast(version: string, needed: readonly number[]): boolean {
  const numbers = version.split('.').map((number) => Number.parseInt(number, 10) || 0);
  const difference = needed.map((number, index) => (numbers[index] ?? 0) - number).find((value) => value !== 0);
  return (difference ?? 0) >= 0;
}

const resultSchema = v.object({ result: v.string() });
const valueSchema = v.object({ value: v.pipe(v.number(), v.integer()) });

/** `{"result": "…"}`; throws AiError `malformed`. */
export function readResult(json: unknown): string {
  const parsed = v.safeParse(resultSchema, json);
  if (!parsed.success) throw backendError('malformed', 'The backend sent something else than a Kobold server does.');
  return parsed.output.result;
}

/** `{"value": 1}`, undefined for anything else and below 1. */
export function readValue(json: unknown): number | undefined {
  const parsed = v.safeParse(valueSchema, json);
  return parsed.success && parsed.output.value >= 1 ? parsed.output.value : undefined;
}

/** What an older version does not know, which it says with one of these statuses, is undefined instead of the error. */
export async function ifKnown<Value>(
  asked: Promise<Value>,
  statuses: readonly number[] = [404, 405],
): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof AiError && error.status !== undefined && statuses.includes(error.status)) return undefined;
    throw error;
  }
}

/** Throws AiError `not-supported`: a text without its tools would be another question. */
export function refuseTools({ tools = [] }: GenerateRequest): void {
  if (tools.length > 0) throw backendError('not-supported', 'This backend only continues text.', { field: 'tools' });
}

/** @param taken names of the samplers that the backend has */
export function droppedSamplers(request: GenerateRequest, taken: ReadonlySet<string>): readonly Warning[] {
  const lost = [
    ...lostSamplers(request, (name) => taken.has(name)),
    ...(request.reasoningEffort === undefined || request.reasoningEffort === 'none' ? [] : ['reasoningEffort']),
  ];
  return lost.map((parameter) => ({ type: 'parameter-dropped', parameter }));
}

/** Only in these words: a tunnel that answers 503 has another trouble. */
const isBusy = (error: unknown): error is AiError =>
  error instanceof AiError && error.status === 503 && /server is busy|too quickly/i.test(error.detail ?? '');

/**
 * Asks again while the one GPU works for somebody else, `limits.busyTries` times at most; says so once. Throws what `ask` throws.
 * @param ask gets which errors are tried again by itself
 */
export async function* whenFree(
  ask: (retries: (error: AiError) => boolean) => Promise<Answer>,
  lifeline: Lifeline,
  clock: Clock,
): AsyncGenerator<StreamPart, Answer, undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask((error) => !isBusy(error));
    } catch (error) {
      if (!isBusy(error) || attempt >= limits.busyTries) throw error;
    }
    if (attempt === 1) yield { type: 'progress', stage: 'queued' };
    // Spread, so that two who wait do not come back together.
    await lifeline.sleep(2 * limits.busyPause * clock.random());
  }
}

/** The space between the template's last word and the answer's first belongs to neither. */
export function createLeadTrimmer(): (text: string) => string {
  let isFirst = true;
  return (text) => {
    if (!isFirst || text === '') return text;
    isFirst = false;
    return text.replace(/^ /, '');
  };
}
