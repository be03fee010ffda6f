/** Writes into Oriel's database what long use leaves in it, in the form of its own records. */

import type { TestPage } from '../tests/support/browser';

export interface Filling {
  /** Origins that are always allowed; on them the models `server-0`, `server-1` … are answered by the connection of that place. */
  readonly allowed?: readonly string[];
  /** Further sites that are always allowed. */
  readonly grants?: number;
  /** Calls in the log: what is missing to so many is added. */
  readonly calls?: number;
  /** Copies of the first connection. */
  readonly connections?: number;
}

export async function fill(inside: TestPage, filling: Filling): Promise<void> {
  await inside.evaluate(write, filling);
}

/** Runs in a page of the extension. */
async function write({ allowed = [], grants = 0, calls = 0, connections = 0 }: Filling): Promise<void> {
  const done = <Value>(request: IDBRequest<Value>) =>
    new Promise<Value>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await done(indexedDB.open('oriel'));
  const day = 86_400_000;
  const writing = database.transaction(['activity', 'callKinds', 'usage', 'sites', 'connections'], 'readwrite');
  const store = (name: string) => writing.objectStore(name);
  const known: { id: string; createdAt: number; name: string }[] = await done(store('connections').getAll());
  known.sort((one, other) => one.createdAt - other.createdAt);

  const times = { issuedAt: Date.now() - day, lastUsedAt: Date.now(), expiresAt: Date.now() + 60 * day };
  const allow = (top: string) => {
    const grant = { subject: { top }, scopes: ['generate', 'models.read'], models: ['*'], connection: 'active' };
    const mapped = known.slice(0, 16).map(({ id }, index) => ({ asked: `server-${index}`, connection: id, model: 'bench' }));
    const rule = { fallback: [], onlyThisComputer: false, asksEveryTime: false, mapped };
    const always = { ...grant, place: 'this-computer', mode: 'always', ...times };
    store('sites').put({ key: top, subject: { top }, always, ...(allowed.includes(top) && { rule }) });
  };
  for (const top of allowed) allow(top);
  for (let index = 0; index < grants; index += 1) allow(`https://granted-${Date.now()}-${index}.example`);
  for (let index = 0; index < connections; index += 1)
    store('connections').put({
      ...known[0],
      id: `copy-${Date.now()}-${index}`,
      name: `Copy ${index}`,
      createdAt: Date.now() + index,
    });

  const missing = calls - (await done(store('activity').count()));
  const kinds = new Map<string, { calls: number }>();
  for (let index = 0; index < missing; index += 1) {
    // Younger than what Oriel forgets by itself.
    const at = Date.now() - 25 * day + Math.floor((24 * day * index) / missing);
    const top = `https://site-${index % 300}.example`;
    const kind = {
      ...{ siteKey: top, connectionId: `c${index % 3}`, connectionName: 'One', model: `model-${index % 9}` },
      outcome: index % 20 === 0 ? 'unavailable' : 'answered',
    };
    const date = new Date(at).toISOString().slice(0, 10);
    const usage = { inputTokens: 120, outputTokens: 80, estimated: false };
    store('activity').add({ ...kind, at, day: date, subject: { top }, place: 'cloud', milliseconds: 900, usage });
    const key = JSON.stringify(kind);
    kinds.set(key, { ...kind, lastAt: at, calls: (kinds.get(key)?.calls ?? 0) + 1 } as { calls: number });
    if (index % 50 > 0) continue;
    const sums = { calls: 1, failed: 0, inputTokens: 120, outputTokens: 80, microUsd: 10, unpriced: 0, estimated: 0 };
    store('usage').put({ ...kind, day: date, place: 'cloud', ...sums });
  }
  for (const kind of kinds.values()) store('callKinds').put(kind);
  await new Promise<void>((resolve, reject) => {
    writing.oncomplete = () => resolve();
    writing.onabort = () => reject(writing.error);
  });
  database.close();
}
