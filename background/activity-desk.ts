/** What a person does with the log: reads it, searches it, says how long it is kept, and takes out of it what may still be brought back. Loaded with the screens. */

import type { ActivityEntry, ActivityOperations, ActivityPage, Removal, Retention } from '../protocol/activity';
import type { ActivityLog, Dropped } from './activity-log';
import { createActivitySearch } from './activity-search';
import { createCallKinds } from './call-kinds';
import type { ActivityRecord, CallKindRecord, Database } from './database';
import { subjectKey } from './identity';
import type { KeepAlive } from './keep-alive';
import { createUndo } from './undo';
import type { UsageSums } from './usage-sums';

type Input<Operation extends keyof ActivityOperations> = ActivityOperations[Operation]['input'];

export interface ActivityDesk {
  list(query: Input<'activity-list'>): Promise<ActivityPage>;
  kept(): Promise<Omit<ActivityOperations['activity-kept']['output'], 'content'>>;
  /** Of the `ContentRecord` of a call. */
  contentId(id: number): Promise<string | undefined>;
  keep(retention: Retention): Promise<void>;
  /** Resolves to what undoes it. */
  remove(removal: Removal): Promise<string>;
  /** @throws AiError `invalid-state` where it is too late */
  undo(id: string): Promise<void>;
}

export interface ActivityDeskDeps {
  readonly database: Database;
  readonly log: ActivityLog;
  readonly sums: UsageSums;
  readonly keepAlive: KeepAlive;
}

function entryOf({ siteKey: _, day: __, contentId, contentLocked, ...call }: ActivityRecord): ActivityEntry {
  const content = contentId === undefined ? contentLocked && 'locked' : 'kept';
  return { ...(call as ActivityEntry), ...(content && { content }) };
}

export function createActivityDesk({ database, log, sums, keepAlive }: ActivityDeskDeps): ActivityDesk {
  const { activity, usage, keeping, callKinds, contents } = database;
  const { drop, together } = log;
  const kinds = createCallKinds(database);
  const search = createActivitySearch(database, kinds);
  const undo = createUndo(keepAlive);

  const putBack = async ({ calls, contents: said }: Dropped) => {
    await activity.bulkPut(calls);
    await contents.bulkPut(said);
    await kinds.add(calls);
  };

  const recalling = (dropped: Dropped) => async () => {
    await putBack(dropped);
    await sums.recall(dropped.calls);
  };

  /** At once: one by one, a long log would take minutes. */
  const empty = async (): Promise<Dropped> => {
    const dropped = { calls: await activity.toArray(), contents: await contents.toArray() };
    await Promise.all([activity.clear(), contents.clear(), callKinds.clear()]);
    return dropped;
  };

  const dropLog = () =>
    together(async () => {
      const dropped = await empty();
      await sums.forget(dropped.calls);
      return recalling(dropped);
    });

  const dropAll = () =>
    together(async () => {
      const [dropped, records] = [await empty(), await usage.toArray()];
      await usage.clear();
      return async () => {
        await putBack(dropped);
        await sums.restore(records);
      };
    });

  const dropContents = () =>
    together(async () => {
      const said = await contents.toArray();
      await contents.clear();
      return async () => void (await contents.bulkPut(said));
    });

  const dropped = async (removal: Removal): Promise<() => Promise<void>> => {
    switch (removal.type) {
      case 'one':
        return recalling(await drop([removal.id]));
      case 'site':
        return recalling(await drop(await search.ofSite(subjectKey(removal.subject))));
      case 'log':
        return dropLog();
      case 'log-and-usage':
        return dropAll();
      case 'contents':
        return dropContents();
    }
  };

  const awake = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const release = keepAlive.hold();
    try {
      return await work();
    } finally {
      release();
    }
  };

  return {
    async list({ limit, before, ...filter }) {
      await log.sweepInTime();
      return database.transaction('r', activity, callKinds, async () => {
        const { records, hasMore, total } = await search.find(filter, limit, before);
        const entries = records.map(entryOf);
        const last = entries.at(-1);
        return { entries, total, ...(last && hasMore && { next: last.id }) };
      });
    },

    async kept() {
      const latest = new Map<string, CallKindRecord>();
      for (const kind of await kinds.list()) {
        const known = latest.get(kind.connectionId);
        if (!known || kind.lastAt >= known.lastAt) latest.set(kind.connectionId, kind);
      }
      return {
        retention: await log.retention(),
        hasContent: (await contents.limit(1).primaryKeys()).length > 0,
        connections: [...latest.values()].map(({ connectionId, connectionName }) => ({ id: connectionId, name: connectionName })),
      };
    },

    contentId: async (id) => (await activity.get(id))?.contentId,

    async keep(chosen) {
      await database.transaction('rw', keeping, async () => {
        await keeping.put({ ...(await keeping.get('keeping')), id: 'keeping', retention: chosen });
      });
      await awake(log.sweep);
    },

    async remove(removal) {
      const restore = await awake(() => dropped(removal));
      return undo.hold(() => together(restore));
    },

    undo: undo.undo,
  };
}
