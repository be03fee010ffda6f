import { beforeEach, expect, test, vi } from 'vitest';
import { type ActivityDesk, createActivityDesk } from '../../background/activity-desk';
import { type ActivityLog, createActivityLog } from '../../background/activity-log';
import { dayOf } from '../../background/budgets';
import { createCallKinds } from '../../background/call-kinds';
import type { ActivityRecord, Database } from '../../background/database';
import { createUsageSums, type UsageSums } from '../../background/usage-sums';
import { toConnectionId } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import { dumpOf, newDatabase } from './support/database';
import { createHolds } from './support/keep-alive';

const day = 86_400_000;
const start = new Date('2026-11-24T12:00:00').getTime();

let database: Database;
let now: number;
let sums: UsageSums;
let log: ActivityLog & ActivityDesk;
let holds: ReturnType<typeof createHolds>;

beforeEach(() => {
  database = newDatabase();
  now = start;
  holds = createHolds();
  create();
});

const create = (maxRows?: number) => {
  sums = createUsageSums(database);
  const written = createActivityLog({ database, sums, now: () => now, ...(maxRows !== undefined && { maxRows }) });
  log = { ...written, ...createActivityDesk({ database, log: written, sums, keepAlive: holds }) };
};

/** A call that ends now, at a place in the cloud that bills it. */
const call = (fields: Partial<ActivityRecord> & { site?: string | undefined } = {}): ActivityRecord => {
  const { site = 'https://a.test', ...others } = fields;
  return {
    at: now,
    day: dayOf(now),
    siteKey: site,
    subject: { top: site as never },
    connectionId: toConnectionId('c1'),
    connectionName: 'My OpenAI',
    place: 'cloud',
    model: 'gpt-5-mini',
    outcome: 'answered',
    milliseconds: 1000,
    usage: { inputTokens: 10, outputTokens: 5, costMicroUsd: 300 as never, estimated: false },
    ...others,
  };
};
const other: Partial<ActivityRecord> = {
  connectionId: toConnectionId('c2'),
  connectionName: 'Desk',
  model: 'qwen3-8b',
  isFree: true,
};

const list = (query: Partial<Parameters<ActivityDesk['list']>[0]> = {}) => log.list({ limit: 10, ...query });
const idsOf = async (query?: Parameters<typeof list>[0]) => (await list(query)).entries.map(({ id }) => id);
const usage = () => sums.list(undefined);

test('calls are listed page by page, the newest first, each once', async () => {
  for (let count = 0; count < 5; count += 1) await log.add(call());
  const first = await list({ limit: 2 });
  expect(first).toMatchObject({ entries: [{ id: 5 }, { id: 4 }], total: 5, next: 4 });
  expect(first.entries[0]).not.toHaveProperty('siteKey');
  const second = await list({ limit: 2, before: 4 });
  expect(second).toMatchObject({ entries: [{ id: 3 }, { id: 2 }], total: 5, next: 2 });
  const last = await list({ limit: 2, before: 2 });
  expect(last.entries.map(({ id }) => id)).toEqual([1]);
  expect(last.next).toBeUndefined();
});

test('a page that is exactly full is the last one', async () => {
  await log.add(call());
  await log.add(call());
  expect((await list({ limit: 2 })).next).toBeUndefined();
  expect((await list({ limit: 2, text: 'a.test' })).next).toBeUndefined();
});

test.each([
  ['a part of the site', { text: 'B.TE' }, [2]],
  ['a part of the model', { text: 'qwen' }, [3]],
  ['a part of the connection’s name', { text: 'openai' }, [4, 2, 1]],
  ['words that are found in different places', { text: ' b.test  gpt ' }, [2]],
  ['a word that is nowhere', { text: 'a.test nothing' }, []],
  ['a connection', { connection: toConnectionId('c2') }, [3]],
  ['how it ended', { ending: 'failed' as const }, [4]],
  ['a stop', { ending: 'stopped' as const }, [2]],
  ['all of these together', { text: 'test', connection: toConnectionId('c1'), ending: 'answered' as const }, [1]],
])('calls are found by %s', async (_name, query, found) => {
  await log.add(call());
  await log.add(call({ site: 'https://b.test', outcome: 'aborted' }));
  await log.add(call(other));
  await log.add(call({ outcome: 'unavailable' }));
  expect(await idsOf(query)).toEqual(found);
  expect((await list(query)).total).toBe(found.length);
});

