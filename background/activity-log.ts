/** The log of calls in the database: written, listed, removed, brought back, and swept of what lapsed; what was said in a call goes with it. */

import type { ActivityEntry, ActivityOperations, ActivityPage, Removal, Retention } from '../protocol/activity';
import { limits } from '../protocol/limits';
import { createActivitySearch } from './activity-search';
import { callsOf, createCallKinds } from './call-kinds';
import type { ActivityRecord, CallKindRecord, ContentRecord, Database } from './database';
import { subjectKey } from './identity';
import type { KeepAlive } from './keep-alive';
import { createUndo } from './undo';
import type { UsageSums } from './usage-sums';

type Input<Operation extends keyof ActivityOperations> = ActivityOperations[Operation]['input'];

export interface ActivityLog {
  /** @param content what was said in it, where that is kept */
  add(call: ActivityRecord, content?: ContentRecord): Promise<void>;
  list(query: Input<'activity-list'>): Promise<ActivityPage>;
  kept(): Promise<Omit<ActivityOperations['activity-kept']['output'], 'content'>>;
  /** Of the `ContentRecord` of a call. */
  contentId(id: number): Promise<string | undefined>;
  keep(retention: Retention): Promise<void>;
  /** Resolves to what undoes it. */
  remove(removal: Removal): Promise<string>;
  /** @throws AiError `invalid-state` where it is too late */
  undo(id: string): Promise<void>;
  /** Removes what lapsed, and the oldest where there are too many. */
  sweep(): Promise<void>;
}

interface ActivityLogDeps {
  readonly database: Database;
  readonly sums: UsageSums;
  readonly keepAlive: KeepAlive;
  readonly now: () => number;
  readonly maxRows?: number;
}

const day = 24 * 60 * 60 * 1000;
const times: Readonly<Record<Retention, number>> = {
  '7d': 7 * day,
  '30d': 30 * day,
  '90d': 90 * day,
  forever: Number.POSITIVE_INFINITY,
};
const usualRetention: Retention = '30d';
/** Rows in memory at once while many are removed. */
const removedAtOnce = 1000;

function entryOf({ siteKey: _, day: __, contentId, contentLocked, ...call }: ActivityRecord): ActivityEntry {
  const content = contentId === undefined ? contentLocked && 'locked' : 'kept';
  return { ...(call as ActivityEntry), ...(content && { content }) };
}

/** What left the log at once, to be brought back as it was. */
interface Dropped {
  readonly calls: readonly ActivityRecord[];
  readonly contents: readonly ContentRecord[];
}

export function createActivityLog({
  database,
  sums,
  keepAlive,
  now,
  maxRows = limits.activityRows,
}: ActivityLogDeps): ActivityLog {
  const { activity, usage, keeping, callKinds, contents } = database;
  const kinds = createCallKinds(database);
  const search = createActivitySearch(database, kinds);
  const undo = createUndo(keepAlive);
  let sweptAt: number | undefined;

  const together = <Result>(work: () => Promise<Result>) =>
    database.transaction('rw', [activity, usage, callKinds, contents], work);
  const retention = async () => (await keeping.get('keeping'))?.retention ?? usualRetention;

  const drop = async (ids: readonly number[]): Promise<Dropped> => {
    const dropped = { calls: [] as ActivityRecord[], contents: [] as ContentRecord[] };
    for (let start = 0; start < ids.length; start += removedAtOnce) {
      const some = ids.slice(start, start + removedAtOnce);
      await together(async () => {
        const calls = (await activity.bulkGet(some)).filter((call) => call !== undefined);
        const contentIds = calls.flatMap(({ contentId }) => contentId ?? []);
        dropped.contents.push(...(await contents.bulkGet(contentIds)).filter((content) => content !== undefined));
        await activity.bulkDelete(some);
        await contents.bulkDelete(contentIds);
        await sums.forget(calls);
        await kinds.remove(calls);
        dropped.calls.push(...calls);
      });
    }
    return dropped;
  };

  /** What was said goes earlier than that it was said: by its age, and the oldest where it is too much. */
  const sweepContents = async (age: number) => {
    await contents
      .where('at')
      .below(now() - Math.min(age, limits.contentTtl))
      .delete();
    const sizes = (await contents.orderBy('size').keys()) as number[];
    let excess = sizes.reduce((sum, size) => sum + size, 0) - limits.contentBytes;
    for (const { id, size } of excess > 0 ? await contents.orderBy('at').toArray() : []) {
      if (excess <= 0) return;
      await contents.delete(id);
      excess -= size;
    }
  };

  const sweep = async () => {
    sweptAt = now();
    const age = times[await retention()];
    const lapsed = await activity
      .where('at')
      .below(now() - age)
      .primaryKeys();
    await drop(lapsed);
    const excess = callsOf(await kinds.list()) - maxRows;
    if (excess > 0) await drop(await activity.orderBy(':id').limit(excess).primaryKeys());
    await sweepContents(age);
  };

  const sweepInTime = async () => {
    const time = now();
    if (sweptAt === undefined || time < sweptAt || time - sweptAt >= limits.sweep) await sweep();
  };

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
    sweep,

    async add(call, content) {
      await together(async () => {
        if (content) await contents.add(content);
        await activity.add(call);
        await sums.count([call]);
        await kinds.add([call]);
      });
      await sweepInTime();
    },

    async list({ limit, before, ...filter }) {
      await sweepInTime();
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
        retention: await retention(),
        hasContent: (await contents.limit(1).primaryKeys()).length > 0,
        connections: [...latest.values()].map(({ connectionId, connectionName }) => ({ id: connectionId, name: connectionName })),
      };
    },

    contentId: async (id) => (await activity.get(id))?.contentId,

    async keep(chosen) {
      await database.transaction('rw', keeping, async () => {
        await keeping.put({ ...(await keeping.get('keeping')), id: 'keeping', retention: chosen });
      });
      await awake(sweep);
    },

    async remove(removal) {
      const restore = await awake(() => dropped(removal));
      return undo.hold(() => together(restore));
    },

    undo: undo.undo,
  };
}
