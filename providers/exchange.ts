/** Owns the frame of everything that is asked of a backend: its lifeline, its clean-up, and the one error that ends it. */

import { toAiError } from '../protocol/errors';
import type { StreamPart } from '../protocol/generate';
import { limits } from '../protocol/limits';
import type { Clock } from './clock';
import { createLifeline, type Lifeline } from './lifeline';

/**
 * One completion: passes on what `run` yields and closes the socket when that ends, in whatever way. Throws AiError: what `run` threw, or the
 * lifeline's reason (`aborted`, `timeout`) where that ended it.
 */
export async function* exchange(
  signal: AbortSignal,
  clock: Clock,
  run: (lifeline: Lifeline) => AsyncIterable<StreamPart>,
): AsyncGenerator<StreamPart, void, undefined> {
  const lifeline = createLifeline(signal, clock, limits.requestTimeout);
  try {
    yield* run(lifeline);
  } catch (error) {
    throw lifeline.signal.aborted ? lifeline.signal.reason : toAiError(error);
  } finally {
    lifeline.close();
  }
}

/** One short question, a model list for example; bounded by `limits.probeTimeout`. Throws as `exchange` does. */
export async function errand<Value>(
  signal: AbortSignal,
  clock: Clock,
  run: (lifeline: Lifeline) => Promise<Value>,
): Promise<Value> {
  const lifeline = createLifeline(signal, clock, limits.probeTimeout);
  try {
    return await run(lifeline);
  } catch (error) {
    throw lifeline.signal.aborted ? lifeline.signal.reason : toAiError(error);
  } finally {
    lifeline.close();
  }
}
