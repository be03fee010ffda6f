/**
 * The log of calls in the database: written, searched, removed, brought back, and swept of what lapsed. A search touches rows of the one page that it
 * shows; everything else is answered by keys of the indexes.
 */

import type { ActivityEntry, ActivityFilter, ActivityOperations, ActivityPage, Removal, Retention } from '../protocol/activity';
import { endingOf } from '../protocol/activity';
import { AiError, type AiErrorCode } from '../protocol/errors';
import { limits } from '../protocol/limits';
import type { ActivityRecord, Database } from './database';
import { subjectKey } from './identity';
import type { KeepAlive } from './keep-alive';
import type { UsageSums } from './usage-sums';

type Input<Operation extends keyof ActivityOperations> = ActivityOperations[Operation]['input'];

export interface ActivityLog {
  add(call: ActivityRecord): Promise<void>;
  list(query: Input<'activity-list'>): Promise<ActivityPage>;
  kept(): Promise<ActivityOperations['activity-kept']['output']>;
  keep(retention: Retention): Promise<void>;
  /** Resolves to what undoes it. */
  remove(removal: Removal): Promise<string>;
  /** @throws AiError `invalid-state` where it is too late */
  undo(id: string): Promise<void>;
  /** Removes what lapsed, and the oldest where there are too many. */
  sweep(): Promise<void>;
}