test('what is found comes in pages too', async () => {
  for (let count = 0; count < 6; count += 1) await log.add(call({ site: count % 2 === 0 ? 'https://a.test' : 'https://b.test' }));
  const first = await list({ text: 'b.test', limit: 2 });
  expect(first).toMatchObject({ entries: [{ id: 6 }, { id: 4 }], total: 3, next: 4 });
  expect(await list({ text: 'b.test', limit: 2, before: 4 })).toMatchObject({ entries: [{ id: 2 }], total: 3 });
});

test('the connections of the log are named as they were last', async () => {
  await log.add(call());
  await log.add(call({ connectionName: 'Renamed' }));
  await log.add(call(other));
  expect(await log.kept()).toEqual({
    retention: '30d',
    hasContent: false,
    connections: [
      { id: 'c1', name: 'Renamed' },
      { id: 'c2', name: 'Desk' },
    ],
  });
});

test('calls of a day, a site, a connection and a model are one sum', async () => {
  await log.add(call());
  await log.add(call({ outcome: 'unavailable', usage: undefined }));
  await log.add(call({ usage: { inputTokens: 1, outputTokens: 2, estimated: true } }));
  await log.add(call({ usage: { inputTokens: 7, estimated: false } }));
  await log.add(call(other));
  now += day;
  await log.add(call());
  const one = { calls: 1, inputTokens: 10, outputTokens: 5, microUsd: 300, estimated: 0, untold: 0, unpriced: 0 };
  expect(await usage()).toMatchObject([
    {
      day: '2026-11-24',
      connectionName: 'My OpenAI',
      calls: 4,
      failed: 1,
      inputTokens: 18,
      outputTokens: 7,
      microUsd: 300,
      estimated: 1,
      untold: 1,
      unpriced: 2,
    },
    { day: '2026-11-24', connectionName: 'Desk', ...one },
    { day: '2026-11-25', connectionName: 'My OpenAI', ...one },
  ]);
  expect(await sums.list('2026-11-25')).toHaveLength(1);
});

test('what nobody bills has no unknown price', async () => {
  await log.add(call({ ...other, usage: { inputTokens: 1, outputTokens: 1, estimated: false } }));
  expect(await usage()).toMatchObject([{ microUsd: 0, unpriced: 0 }]);
});

test('a call that is deleted is gone, its site with it; what it cost stays counted', async () => {
  await log.add(call({ site: 'https://secret.test' }));
  await log.add(call());
  await log.remove({ type: 'one', id: 1 });
  expect(await idsOf()).toEqual([2]);
  expect(await dumpOf(database)).not.toContain('secret.test');
  const [forgotten, kept] = await usage();
  expect(forgotten).toMatchObject({ calls: 1, microUsd: 300 });
  expect(forgotten).not.toHaveProperty('subject');
  expect(kept).toMatchObject({ subject: { top: 'https://a.test' }, calls: 1, microUsd: 300 });
});

test('all calls of a site are deleted, and no other', async () => {
  await log.add(call({ site: 'https://secret.test' }));
  await log.add(call());
  await log.add(call({ site: 'https://secret.test' }));
  await log.remove({ type: 'site', subject: { top: 'https://secret.test' as never } });
  expect(await idsOf()).toEqual([2]);
  expect(await dumpOf(database)).not.toContain('secret.test');
});

test('a cleared log leaves sums without sites', async () => {
  await log.add(call({ site: 'https://secret.test' }));
  await log.add(call());
  await log.remove({ type: 'log' });
  expect(await list()).toEqual({ entries: [], total: 0 });
  expect(await usage()).toMatchObject([{ calls: 2, microUsd: 600 }]);
  expect(await dumpOf(database)).not.toContain('.test');
});

