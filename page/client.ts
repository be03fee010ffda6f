/** The page's side of the channel: calls over the private port to the relay, each of which settles. It knows frames, not what a dialect makes of them. */

import type { ServerFrame } from '../protocol/channel';
import type { PageError } from '../protocol/errors';
import type { StreamPart } from '../protocol/generate';
import type { RequestId } from '../protocol/ids';
import * as limits from '../protocol/page-limits';
import type { PageCall, PageEvent } from '../protocol/page-messages';
import { each, keysOf } from './lists';
import type { PagePort } from './page-port';
import { createObject, dataOf, later } from './realm';

export interface CallHandlers {
  /** It waits, for the person or for its turn: which of them, a page does not learn. */
  onWaiting?(): void;
  /** It was sent to the backend. */
  onRunning?(): void;
  onPart?(part: StreamPart): void;
  onEnd(value: unknown): void;
  onError(error: PageError): void;
}

export interface PageClient {
  /**
   * Starts a call and returns how to abort it. Exactly one of `onEnd` and `onError` follows, except after an abort: then neither.
   * @throws DataCloneError for what cannot be sent: then nothing follows
   */
  start(call: PageCall, handlers: CallHandlers): () => void;
  /** Each dialect of the page watches for itself. */
  watch(watcher: Watcher): void;
}

export interface Watcher {
  /** Pushed by the background. */
  onEvent(event: PageEvent): void;
  /** Events may have been missed. */
  onStale(): void;
}

/** What the relay tells beyond the background's frames: its port is gone, pushed events may have been missed; or it is there, when it is asked. */
export type RelayFrame = ServerFrame<PageEvent> | { readonly type: 'disconnected' } | { readonly type: 'pong' };

interface Open {
  readonly handlers: CallHandlers;
  taken: number;
}

export function createPageClient(port: PagePort): PageClient {
  const post = port.postMessage.bind(port);
  const open: Record<string, Open> = createObject(null);
  const watchers: Watcher[] = [];
  let count = 0;
  let isWatched = false;
  /** How often the relay was asked since it said something. */
  let unanswered = 0;

  const receive = (frame: RelayFrame) => {
    unanswered = 0;
    if (frame.type === 'pong') return;
    if (frame.type === 'event' || frame.type === 'disconnected') return tell(frame);
    const call = open[frame.id];
    if (!call) return;
    switch (frame.type) {
      case 'parts':
        return deliver(frame.id, call, frame.parts);
      case 'waiting':
        return call.handlers.onWaiting?.();
      case 'running':
        return call.handlers.onRunning?.();
    }
    delete open[frame.id];
    if (frame.type === 'end') call.handlers.onEnd(frame.value);
    else call.handlers.onError(frame.error);
  };

  /**
   * Firefox ends a relay together with its extension, and nobody is told: while a call is open the relay is asked whether it is there. What
   * keeps the page busy keeps its answer back as well, so one question is not enough.
   */
  const watch = () => {
    const ids = keysOf(open);
    isWatched = ids.length > 0;
    if (!isWatched) return;
    if (unanswered > 1)
      each(ids, (id) => receive({ v: 1, type: 'error', id: id as RequestId, error: { code: 'invalid-state' } }));
    else post({ v: 1, type: 'ping' });
    unanswered += 1;
    later(watch, limits.relayBeat);
  };

  const tell = (frame: Extract<RelayFrame, { type: 'event' | 'disconnected' }>) => {
    each(watchers, (watcher) => (frame.type === 'event' ? watcher.onEvent(frame.event) : watcher.onStale()));
  };

  /** Acknowledges in large steps: a usual answer needs no acknowledgement at all. */
  const deliver = (id: string, call: Open, parts: readonly StreamPart[]) => {
    each(parts, (part) => {
      if ('text' in part) call.taken += part.text.length;
      else if ('arguments' in part) call.taken += part.arguments.length;
      call.handlers.onPart?.(part);
    });
    if (call.taken < limits.window / 4) return;
    post({ v: 1, type: 'taken', id, chars: call.taken });
    call.taken = 0;
  };

  port.onmessage = (event) => receive(dataOf(event) as RelayFrame);

  return {
    watch(watcher) {
      watchers[watchers.length] = watcher;
    },

    start(call, handlers) {
      count += 1;
      const id = `${count}`;
      // Throws what cannot be sent, as a function in it: then there is no call.
      post({ v: 1, type: 'request', id, call });
      open[id] = { handlers, taken: 0 };
      if (!isWatched) later(watch, limits.relayBeat);
      isWatched = true;
      return () => {
        if (!open[id]) return;
        delete open[id];
        post({ v: 1, type: 'abort', id });
      };
    },
  };
}
