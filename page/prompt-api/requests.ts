/** Calls of the Prompt API to the background, as promises that an AbortSignal ends. */

import type { PageError } from '../../protocol/errors';
import type { StreamPart } from '../../protocol/generate';
import type { PageCall } from '../../protocol/page-messages';
import type { PageClient } from '../client';
import { abortedOf, listen, NativePromise, reasonOf, unlisten } from '../realm';

/**
 * Calls back once with the reason, at once where it is aborted already.
 * @returns how to stop following
 */
export function follow(signal: AbortSignal | undefined, onAbort: (reason: unknown) => void): () => void {
  const stop = () => signal && unlisten(signal, 'abort', aborted);
  const aborted = () => {
    stop();
    onAbort(reasonOf(signal as AbortSignal));
  };
  if (signal) {
    if (abortedOf(signal)) aborted();
    else listen(signal, 'abort', aborted);
  }
  return stop;
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal && abortedOf(signal)) throw reasonOf(signal);
}

interface Options {
  readonly signal?: AbortSignal | undefined;
  readonly toError: (error: PageError) => unknown;
  readonly onPart?: (part: StreamPart) => void;
}

/** Rejects with the reason of the signal as soon as it is aborted, which takes the call back. */
export const request = <Value>(client: PageClient, call: PageCall, { signal, toError, onPart }: Options): Promise<Value> =>
  new NativePromise((resolve, reject) => {
    const cancel = client.start(call, {
      onPart: (part) => onPart?.(part),
      onEnd(value) {
        leave();
        resolve(value as Value);
      },
      onError(error) {
        leave();
        reject(toError(error));
      },
    });
    const leave = follow(signal, (reason) => {
      cancel();
      reject(reason);
    });
  });
