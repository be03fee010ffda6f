/** The store over the years: what each version wrote is read by this one, however often the way there was cut off. */
import 'fake-indexeddb/auto';
import Dexie from 'dexie';
import { afterEach, expect, test } from 'vitest';
import { Database } from '../../background/database';

let count = 0;
const newName = () => {
  count += 1;
  return `store-${count}`;
};
const opened: Dexie[] = [];
afterEach(() => {
  for (const database of opened.splice(0)) database.close();
});
const open = async (name: string) => {
  const database = new Database({ name });
  opened.push(database);
  await database.open();
  return database;
};

/** The tables of each version as it was written by then. A line that is here is never changed: a new version gets a line of its own. */
const versions: readonly Readonly<Record<string, string>>[] = [
  {
    connections: 'id, createdAt',
    secrets: 'connectionId',
    vault: 'id',
    sites: 'key, always.expiresAt',
    activity: '++id, at',
    settings: 'key',
    accounts: 'key',
    security: 'id',
  },
  {
    activity: '++id, at, siteKey, connectionId, connectionName, model, outcome',
    usage: '[day+siteKey+connectionId+model], day',
    keeping: 'id',
  },
  {
    activity: '++id, at, [siteKey+connectionId+connectionName+model+outcome]',
    callKinds: '[siteKey+connectionId+connectionName+model+outcome]',
    contents: 'id, at, size, keyId',
  },
  { openAiSites: 'origin' },
  { chats: 'id' },
];

const connection = { id: 'c', providerId: 'openai', name: 'Mine', createdAt: 5 };
const site = {
  key: 'https://site.test',
  subject: { top: 'https://site.test' },
  always: { subject: { top: 'https://site.test' }, scopes: ['generate'], models: ['*'], expiresAt: 9e15 },
};
const accounts = [{ key: '*', days: { '2026-11-01': { microUsd: 7, tokens: 9, metered: 0 } } }];
const kind = { siteKey: 'https://site.test', connectionId: 'c', connectionName: 'Mine', model: 'm', outcome: 'answered' };
const calls = [1, 2].map((id) => ({ ...kind, id, at: id, day: '2026-11-01', subject: site.subject, milliseconds: 3 }));

/** What a profile of each version holds. Nothing of it changes when the store does. */
const always = {
  connections: [connection],
  sites: [site],
  accounts,
  settings: [{ key: 'active-connection', value: 'c' }],
  security: [{ id: 'security', autoLock: '5m' }],
  secrets: [{ connectionId: 'c', providerId: 'openai', origin: 'https://api.openai.com', header: 'authorization', version: 1 }],
};
const usage = [{ day: '2026-11-01', siteKey: 'https://site.test', connectionId: 'c', model: 'm', calls: 2 }];
const kept = [{ id: 'keeping', retention: '7d' }];
const contents = [{ id: 'x', at: 1, size: 2, keyId: 'content k' }];
const callKinds = [{ ...kind, calls: 2, lastAt: 2 }];
const fixtures: Readonly<Record<string, readonly object[]>>[] = [
  { ...always, activity: [{ id: 1, at: 1, model: 'm' }] },
  { ...always, activity: calls, usage, keeping: kept },
  { ...always, activity: calls, usage, keeping: kept, callKinds, contents },
  { ...always, activity: calls, usage, keeping: kept, callKinds, contents, openAiSites: [{ origin: 'https://site.test' }] },
];
fixtures.push({ ...fixtures[3], chats: [{ id: 'kept', keyId: 'chat k' }] });
const numbers = versions.map((_version, index) => index + 1);

/** A profile as this version of Oriel left it. */
async function profileOf(version: number): Promise<string> {
  const name = newName();
  const old = new Dexie(name);
  for (const [index, stores] of versions.slice(0, version).entries()) old.version(index + 1).stores(stores);
  await old.open();
  for (const [table, rows] of Object.entries(fixtures[version - 1] ?? {})) await old.table(table).bulkPut([...rows]);
  old.close();
  return name;
}

const rowsOf = async (database: Dexie) =>
  Object.fromEntries(await Promise.all(database.tables.map(async (table) => [table.name, await table.toArray()] as const)));

