/** The log of calls in the database: written, and swept of what lapsed; what was said in a call goes with it. What a person does with it: activity-desk.ts. */

import type { Retention } from '../protocol/activity';
import { limits } from '../protocol/limits';
import { callsOf, createCallKinds } from './call-kinds';
import type { ActivityRecord, ContentRecord, Database } from './database';
import { inBatches } from './in-batches';
import type { UsageSums } from './usage-sums';

export interface ActivityLog {
  /** @param content what was said in it, where that is kept */
  add(call: ActivityRecord, content?: ContentRecord): Promise<void>;
  /** Removes what lapsed, and the oldest where there are too many. */
  sweep(): Promise<void>;
  /** The same, unless it was done a moment ago. */
  sweepInTime(): Promise<void>;
  retention(): Promise<Retention>;
  /** Takes calls out, with what was said in them and what they add to the sums. */
  drop(ids: readonly number[]): Promise<Dropped>;
  /** All that is written of calls, or nothing. */
  together<Result>(work: () => Promise<Result>): Promise<Result>;
}

interface ActivityLogDeps {
  readonly database: Database;
  readonly sums: UsageSums;
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

/** What left the log at once, to be brought back as it was. */
export interface Dropped {
  readonly calls: readonly ActivityRecord[];
  readonly contents: readonly ContentRecord[];
}

export function createActivityLog({ database, sums, now, maxRows = limits.activityRows }: ActivityLogDeps): ActivityLog {
  const { activity, usage, keeping, callKinds, contents } = database;
  const kinds = createCallKinds(database);
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

  const write = inBatches(
    async (added: readonly { readonly call: ActivityRecord; readonly content: ContentRecord | undefined }[]) => {
      const calls = added.map(({ call }) => call);
      const kept = added.flatMap(({ content }) => content ?? []);
      await together(() => Promise.all([contents.bulkAdd(kept), activity.bulkAdd(calls), sums.count(calls), kinds.add(calls)]));
      return [];
    },
  );

  return {
    sweep,
    sweepInTime,
    retention,
    drop,
    together,

    async add(call, content) {
      await write({ call, content });
      await sweepInTime();
    },
  };
}
