/**
 * The kinds of calls that the log holds, with how many there are of each: one small row for each site, connection, model and ending, written in the
 * transaction that writes or removes calls. Searches and totals read these, however long the log is.
 */

import type { ActivityRecord, CallKind, CallKindKey, CallKindRecord, Database } from './database';

export interface CallKinds {
  /** These are new in the log, or back. */
  add(calls: readonly ActivityRecord[]): Promise<void>;
  /** These have left it. */
  remove(calls: readonly ActivityRecord[]): Promise<void>;
  /** In the order of their keys. */
  list(): Promise<readonly CallKindRecord[]>;
}

/** A call's kind, as the key of its table and as an index of the log. */
export const kindKeyPath = '[siteKey+connectionId+connectionName+model+outcome]';

export const kindKeyOf = ({ siteKey, connectionId, connectionName, model, outcome }: CallKind): CallKindKey => [
  siteKey,
  connectionId,
  connectionName,
  model,
  outcome,
];

export const callsOf = (kinds: readonly CallKindRecord[]): number => kinds.reduce((sum, { calls }) => sum + calls, 0);

/** Of calls in the order of time. */
export function kindsOf(calls: readonly ActivityRecord[]): CallKindRecord[] {
  const kinds = new Map<string, CallKindRecord>();
  for (const { siteKey, connectionId, connectionName, model, outcome, at } of calls) {
    const key = JSON.stringify([siteKey, connectionId, connectionName, model, outcome]);
    const before = kinds.get(key)?.calls ?? 0;
    kinds.set(key, { siteKey, connectionId, connectionName, model, outcome, calls: before + 1, lastAt: at });
  }
  return [...kinds.values()];
}

export function createCallKinds({ callKinds }: Database): CallKinds {
  const change = async (calls: readonly ActivityRecord[], sign: 1 | -1) => {
    for (const kind of kindsOf(calls)) {
      const before = await callKinds.get(kindKeyOf(kind));
      const left = (before?.calls ?? 0) + sign * kind.calls;
      const lastAt = Math.max(before?.lastAt ?? 0, kind.lastAt);
      if (left > 0) await callKinds.put({ ...kind, calls: left, lastAt });
      else await callKinds.delete(kindKeyOf(kind));
    }
  };
  return {
    add: (calls) => change(calls, 1),
    remove: (calls) => change(calls, -1),
    list: () => callKinds.toArray(),
  };
}
