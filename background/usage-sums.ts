/**
 * The sums of use: one small row for each day, site, connection and model, written in the transaction that writes or removes calls of the log. So a
 * year is a few thousand rows however many calls it had, and the sums outlast the log: of a call that goes, only its site is forgotten.
 */

import { type DaySums, endingOf, type Sums } from '../protocol/activity';
import type { ActivityRecord, Database, UsageKey, UsageRecord } from './database';

export interface UsageSums {
  /** Counts calls that are new in the log. */
  count(calls: readonly ActivityRecord[]): Promise<void>;
  /** Forgets the sites of calls that leave the log. */
  forget(calls: readonly ActivityRecord[]): Promise<void>;
  /** The calls are back, and so are their sites. */
  recall(calls: readonly ActivityRecord[]): Promise<void>;
  /** Adds whole sums, which were removed. */
  restore(records: readonly UsageRecord[]): Promise<void>;
  /** From this day on, or all. */
  list(from: string | undefined): Promise<readonly DaySums[]>;
}

const names = ['calls', 'failed', 'inputTokens', 'outputTokens', 'microUsd', 'estimated', 'untold', 'unpriced'] as const;

const sumsBy = (value: (name: (typeof names)[number]) => number): Sums =>
  Object.fromEntries(names.map((name) => [name, value(name)])) as unknown as Sums;

function sumsOf({ usage, outcome, isFree }: ActivityRecord): Sums {
  const { inputTokens, outputTokens, costMicroUsd } = usage ?? {};
  return {
    calls: 1,
    failed: endingOf(outcome) === 'failed' ? 1 : 0,
    inputTokens: inputTokens ?? 0,
    outputTokens: outputTokens ?? 0,
    microUsd: costMicroUsd ?? 0,
    estimated: usage?.estimated ? 1 : 0,
    untold: usage && (inputTokens === undefined || outputTokens === undefined) ? 1 : 0,
    unpriced: usage && costMicroUsd === undefined && !isFree ? 1 : 0,
  };
}

function recordOf(call: ActivityRecord, isNamed: boolean): UsageRecord {
  const { day, siteKey, subject, connectionId, connectionName, place, model } = call;
  const site = isNamed ? { siteKey, subject } : { siteKey: '' };
  return { ...site, day, connectionId, connectionName, place, model, ...sumsOf(call) };
}

const keyOf = ({ day, siteKey, connectionId, model }: UsageRecord): UsageKey => [day, siteKey, connectionId, model];

/** All that goes into one row of the table, as one. */
function merged(records: readonly UsageRecord[]): UsageRecord[] {
  const all = new Map<string, UsageRecord>();
  for (const record of records) {
    const key = JSON.stringify(keyOf(record));
    const before = all.get(key);
    all.set(key, before ? { ...record, ...sumsBy((name) => before[name] + record[name]) } : record);
  }
  return [...all.values()];
}

export function createUsageSums({ usage }: Database): UsageSums {
  const add = async (records: readonly UsageRecord[], sign: 1 | -1) => {
    for (const record of merged(records)) {
      const before = await usage.get(keyOf(record));
      const sums = sumsBy((name) => (before?.[name] ?? 0) + sign * record[name]);
      if (sums.calls > 0) await usage.put({ ...record, ...sums });
      else await usage.delete(keyOf(record));
    }
  };
  const named = (calls: readonly ActivityRecord[]) => calls.map((call) => recordOf(call, true));
  const nameless = (calls: readonly ActivityRecord[]) => calls.map((call) => recordOf(call, false));

  return {
    count: (calls) => add(named(calls), 1),
    async forget(calls) {
      await add(named(calls), -1);
      await add(nameless(calls), 1);
    },
    async recall(calls) {
      await add(nameless(calls), -1);
      await add(named(calls), 1);
    },
    restore: (records) => add(records, 1),
    async list(from) {
      const records = await (from === undefined ? usage.toArray() : usage.where('day').aboveOrEqual(from).toArray());
      return records.map(({ siteKey: _, ...sums }) => sums);
    },
  };
}
