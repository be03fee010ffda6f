/** Owns the end of one call upstream: the caller's abort, the time-outs and the clean-up all end it through one signal. */

import { AiError, backendError } from '../protocol/errors';
import type { Clock } from './clock';

export interface Lifeline {
  /** Goes to `fetch`. Its reason is always the AiError to throw. */
  readonly signal: AbortSignal;
  /** Settles as the promise does, or rejects at once when the call ends. Waiting longer than `patience` ends the call with a time-out. */
  wait<Value>(promise: Promise<Value>, patience: number): Promise<Value>;
  sleep(milliseconds: number): Promise<void>;
  /** Closes what is still open upstream. */
  close(): void;
}

/**
 * @param caller what aborts from outside; it ends the call with code `aborted`
 * @param total milliseconds after which the call ends whatever it does, with fault `timeout`
 */
export function createLifeline(caller: AbortSignal, clock: Clock, total: number): Lifeline {
  const controller = new AbortController();
  const { signal } = controller;
  const abort = (): void => controller.abort(new AiError('aborted', 'The request was aborted.'));
  const timeOut = (): void => controller.abort(backendError('timeout', 'The backend took too long.'));
  if (caller.aborted) abort();
  else caller.addEventListener('abort', abort, { once: true });
  const cancelTotal = clock.after(total, timeOut);

  function wait<Value>(promise: Promise<Value>, patience: number): Promise<Value> {
    return new Promise((resolve, reject) => {
      const onEnd = (): void => {
        cleanUp();
        reject(signal.reason);
      };
      const cancelTimer = clock.after(patience, timeOut);
      const cleanUp = (): void => {
        cancelTimer();
        signal.removeEventListener('abort', onEnd);
      };
      promise.then(
        (value) => {
          cleanUp();
          resolve(value);
        },
        (error: unknown) => {
          cleanUp();
          reject(error);
        },
      );
      if (signal.aborted) onEnd();
      else signal.addEventListener('abort', onEnd, { once: true });
    });
  }

  return {
    signal,
    wait,
    async sleep(milliseconds) {
      let cancel = (): void => undefined;
      const slept = new Promise<void>((resolve) => {
        cancel = clock.after(milliseconds, resolve);
      });
      try {
        // Only the total bounds a sleep: its length is chosen by us.
        await wait(slept, total);
      } finally {
        cancel();
      }
    },
    close() {
      cancelTotal();
      caller.removeEventListener('abort', abort);
      abort();
    },
  };
}
