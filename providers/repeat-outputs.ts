/** Owns several answers from a backend that gives one at a time: the same request again and again, numbered as if it were one. */

import type { GenerateRequest, StreamPart, Usage } from '../protocol/generate';
import type { Provider } from './provider';

/**
 * Runs `generateOne` once per output, one after the other: a local server has one slot anyway. Yields `start` once, usage as the sum so far
 * after each run, and each `finish` at the end. A seed counts up, or all answers would be the same.
 */
export async function* repeatOutputs(
  generateOne: Provider['generate'],
  { outputs = 1, ...request }: GenerateRequest,
  signal: AbortSignal,
): AsyncGenerator<StreamPart, void, undefined> {
  const finishes: StreamPart[] = [];
  let total: Usage | undefined;
  for (let output = 0; output < outputs; output++) {
    const seed = request.seed === undefined ? {} : { seed: request.seed + output };
    const numbered = output > 0 ? { output } : {};
    for await (const part of generateOne({ ...request, ...seed }, signal)) {
      if (part.type === 'start') {
        if (output === 0) yield part;
      } else if (part.type === 'usage') {
        total = total === undefined ? part.usage : sumOf(total, part.usage);
        yield { type: 'usage', usage: total };
      } else if (part.type === 'finish') {
        finishes.push({ ...part, ...numbered });
      } else {
        yield part.type === 'error' || part.type === 'progress' ? part : { ...part, ...numbered };
      }
    }
  }
  yield* finishes;
}

/** What two requests used together; what is unknown of one is unknown of both. */
export function sumOf(left: Usage, right: Usage): Usage {
  const names = ['inputTokens', 'outputTokens', 'reasoningTokens', 'cachedTokens', 'cacheWriteTokens', 'costMicroUsd'] as const;
  const known = names.filter((name) => left[name] !== undefined && right[name] !== undefined);
  const sums = Object.fromEntries(known.map((name) => [name, (left[name] ?? 0) + (right[name] ?? 0)]));
  return { ...sums, estimated: left.estimated || right.estimated };
}
