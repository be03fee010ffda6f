/**
 * The port channel: requests, streams, aborts, back-pressure and pushed events between two contexts of the browser.
 * It carries frames and owns their bookkeeping; what a call means is the business of whoever serves it.
 */

import { AiError, type PageError, type PersonError } from './errors';
import type { StreamPart } from './generate';
import { newRequestId, type RequestId, toRequestId } from './ids';
import { limits } from './limits';

/** The part of `runtime.Port` that a channel needs. */
export interface ChannelPort {
  postMessage(message: unknown): void;
  disconnect(): void;
  readonly onMessage: { addListener(listener: (message: unknown) => void): void };
  readonly onDisconnect: { addListener(listener: () => void): void };
}

/** From the caller. `activated` is stamped by the relay: the person has used this document. */
export type ClientFrame<Call> =
  | { readonly v: 1; readonly type: 'request'; readonly id: RequestId; readonly call: Call; readonly activated: boolean }
  | { readonly v: 1; readonly type: 'abort'; readonly id: RequestId }
  /** The reader is done with so many characters. */
  | { readonly v: 1; readonly type: 'taken'; readonly id: RequestId; readonly chars: number }
  | { readonly v: 1; readonly type: 'ping' };

/** To the caller. `end` and `error` settle a request; nothing follows them. For what it waits, a page must not learn (security.md T45). */
export type ServerFrame<Event = unknown> =
  | { readonly v: 1; readonly type: 'waiting'; readonly id: RequestId }
  | { readonly v: 1; readonly type: 'running'; readonly id: RequestId }
  | { readonly v: 1; readonly type: 'parts'; readonly id: RequestId; readonly parts: readonly StreamPart[] }
  | { readonly v: 1; readonly type: 'end'; readonly id: RequestId; readonly value?: unknown }
  | { readonly v: 1; readonly type: 'error'; readonly id: RequestId; readonly error: PageError | PersonError }
  | { readonly v: 1; readonly type: 'event'; readonly event: Event };

/** How a served call answers while it runs. */
export interface Reply {
  readonly id: RequestId;
  readonly activated: boolean;
  /** Aborted by the caller, or because the port is gone. */
  readonly signal: AbortSignal;
  waiting(): void;
  running(): void;
  /** Resolves when the reader has room for more: await it before reading on from the backend. */
  parts(parts: readonly StreamPart[]): Promise<void>;
}

export interface ChannelServer<Event> {
  push(event: Event): void;
  disconnect(): void;
}

interface ServeOptions<Call> {
  /** The edge: unknown in, a frame or undefined out. */
  readonly parse: (message: unknown) => ClientFrame<Call> | undefined;
  /** Resolves to the value of `end`; whatever it throws becomes `error`. */
  readonly handle: (call: Call, reply: Reply) => Promise<unknown>;
  /** What the other side may know of an error. */
  readonly toError: (error: unknown) => PageError | PersonError;
  /** The port is gone, whoever closed it: a browser tells only the other side. */
  readonly onClose?: () => void;
}

/** Characters a part weighs in the window. Client and server must agree. */
function weightOf(part: StreamPart): number {
  if (part.type === 'text-delta' || part.type === 'reasoning-delta') return part.text.length;
  return part.type === 'tool-call' ? part.arguments.length : 0;
}

/** The id of a frame that is otherwise wrong. */
function idOf(message: unknown): RequestId | undefined {
  if (typeof message !== 'object' || message === null || !('id' in message)) return undefined;
  const { id } = message;
  return typeof id === 'string' && id.length <= limits.idChars ? toRequestId(id) : undefined;
}

interface Running {
  readonly abort: AbortController;
  untaken: number;
  /** Deliveries that wait for room. */
  room: (() => void)[];
}

function makeRoom(state: Running): void {
  for (const go of state.room.splice(0)) go();
}