test('cleared usage leaves nothing of sums and log', async () => {
  await log.add(call());
  await log.remove({ type: 'log-and-usage' });
  expect(await list()).toEqual({ entries: [], total: 0 });
  expect(await usage()).toEqual([]);
});

const removals = [
  { type: 'one', id: 1 },
  { type: 'site', subject: { top: 'https://a.test' as never } },
  { type: 'log' },
  { type: 'log-and-usage' },
] as const;

test.each(removals)('$type: undone, everything is as it was, and calls of meanwhile stay', async (removal) => {
  await log.add(call());
  await log.add(call({ ...other, site: 'https://b.test' }));
  await log.add(call());
  const before = [await list(), await usage()];
  const undo = await log.remove(removal);
  expect([await list(), await usage()]).not.toEqual(before);
  await log.undo(undo);
  expect([await list(), await usage()]).toEqual(before);

  const again = await log.remove(removal);
  await log.add(call());
  await log.undo(again);
  expect(await idsOf()).toEqual([4, 3, 2, 1]);
  expect((await usage()).map(({ calls }) => calls)).toEqual([3, 1]);
});

test('a removal is undone once, and only the last one', async () => {
  await log.add(call());
  await log.add(call());
  const [first, second] = [await log.remove({ type: 'one', id: 1 }), await log.remove({ type: 'one', id: 2 })];
  await expect(log.undo(first)).rejects.toMatchObject({ code: 'invalid-state', field: 'undo' });
  await log.undo(second);
  expect(holds.count).toBe(0);
  await expect(log.undo(second)).rejects.toMatchObject({ code: 'invalid-state' });
  expect(await idsOf()).toEqual([2]);
});

