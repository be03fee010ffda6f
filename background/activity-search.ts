/**
 * Finds calls of the log, newest first, without reading it all. What is looked for is decided by kinds of calls, of which there are few; then either the
 * newest calls are read until enough of them match, or, where few match, the keys of just those.
 */

import { type ActivityFilter, endingOf } from '../protocol/activity';
import { type CallKinds, callsOf, kindKeyOf, kindKeyPath } from './call-kinds';
import type { ActivityRecord, CallKind, CallKindKey, CallKindRecord, Database } from './database';

export interface Found {
  /** Newest first, `limit` of them at most. */
  readonly records: readonly ActivityRecord[];
  /** Older ones match too. */
  readonly hasMore: boolean;
  /** Of all that match. */
  readonly total: number;
}

export interface ActivitySearch {
  /** @param before only calls with a smaller id */
  find(filter: ActivityFilter, limit: number, before: number | undefined): Promise<Found>;
  /** The ids of a site's calls. */
  ofSite(siteKey: string): Promise<readonly number[]>;
}

type Matches = (kind: CallKind) => boolean;

/** Rows that are read in the hope that enough of them match. */
const readInHope = 2000;
/** An array comes after every string (Indexed Database API 3.0, section 2.4). */
const afterAll = [] as unknown as string;

const fieldsOf = ({ siteKey, model, connectionName }: CallKind) =>
  [siteKey, model, connectionName].map((text) => text.toLowerCase());

function matcher({ text = '', connection, ending }: ActivityFilter): Matches {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return (kind) => {
    if (connection !== undefined && kind.connectionId !== connection) return false;
    if (ending !== undefined && endingOf(kind.outcome) !== ending) return false;
    const fields = fieldsOf(kind);
    return words.every((word) => fields.some((field) => field.includes(word)));
  };
}

/** Kinds that stand side by side, as the first and the last key of each row of them. */
function runsOf(kinds: readonly CallKindRecord[], matches: Matches): [CallKindKey, CallKindKey][] {
  const runs: [CallKindKey, CallKindKey][] = [];
  let isOpen = false;
  for (const kind of kinds) {
    const key = kindKeyOf(kind);
    const last = runs.at(-1);
    if (!matches(kind)) isOpen = false;
    else if (isOpen && last) last[1] = key;
    else {
      runs.push([key, key]);
      isOpen = true;
    }
  }
  return runs;
}

export function createActivitySearch({ activity }: Database, kinds: CallKinds): ActivitySearch {
  const keysBetween = (lower: unknown, upper: unknown) =>
    activity.where(kindKeyPath).between(lower, upper, true, true).primaryKeys();

  /** Reads back from an id until there are enough that match. Undefined where that would take too long. */
  const readBack = async (
    matches: Matches,
    count: number,
    before: number | undefined,
    patience: number,
  ): Promise<ActivityRecord[] | undefined> => {
    const last = (await activity.orderBy(':id').lastKey()) as number | undefined;
    const found: ActivityRecord[] = [];
    let upper = Math.min(before ?? Number.POSITIVE_INFINITY, (last ?? 0) + 1);
    // Where calls were deleted there are gaps: the step grows until it is over them.
    for (let step = count, read = 0; found.length < count && upper > 1; step *= 2) {
      if (read > patience) return undefined;
      const lower = Math.max(1, upper - step);
      const records = await activity.where(':id').between(lower, upper, true, false).toArray();
      read += records.length;
      found.push(...records.reverse().filter(matches));
      upper = lower;
    }
    return found.slice(0, count);
  };

  const readByKeys = async (
    all: readonly CallKindRecord[],
    matches: Matches,
    count: number,
    before: number | undefined,
  ): Promise<readonly ActivityRecord[]> => {
    const runs = await Promise.all(runsOf(all, matches).map(([lower, upper]) => keysBetween(lower, upper)));
    const ids = runs.flat().filter((id) => before === undefined || id < before);
    ids.sort((one, other) => other - one);
    return (await activity.bulkGet(ids.slice(0, count))).filter((record) => record !== undefined);
  };

  return {
    async find(filter, limit, before) {
      const all = await kinds.list();
      const matches = matcher(filter);
      const [total, matching] = [callsOf(all), callsOf(all.filter(matches))];
      // One more than is shown tells whether a page follows.
      const count = limit + 1;
      const isAll = matching === total;
      const isDense = isAll || count * total < matching * readInHope;
      const read = isDense ? await readBack(matches, count, before, isAll ? total : 2 * readInHope) : undefined;
      const records = read ?? (await readByKeys(all, matches, count, before));
      return { records: records.slice(0, limit), hasMore: records.length > limit, total: matching };
    },

    ofSite: (siteKey) => keysBetween([siteKey], [siteKey, afterAll]),
  };
}