/** Serves calls on a port until it disconnects; then every running call is aborted. */
export function serveChannel<Call, Event = never>(port: ChannelPort, options: ServeOptions<Call>): ChannelServer<Event> {
  const running = new Map<RequestId, Running>();
  let malformed = 0;
  let connected = true;

  const post = (frame: ServerFrame<Event>) => {
    if (connected) port.postMessage(frame);
  };

  const refuse = (id: RequestId, error: AiError) => post({ v: 1, type: 'error', id, error: options.toError(error) });

  const disconnected = () => {
    if (!connected) return;
    connected = false;
    for (const state of running.values()) {
      state.abort.abort(new AiError('aborted', 'The caller is gone.'));
      makeRoom(state);
    }
    running.clear();
    options.onClose?.();
  };

  const start = async (id: RequestId, call: Call, activated: boolean) => {
    const state: Running = { abort: new AbortController(), untaken: 0, room: [] };
    running.set(id, state);
    let hasWaited = false;
    const reply: Reply = {
      id,
      activated,
      signal: state.abort.signal,
      waiting() {
        if (!hasWaited) post({ v: 1, type: 'waiting', id });
        hasWaited = true;
      },
      running: () => post({ v: 1, type: 'running', id }),
      async parts(parts) {
        post({ v: 1, type: 'parts', id, parts });
        for (const part of parts) state.untaken += weightOf(part);
        if (state.untaken <= limits.window || state.abort.signal.aborted) return;
        await new Promise<void>((resolve) => state.room.push(resolve));
      },
    };
    try {
      const value = await options.handle(call, reply);
      post({ v: 1, type: 'end', id, ...(value !== undefined && { value }) });
    } catch (error) {
      post({ v: 1, type: 'error', id, error: options.toError(error) });
    } finally {
      if (running.get(id) === state) running.delete(id);
    }
  };

  const release = (id: RequestId, chars: number) => {
    const state = running.get(id);
    if (!state) return;
    state.untaken = Math.max(0, state.untaken - chars);
    if (state.untaken <= limits.window) makeRoom(state);
  };

  port.onDisconnect.addListener(disconnected);
  port.onMessage.addListener((message) => {
    const frame = options.parse(message);
    if (!frame) {
      malformed += 1;
      // Whatever carries an id gets an answer: no promise hangs, not even that of a caller who is wrong.
      const id = idOf(message);
      if (id !== undefined && !running.has(id)) refuse(id, new AiError('invalid-request', 'The request is malformed.'));
      if (malformed < limits.malformedFrames) return;
      disconnected();
      port.disconnect();
      return;
    }
    switch (frame.type) {
      case 'request': {
        if (running.has(frame.id)) return refuse(frame.id, new AiError('invalid-state', 'This request id is in use.'));
        return void start(frame.id, frame.call, frame.activated);
      }
      case 'abort': {
        const state = running.get(frame.id);
        state?.abort.abort(new AiError('aborted', 'The caller aborted the request.'));
        return state && makeRoom(state);
      }
      case 'taken':
        return release(frame.id, frame.chars);
      case 'ping':
        return;
    }
  });

  return {
    push: (event) => post({ v: 1, type: 'event', event }),
    disconnect() {
      disconnected();
      port.disconnect();
    },
  };
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onParts?: (parts: readonly StreamPart[]) => void;
}

export interface Caller<Call> {
  /** Resolves to the value of `end`. Rejects with an AiError: the server's, `aborted`, or `interrupted` when the port is gone. */
  call(call: Call, options?: CallOptions): Promise<unknown>;
  /** The parts of a streamed call, pulled at the reader's pace. */
  stream(call: Call, signal: AbortSignal): AsyncIterable<StreamPart>;
}

interface Pending {
  readonly onParts: ((parts: readonly StreamPart[]) => void) | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: AiError) => void;
}

/** The calling side, for contexts that are ours. (Hostile pages have their own: page/client.ts.) */
export function createCaller<Call, Event = unknown>(
  port: ChannelPort,
  listeners: { readonly onEvent?: (event: Event) => void; readonly onClose?: () => void } = {},
): Caller<Call> {
  const pending = new Map<RequestId, Pending>();
  const gone = () => new AiError('interrupted', 'The other side of the port is gone.');
  let connected = true;
  const post = (frame: ClientFrame<Call>) => {
    if (connected) port.postMessage(frame);
  };

  port.onMessage.addListener((message) => {
    const frame = message as ServerFrame<Event>;
    if (frame.type === 'event') return listeners.onEvent?.(frame.event);
    const waiting = pending.get(frame.id);
    if (!waiting) return;
    if (frame.type === 'parts') return waiting.onParts?.(frame.parts);
    if (frame.type !== 'end' && frame.type !== 'error') return;
    pending.delete(frame.id);
    if (frame.type === 'end') return waiting.resolve(frame.value);
    return waiting.reject(new AiError(frame.error.code, 'The call failed.', frame.error));
  });
  port.onDisconnect.addListener(() => {
    connected = false;
    for (const { reject } of pending.values()) reject(gone());
    pending.clear();
    listeners.onClose?.();
  });

  const begin = (call: Call, { signal, onParts }: CallOptions, id: RequestId) =>
    new Promise<unknown>((resolve, reject) => {
      if (signal?.aborted) return reject(new AiError('aborted', 'Aborted before it began.'));
      if (!connected) return reject(gone());
      const abort = () => {
        post({ v: 1, type: 'abort', id });
        pending.delete(id);
        reject(new AiError('aborted', 'The request was aborted.'));
      };
      const settled = () => signal?.removeEventListener('abort', abort);
      signal?.addEventListener('abort', abort, { once: true });
      pending.set(id, {
        onParts,
        resolve: (value) => {
          settled();
          resolve(value);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      post({ v: 1, type: 'request', id, call, activated: true });
    });

  return {
    call: (call, options = {}) => begin(call, options, newRequestId()),

    async *stream(call, signal) {
      const id = newRequestId();
      const queue: StreamPart[] = [];
      let wake: (() => void) | undefined;
      let outcome: { readonly error?: unknown } | undefined;
      const stop = new AbortController();
      const onParts = (parts: readonly StreamPart[]) => {
        for (const part of parts) queue.push(part);
        wake?.();
      };
      const finished = (error?: unknown) => {
        outcome = { error };
        wake?.();
      };
      begin(call, { signal: AbortSignal.any([signal, stop.signal]), onParts }, id).then(() => finished(), finished);
      try {
        while (true) {
          const part = queue.shift();
          if (part) {
            post({ v: 1, type: 'taken', id, chars: weightOf(part) });
            yield part;
          } else if (outcome) {
            if (outcome.error !== undefined) throw outcome.error;
            return;
          } else {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      } finally {
        if (!outcome) stop.abort();
      }
    },
  };
}