test('T109 migrations are append-only: the tables of each version are as they were written down, and the last one is known here', async () => {
  const now = await open(newName());
  const expected = new Dexie(newName());
  opened.push(expected);
  for (const [index, stores] of versions.entries()) expected.version(index + 1).stores(stores);
  await expected.open();
  const schemaOf = (database: Dexie) =>
    Object.fromEntries(
      database.tables.map(({ name, schema }) => [name, [schema.primKey.src, ...schema.indexes.map(({ src }) => src).sort()]]),
    );
  expect(now.verno).toBe(versions.length);
  expect(schemaOf(now)).toEqual(schemaOf(expected));
});

test.each(numbers)('T109 a profile of version %i is read by this one, and nothing that lasts is lost', async (version) => {
  const database = await open(await profileOf(version));
  const rows = await rowsOf(database);
  expect(rows).toMatchObject(always);
  // The calls of the first version could not be shown, and are the one thing that was let go.
  if (version > 1) expect(rows).toMatchObject({ activity: calls, callKinds, usage, keeping: kept });
  else expect(rows).toMatchObject({ activity: [], callKinds: [] });
  if (version > 2) expect(rows).toMatchObject({ contents });
});

/** The browser dies in the middle of a migration: its transaction is undone, as IndexedDB promises. */
async function killedAt(name: string, step: number): Promise<boolean> {
  const database = new Database({ name });
  let steps = 0;
  const die = () => {
    steps += 1;
    if (steps === step) throw new Error('The browser died.');
  };
  database.use({
    stack: 'dbcore',
    name: 'death',
    create: (core) => ({
      ...core,
      table: (tableName) => {
        const table = core.table(tableName);
        return {
          ...table,
          mutate: (request) => {
            die();
            return table.mutate(request);
          },
          query: (request) => {
            die();
            return table.query(request);
          },
        };
      },
    }),
  });
  const isWhole = await database.open().then(
    () => true,
    () => false,
  );
  database.close();
  return !isWhole;
}

test.each(numbers)(
  'T109 killed at each step, the way from version %i comes to the same end when it is gone again',
  async (version) => {
    const expected = await rowsOf(await open(await profileOf(version)));
    let deaths = 0;
    for (let step = 1; step <= 6; step++) {
      const name = await profileOf(version);
      if (await killedAt(name, step)) deaths += 1;
      expect(await rowsOf(await open(name)), `killed at step ${step}`).toEqual(expected);
    }
    // Versions 1 and 2 have rows to change on the way.
    expect(deaths > 0).toBe(version < 3);
  },
);

test('rows that are put at once are all there when it resolves, or none where it rejects', async () => {
  const database = await open(await profileOf(versions.length));
  const account = { key: 'a', days: {}, latest: 0 };
  await database.putAtOnce('accounts', [account, { ...account, key: 'b' }]);
  expect(await database.accounts.bulkGet(['a', 'b'])).toMatchObject([{ key: 'a' }, { key: 'b' }]);
  await expect(database.putAtOnce('accounts', [{ ...account, key: 'c' }, { days: {} }])).rejects.toMatchObject({
    name: 'AbortError',
  });
  expect(await database.accounts.get('c')).toBeUndefined();
  database.close();
  await expect(database.putAtOnce('accounts', [account])).rejects.toMatchObject({ name: 'InvalidStateError' });
});

test('T109 what a newer version wrote is neither read nor written, and is there unchanged afterwards', async () => {
  const name = await profileOf(versions.length);
  const newer = new Dexie(name);
  for (const [index, stores] of [...versions, { later: 'id' }].entries()) newer.version(index + 1).stores(stores);
  await newer.open();
  await newer.table('later').put({ id: 1 });
  const before = await rowsOf(newer);
  newer.close();

  const database = new Database({ name });
  opened.push(database);
  await expect(database.connections.toArray()).rejects.toThrow();
  await expect(database.settings.put({ key: 'active-connection', value: 'z' as never })).rejects.toThrow();
  await expect(database.open()).rejects.toMatchObject({ name: 'VersionError' });

  const again = new Dexie(name);
  opened.push(again);
  await again.open();
  expect(again.verno).toBe(versions.length + 1);
  expect(await rowsOf(again)).toEqual(before);
});