/** The last removal, while it can be undone. */
interface Removed {
  readonly id: string;
  readonly restore: () => Promise<void>;
  readonly release: () => void;
  readonly timer: ReturnType<typeof setTimeout>;
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

const entryOf = ({ siteKey: _, day: __, ...entry }: ActivityRecord): ActivityEntry => entry as ActivityEntry;

export function createActivityLog({
  database,
  sums,
  keepAlive,
  now,
  maxRows = limits.activityRows,
}: ActivityLogDeps): ActivityLog {
  const { activity, usage, keeping } = database;
  const search = createSearch(database);
  let sweptAt: number | undefined;
  let removed: Removed | undefined;

  const together = <Result>(work: () => Promise<Result>) => database.transaction('rw', activity, usage, work);
  const retention = async () => (await keeping.get('keeping'))?.retention ?? usualRetention;

  const drop = async (ids: readonly number[]): Promise<ActivityRecord[]> => {
    const dropped: ActivityRecord[] = [];
    for (let start = 0; start < ids.length; start += removedAtOnce) {
      const some = ids.slice(start, start + removedAtOnce);
      await together(async () => {
        const calls = (await activity.bulkGet(some)).filter((call) => call !== undefined);
        await activity.bulkDelete(some);
        await sums.forget(calls);
        dropped.push(...calls);
      });
    }
    return dropped;
  };

  const sweep = async () => {
    sweptAt = now();
    const lapsed = await activity
      .where('at')
      .below(now() - times[await retention()])
      .primaryKeys();
    await drop(lapsed);
    const excess = (await activity.count()) - maxRows;
    if (excess > 0) await drop(await activity.orderBy(':id').limit(excess).primaryKeys());
  };

  const sweepInTime = async () => {
    const time = now();
    if (sweptAt === undefined || time < sweptAt || time - sweptAt >= limits.sweep) await sweep();
  };

  const dropAll = () =>
    together(async () => {
      const [calls, records] = [await activity.toArray(), await usage.toArray()];
      await activity.clear();
      await usage.clear();
      return async () => {
        await activity.bulkPut(calls);
        await sums.restore(records);
      };
    });

  const recalling = (calls: readonly ActivityRecord[]) => async () => {
    await activity.bulkPut(calls);
    await sums.recall(calls);
  };

  /** At once: one by one, a long log would take minutes. */
  const dropLog = () =>
    together(async () => {
      const calls = await activity.toArray();
      await activity.clear();
      await sums.forget(calls);
      return recalling(calls);
    });

  const dropped = async (removal: Removal): Promise<() => Promise<void>> => {
    switch (removal.type) {
      case 'one':
        return recalling(await drop([removal.id]));
      case 'site':
        return recalling(await drop(await activity.where('siteKey').equals(subjectKey(removal.subject)).primaryKeys()));
      case 'log':
        return dropLog();
      case 'log-and-usage':
        return dropAll();
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

  const settleRemoval = () => {
    clearTimeout(removed?.timer);
    removed?.release();
    removed = undefined;
  };

  return {
    sweep,

    async add(call) {
      await together(async () => {
        await activity.add(call);
        await sums.count([call]);
      });
      await sweepInTime();
    },

    async list({ limit, before = Number.POSITIVE_INFINITY, ...filter }) {
      await sweepInTime();
      return database.transaction('r', activity, async () => {
        const ids = await search(filter);
        // One more than is shown tells whether a page follows.
        const records = ids
          ? await activity.bulkGet(
              ids
                .filter((id) => id < before)
                .slice(-limit - 1)
                .reverse(),
            )
          : await activity
              .where(':id')
              .below(before)
              .reverse()
              .limit(limit + 1)
              .toArray();
        const entries = records
          .slice(0, limit)
          .filter((record) => record !== undefined)
          .map(entryOf);
        const last = entries.at(-1);
        return {
          entries,
          total: ids ? ids.length : await activity.count(),
          ...(last && records.length > limit && { next: last.id }),
        };
      });
    },

    async kept() {
      const ids = (await activity.orderBy('connectionId').uniqueKeys()) as ActivityRecord['connectionId'][];
      const latest = await Promise.all(ids.map((id) => activity.where('connectionId').equals(id).last()));
      return {
        retention: await retention(),
        connections: latest
          .filter((call) => call !== undefined)
          .map(({ connectionId, connectionName }) => ({ id: connectionId, name: connectionName })),
      };
    },

    async keep(chosen) {
      await keeping.put({ id: 'keeping', retention: chosen });
      await awake(sweep);
    },

    async remove(removal) {
      const restore = await awake(() => dropped(removal));
      settleRemoval();
      const id = crypto.randomUUID();
      // What can be brought back lies in memory alone, and dies with the background.
      removed = { id, restore, release: keepAlive.hold(), timer: setTimeout(settleRemoval, limits.undoTime) };
      return id;
    },

    async undo(id) {
      if (removed?.id !== id) throw new AiError('invalid-state', 'What was removed is gone.', { field: 'undo' });
      const { restore } = removed;
      settleRemoval();
      await awake(() => together(restore));
    },
  };
}

type TextIndex = 'siteKey' | 'connectionId' | 'connectionName' | 'model' | 'outcome';

/** Resolves to the ids that match, in ascending order; to undefined where every call does. Reads keys, and no row. */
function createSearch({ activity }: Database) {
  /** An index has few values, however many calls: a site, a connection, a model is one. */
  const idsWhere = async (index: TextIndex, matches: (value: string) => boolean): Promise<number[]> => {
    const values = (await activity.orderBy(index).uniqueKeys()) as string[];
    const ids = values.filter(matches).map((value) => activity.where(index).equals(value).primaryKeys());
    return (await Promise.all(ids)).flat();
  };

  const holding = async (word: string) => {
    const holds = (value: string) => value.toLowerCase().includes(word);
    const found = (['siteKey', 'model', 'connectionName'] as const).map((index) => idsWhere(index, holds));
    return (await Promise.all(found)).flat();
  };

  return async ({ text = '', connection, ending }: ActivityFilter): Promise<number[] | undefined> => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const sets = (
      await Promise.all([
        ...words.map(holding),
        ...(connection === undefined ? [] : [activity.where('connectionId').equals(connection).primaryKeys()]),
        ...(ending === undefined ? [] : [idsWhere('outcome', (value) => endingOf(value as AiErrorCode) === ending)]),
      ])
    ).map((ids) => new Set(ids));
    const [first, ...others] = sets;
    if (!first) return undefined;
    return [...first].filter((id) => others.every((set) => set.has(id))).sort((one, other) => one - other);
  };
}
