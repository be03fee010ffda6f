/**
 * The answers that a backend works on without us (AI Horde): each is kept under its call, so that a background can go on with what one before
 * it ordered, and is cancelled where nobody comes back for it.
 */

import type { RequestId } from '../protocol/ids';
import { limits } from '../protocol/limits';
import type { Subject } from '../protocol/ui-messages';
import type { Job } from '../providers/provider';
import type { Area } from './browser-api';
import type { Connections } from './connections';
import { type PageIdentity, type Site, siteKey } from './identity';
import type { KeepAlive } from './keep-alive';
import { logDefect } from './log';
import type { Choice } from './scopes';
import { createStored } from './stored';

export interface RunningJob extends Job {
  /** The answer is there, or nobody wants it any more. */
  end(): Promise<void>;
}

export interface Jobs {
  /** Who works on the answer to this call, where a background before this one ordered it. */
  left(page: PageIdentity, requestId: RequestId): Promise<Choice | undefined>;
  /** The job of a call that goes to `choice`. What an earlier background ordered there is taken on. */
  take(page: PageIdentity, requestId: RequestId, choice: Choice): Promise<RunningJob>;
  /** Cancels what an earlier background ordered for a site, or for all: the person stopped it before its page came back. */
  drop(site?: Site): Promise<void>;
  /** Cancels what an earlier background ordered, once its page has had the time to come back for it. */
  tidy(): Promise<void>;
}

interface JobRecord {
  readonly key: string;
  readonly subject: Subject;
  readonly isPrivate: boolean;
  readonly choice: Choice;
  readonly id: string;
}

interface JobDeps {
  readonly session: Area;
  readonly connections: Pick<Connections, 'list' | 'provider'>;
  readonly keepAlive: KeepAlive;
}

export function createJobs({ session, connections, keepAlive }: JobDeps): Jobs {
  const stored = createStored<readonly JobRecord[]>(session, 'jobs', []);
  /** What calls of this background have ordered or taken on. */
  const taken = new Set<string>();
  const keyOf = (page: PageIdentity, requestId: RequestId) => `${page.documentId} ${requestId}`;
  const forget = (keys: readonly string[]) => stored.update((all) => all.filter(({ key }) => !keys.includes(key)));
  const orphans = async () => (await stored.get()).filter(({ key }) => !taken.has(key));
  const orphan = async (key: string) => (await orphans()).find((record) => record.key === key);

  const cancel = async ({ id, choice }: JobRecord) => {
    const connection = (await connections.list()).find((one) => one.id === choice.connection);
    if (!connection) return;
    // Of a backend that cannot be told it goes by itself, later.
    const provider = await connections.provider(connection);
    await provider.cancel?.(id, AbortSignal.timeout(limits.probeTimeout)).catch(() => undefined);
  };

  const cancelAll = async (records: readonly JobRecord[]) => {
    if (records.length === 0) return;
    // Forgotten first: what is being cancelled, nobody takes on.
    await forget(records.map(({ key }) => key));
    await Promise.all(records.map(cancel));
  };

  return {
    left: async (page, requestId) => (await orphan(keyOf(page, requestId)))?.choice,

    async take(page, requestId, choice) {
      const key = keyOf(page, requestId);
      const { subject, isPrivate } = page;
      const left = await orphan(key);
      taken.add(key);
      return {
        id: left?.choice.connection === choice.connection ? left.id : undefined,
        keep: (id) =>
          stored.update((all) =>
            [...all.filter((other) => other.key !== key), { key, subject, isPrivate, choice, id }].slice(-limits.sentMarks),
          ),
        async end() {
          // An answer that is there stays one, whatever comes of the note.
          await forget([key]).catch(logDefect);
          taken.delete(key);
        },
      };
    },

    async drop(site) {
      const all = await orphans();
      await cancelAll(site ? all.filter((record) => siteKey(record) === siteKey(site)) : all);
    },

    async tidy() {
      const before = (await orphans()).map(({ key }) => key);
      if (before.length === 0) return;
      const release = keepAlive.hold();
      try {
        await new Promise((resolve) => setTimeout(resolve, limits.jobReturn));
        await cancelAll((await orphans()).filter(({ key }) => before.includes(key)));
      } finally {
        release();
      }
    },
  };
}
