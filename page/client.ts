/** The page's side of the channel: calls over the private port to the relay, each of which settles. It knows frames, not what a dialect makes of them. */

import type { ServerFrame } from '../protocol/channel';
import type { PageError } from '../protocol/errors';
import type { StreamPart } from '../protocol/generate';
import * as limits from '../protocol/page-limits';
import type { PageCall, PageEvent } from '../protocol/page-messages';
import { each } from './lists';
import { createObject, dataOf } from './realm';

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

/** What the relay tells beyond the background's frames: its port is gone, pushed events may have been missed. */
export type RelayFrame = ServerFrame<PageEvent> | { readonly type: 'disconnected' };

interface Open {
  readonly handlers: CallHandlers;
  taken: number;
}

export function createPageClient(port: MessagePort): PageClient {
  const post = port.postMessage.bind(port);
  const open: Record<string, Open> = createObject(null);
  const watchers: Watcher[] = [];
  let count = 0;

  const receive = (frame: RelayFrame) => {
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
      return () => {
        if (!open[id]) return;
        delete open[id];
        post({ v: 1, type: 'abort', id });
      };
    },
  };
}
