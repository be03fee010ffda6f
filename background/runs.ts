/** The requests that run: who can stop them, and what of them must not be sent a second time. */

import { AiError } from '../protocol/errors';
import type { Progress } from '../protocol/generate';
import type { RequestId } from '../protocol/ids';
import { limits } from '../protocol/limits';
import type { RunningView } from '../protocol/ui-messages';
import type { Area } from './browser-api';
import { type Asker, type Site, siteKey } from './identity';
import type { KeepAlive } from './keep-alive';
import { createStored } from './stored';

export interface Run {
  readonly signal: AbortSignal;
  /** What the backend does before it answers; undefined once it answers. */
  progress(progress: Progress | undefined): void;
  /** Nobody can stop it any more. The background is kept alive until its books are closed. */
  end(books?: Promise<void>): Promise<void>;
}

export interface Runs {
  /** Begins to write the mark that `begin` waits for, beside whatever else has to be written before. */
  mark(asker: Asker, requestId: RequestId): void;
  /** It is not sent now. What a background before this one marked stays marked. */
  unmark(asker: Asker, requestId: RequestId): Promise<void>;
  /**
   * Marks the request as sent before it is: after a death of the background it is not sent again.
   * @param how what `isFree` has no mark: its relay knows that it was sent; what `isResumed` goes on at its backend, and nothing is sent again
   * @throws AiError `interrupted` where it was sent
   */
  begin(
    asker: Asker,
    requestId: RequestId,
    about: Pick<RunningView, 'model' | 'connectionName'>,
    signal: AbortSignal,
    how?: { readonly isResumed?: boolean; readonly isFree?: boolean },
  ): Promise<Run>;
  /** Whether a background before this one sent it. */
  wasSent(asker: Asker, requestId: RequestId): Promise<boolean>;
  /** Given out before what allows the request is looked up: tells whether the person stopped the site, or everything, since. */
  pass(site: Site): () => boolean;
  running(): readonly RunningView[];
  stop(id: string): void;
  stopAll(): void;
  /** The site may no longer: to its page that is a refusal, not an abort. */
  stopSite(site: Site): void;
}

interface RunDeps {
  readonly session: Area;
  readonly keepAlive: KeepAlive;
  readonly now: () => number;
  readonly onChange: () => void;
}

export function createRuns({ session, keepAlive, now, onChange }: RunDeps): Runs {
  const sent = createStored<readonly string[]>(session, 'sent', []);
  const live = new Map<string, { view: RunningView; readonly siteKey: string; readonly abort: AbortController }>();
  const keyOf = (asker: Asker, requestId: RequestId) => `${asker.documentId} ${requestId}`;
  const stopped = () => new AiError('aborted', 'The person stopped the request.');
  const stops = new Map<string, number>();
  let stopsOfAll = 0;
  const stopsOf = (site: Site) => stopsOfAll + (stops.get(siteKey(site)) ?? 0);

  const stopWhere = (matches: (run: { readonly view: RunningView; readonly siteKey: string }) => boolean, reason = stopped) => {
    for (const run of live.values()) if (matches(run)) run.abort.abort(reason());
  };

  /** On their way, or written. */
  const marks = new Map<string, Promise<void>>();
  const write = async (id: string, isResumed: boolean) => {
    if (!isResumed && (await sent.get()).includes(id)) throw new AiError('interrupted', 'It was sent before a restart.');
    await sent.update((all) => [...all.filter((other) => other !== id), id].slice(-limits.sentMarks));
  };
  const erase = (id: string) => sent.update((all) => all.filter((other) => other !== id));

  return {
    mark(asker, requestId) {
      const id = keyOf(asker, requestId);
      const written = write(id, false);
      // Told by `begin`.
      written.catch(() => undefined);
      marks.set(id, written);
    },

    async unmark(asker, requestId) {
      const id = keyOf(asker, requestId);
      const written = marks.get(id);
      marks.delete(id);
      const isOurs = await written?.then(
        () => true,
        () => false,
      );
      if (isOurs) await erase(id);
    },

    async begin(asker, requestId, about, signal, { isResumed = false, isFree = false } = {}) {
      const id = keyOf(asker, requestId);
      if (!isFree) await (marks.get(id) ?? write(id, isResumed));
      marks.delete(id);
      const abort = new AbortController();
      // Followed by hand: nothing but its sources holds a combined signal, and one that was collected stops nothing.
      const follow = () => abort.abort(signal.reason);
      signal.addEventListener('abort', follow);
      if (signal.aborted) follow();
      const release = keepAlive.hold();
      const entry = {
        abort,
        siteKey: siteKey(asker),
        view: { id, subject: asker.subject, startedAt: now(), ...about } as RunningView,
      };
      live.set(id, entry);
      onChange();
      return {
        signal: abort.signal,
        progress(progress) {
          if (entry.view.progress === progress) return;
          entry.view = { ...entry.view, progress };
          onChange();
        },
        async end(books) {
          signal.removeEventListener('abort', follow);
          live.delete(id);
          onChange();
          try {
            await Promise.all([!isFree && erase(id), books]);
          } finally {
            release();
          }
        },
      };
    },

    wasSent: async (asker, requestId) => (await sent.get()).includes(keyOf(asker, requestId)),
    pass(site) {
      const before = stopsOf(site);
      return () => stopsOf(site) > before;
    },
    running: () => [...live.values()].map(({ view }) => view),
    stop: (id) => stopWhere(({ view }) => view.id === id),
    stopAll() {
      stopsOfAll += 1;
      stopWhere(() => true);
    },
    stopSite(site) {
      const key = siteKey(site);
      stops.set(key, (stops.get(key) ?? 0) + 1);
      stopWhere((run) => run.siteKey === key, revoked);
    },
  };
}

export const revoked = () => new AiError('not-allowed', 'The person took the permission back.');
