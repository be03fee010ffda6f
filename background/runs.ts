/** The requests that run: who can stop them, and what of them must not be sent a second time. */

import { AiError } from '../protocol/errors';
import type { RequestId } from '../protocol/ids';
import { limits } from '../protocol/limits';
import type { RunningView } from '../protocol/ui-messages';
import type { Area } from './browser';
import { type PageIdentity, subjectKey } from './identity';
import type { KeepAlive } from './keep-alive';
import { createStored } from './stored';

export interface Run {
  readonly signal: AbortSignal;
  end(): Promise<void>;
}

export interface Runs {
  /** Marks the request as sent before it is: after a death of the background it is not sent again. @throws AiError `interrupted` where it was */
  begin(
    page: PageIdentity,
    requestId: RequestId,
    about: Pick<RunningView, 'model' | 'connectionName'>,
    signal: AbortSignal,
  ): Promise<Run>;
  /** Whether a background before this one sent it. */
  wasSent(page: PageIdentity, requestId: RequestId): Promise<boolean>;
  running(): readonly RunningView[];
  stop(id: string): void;
  stopAll(): void;
  stopSite(subject: PageIdentity['subject']): void;
}

interface RunDeps {
  readonly session: Area;
  readonly keepAlive: KeepAlive;
  readonly now: () => number;
  readonly onChange: () => void;
}

export function createRuns({ session, keepAlive, now, onChange }: RunDeps): Runs {
  const sent = createStored<readonly string[]>(session, 'sent', []);
  const live = new Map<string, { readonly view: RunningView; readonly abort: AbortController }>();
  const keyOf = (page: PageIdentity, requestId: RequestId) => `${page.documentId} ${requestId}`;
  const stopped = () => new AiError('aborted', 'The person stopped the request.');
  const revoked = () => new AiError('not-allowed', 'The person took the permission back.');

  const stopWhere = (matches: (view: RunningView) => boolean, reason = stopped()) => {
    for (const { view, abort } of live.values()) if (matches(view)) abort.abort(reason);
  };

  return {
    async begin(page, requestId, about, signal) {
      const id = keyOf(page, requestId);
      if ((await sent.get()).includes(id))
        throw new AiError('interrupted', 'This request was sent before the background was restarted.');
      await sent.update((all) => [...all, id].slice(-limits.sentMarks));
      const abort = new AbortController();
      const release = keepAlive.hold();
      live.set(id, { abort, view: { id, subject: page.subject, startedAt: now(), ...about } });
      onChange();
      return {
        signal: AbortSignal.any([signal, abort.signal]),
        async end() {
          live.delete(id);
          release();
          onChange();
          await sent.update((all) => all.filter((other) => other !== id));
        },
      };
    },

    wasSent: async (page, requestId) => (await sent.get()).includes(keyOf(page, requestId)),
    running: () => [...live.values()].map(({ view }) => view),
    stop: (id) => stopWhere((view) => view.id === id),
    stopAll: () => stopWhere(() => true),
    stopSite: (subject) => stopWhere((view) => subjectKey(view.subject) === subjectKey(subject), revoked()),
  };
}