test('after a while what was removed cannot be brought back; a later removal has its own time', async () => {
  await log.add(call());
  await log.add(call());
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const first = await log.remove({ type: 'one', id: 1 });
    // What is held in memory must not die meanwhile.
    expect(holds.count).toBe(1);
    vi.advanceTimersByTime(limits.undoTime / 2);
    const second = await log.remove({ type: 'one', id: 2 });
    vi.advanceTimersByTime(limits.undoTime / 2);
    await expect(log.undo(first)).rejects.toMatchObject({ code: 'invalid-state' });
    vi.advanceTimersByTime(limits.undoTime / 2);
    await expect(log.undo(second)).rejects.toMatchObject({ code: 'invalid-state' });
    expect(holds.count).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('calls lapse after 30 days, by themselves; their sums stay without the site', async () => {
  await log.add(call({ site: 'https://secret.test' }));
  now += 29 * day;
  await log.add(call());
  expect(await idsOf()).toEqual([2, 1]);
  now += 2 * day;
  expect(await idsOf()).toEqual([2]);
  expect(await dumpOf(database)).not.toContain('secret.test');
  expect((await usage()).map(({ calls }) => calls)).toEqual([1, 1]);
});

test.each([
  ['7d', [3]],
  ['30d', [3, 2]],
  ['90d', [3, 2, 1]],
  ['forever', [3, 2, 1]],
] as const)('kept for %s, what is older goes at once', async (retention, kept) => {
  for (const age of [60, 20, 1]) await database.activity.add(call({ at: now - age * day }));
  await log.keep(retention);
  expect(await idsOf()).toEqual(kept);
  expect((await log.kept()).retention).toBe(retention);
});

test('of too many calls the oldest go', async () => {
  create(3);
  for (let count = 0; count < 5; count += 1) await log.add(call());
  await log.sweep();
  expect(await idsOf()).toEqual([5, 4, 3]);
});

test('what lapsed is looked for at most once in a while, and again when the clock was set back', async () => {
  create(1);
  await log.add(call());
  await log.add(call());
  expect(await idsOf()).toEqual([2, 1]);
  now += limits.sweep;
  expect(await idsOf()).toEqual([2]);
  await log.add(call());
  now -= day;
  expect(await idsOf()).toEqual([3]);
});

test('calls that were written before the log knew connections are dropped by the new version', async () => {
  database.close();
  const { name } = database;
  const { default: Dexie } = await import('dexie');
  const old = new Dexie(`${name}-old`);
  old.version(1).stores({ activity: '++id, at', connections: 'id, createdAt' });
  await old.table('activity').add({ at: 1, model: 'm' });
  await old.table('connections').add({ id: 'c1', createdAt: 1 });
  old.close();
  const { Database: Current } = await import('../../background/database');
  const current = new Current({ name: `${name}-old` });
  expect(await current.activity.count()).toBe(0);
  expect(await current.connections.count()).toBe(1);
});

test('a log of the version before is counted by kinds', async () => {
  const { default: Dexie } = await import('dexie');
  const name = `${database.name}-two`;
  const old = new Dexie(name);
  old.version(2).stores({ activity: '++id, at, siteKey, connectionId, connectionName, model, outcome', keeping: 'id' });
  await old.table('activity').bulkAdd([call(), call(), call(other)]);
  await old.table('keeping').add({ id: 'keeping', retention: '90d' });
  old.close();
  const { Database: Current } = await import('../../background/database');
  database = new Current({ name });
  create();
  expect(await list({ text: 'gpt' })).toMatchObject({ entries: [{ id: 2 }, { id: 1 }], total: 2 });
  expect((await list()).total).toBe(3);
  expect((await log.kept()).retention).toBe('90d');
});

test('of 100,000 calls a search reads few, wherever they are, and shows the same as if it had read all', {
  timeout: 120_000,
}, async () => {
  const many = 100_000;
  const sites = ['https://a.test', 'https://b.test', 'https://rare.test'];
  const calls = Array.from({ length: many }, (_, index) =>
    call({
      site: index === 5 ? sites[2] : index < 20_000 ? 'https://old.test' : sites[index % 2],
      outcome: index % 10_000 === 0 ? 'unavailable' : 'answered',
      ...(index % 3 === 0 && other),
    }),
  );
  await database.activity.bulkAdd(calls);
  await createCallKinds(database).add(calls);
  let read = 0;
  database.activity.hook('reading', (row) => {
    read += 1;
    return row;
  });
  const reading = async (query: Parameters<typeof list>[0]) => {
    read = 0;
    const { entries, total } = await list({ limit: 50, ...query });
    return { shown: entries.length, total, read };
  };
  // The one more tells whether a page follows.
  expect(await reading({})).toEqual({ shown: 50, total: many, read: 51 });
  expect(await reading({ before: 500 })).toEqual({ shown: 50, total: many, read: 51 });
  // Many match: the newest are read until enough of them do.
  const dense = await reading({ text: 'a.test' });
  expect(dense).toMatchObject({ shown: 50, total: 40_000 });
  expect(dense.read).toBeLessThan(500);
  expect(await reading({ text: 'rare' })).toEqual({ shown: 1, total: 1, read: 1 });
  expect(await reading({ text: 'nothing' })).toEqual({ shown: 0, total: 0, read: 0 });
  expect(await reading({ ending: 'failed' })).toEqual({ shown: 10, total: 10, read: 10 });
  // Many match and none of the newest: it is given up soon, and only those are read.
  const old = await reading({ text: 'old.test' });
  expect(old).toMatchObject({ shown: 50, total: 19_999 });
  expect(old.read).toBeLessThan(10_000);
  const query = { ending: 'answered', connection: toConnectionId('c2'), text: 'qwen a.test', limit: 50, before: 90_000 } as const;
  const expected = calls
    .map((one, index) => ({ ...one, id: index + 1 }))
    .filter(
      ({ id, siteKey, model, outcome }) => id < 90_000 && /a\.test/.test(siteKey) && /qwen/.test(model) && outcome === 'answered',
    )
    .reverse()
    .slice(0, 50);
  expect((await list(query)).entries.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
  read = 0;
  await log.kept();
  expect(read).toBe(0);
});
