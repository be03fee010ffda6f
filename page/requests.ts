/** Calls of a page to the background, as promises and streams that an AbortSignal ends. */

import type { PageError } from '../protocol/errors';
import type { StreamPart } from '../protocol/generate';
import type { PageCall } from '../protocol/page-messages';
import type { PageClient } from './client';
import {
  abort,
  abortedOf,
  chain,
  closeStream,
  enqueue,
  failStream,
  listen,
  NativeAbortController,
  NativePromise,
  NativeReadableStream,
  reasonOf,
  signalOf,
  unlisten,
} from './realm';

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

interface Options<Value> {
  readonly signal?: AbortSignal | undefined;
  readonly toError: (error: PageError) => unknown;
  readonly onPart?: (part: StreamPart) => void;
  readonly onWaiting?: () => void;
  /** What the promise is fulfilled with. @defaultValue what the background answered, which page-messages.ts says */
  readonly read?: (value: unknown) => Value;
}

/** Rejects with the reason of the signal as soon as it is aborted, which takes the call back; before it was made, there is none. */
export const request = <Value>(client: PageClient, call: PageCall, options: Options<Value>): Promise<Value> =>
  new NativePromise((resolve, reject) => {
    const { signal, toError, onPart, onWaiting, read } = options;
    throwIfAborted(signal);
    const cancel = client.start(call, {
      onWaiting: () => onWaiting?.(),
      onPart: (part) => onPart?.(part),
      onEnd(value) {
        leave();
        resolve(read ? read(value) : (value as Value));
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

/**
 * A stream of what `run` hands out until its promise is settled. Whoever cancels it, or aborts `signal`, aborts the signal that `run` gets.
 * What `run` throws fails the stream.
 */
export function streamed<Chunk>(
  signal: AbortSignal | undefined,
  run: (push: (chunk: Chunk) => void, signal: AbortSignal) => Promise<unknown>,
): ReadableStream<Chunk> {
  const stopping = new NativeAbortController();
  const source = {
    // A page may have put members of its own where every object looks.
    __proto__: null,
    start(controller: ReadableStreamDefaultController<Chunk>) {
      const leave = follow(signal, (reason) => abort(stopping, reason));
      const onError = (error: unknown) => {
        leave();
        failStream(controller, error);
      };
      try {
        const done = run((chunk) => enqueue(controller, chunk), signalOf(stopping));
        chain(
          done,
          () => {
            leave();
            closeStream(controller);
          },
          onError,
        );
      } catch (error) {
        onError(error);
      }
    },
    cancel: (reason: unknown) => abort(stopping, reason),
  };
  return new NativeReadableStream(source as UnderlyingDefaultSource<Chunk>);
}
