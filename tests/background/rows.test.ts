/** The database as it starts: what the first request asks for is read without Dexie, and whatever cannot be is left to it. */
import 'fake-indexeddb/auto';
import Dexie from 'dexie';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, expect, type MockInstance, test, vi } from 'vitest';
import { type ConnectionRecord, Database, type DatabaseStart } from '../../background/database';
import type { Parts } from '../../background/on-demand';
import { createRows, databaseName, schemaVersion } from '../../background/rows';
import { toConnectionId } from '../../protocol/ids';

let factory: IDBFactory;
let made: Database[];
let load: ReturnType<typeof vi.fn<() => Promise<Parts['database']>>>;
let opening: MockInstance<IDBFactory['open']>;

const part = {
  createDatabase: (start: DatabaseStart) => {
    const database = new Database(start);
    made.push(database);
    return database;
  },
} as Partial<Parts['database']> as Parts['database'];

const named = (name: string, id = 'c'): ConnectionRecord => ({
  id: toConnectionId(id),
  providerId: 'openai',
  name,
  createdAt: 5,
});
const site = (key: string, expiresAt: number) => ({ key, subject: { top: key }, always: { expiresAt } }) as never;

/** What an earlier background has left. */
async function withStore() {
  const before = new Database({ factory });
  await before.connections.bulkPut([named('second', 'd'), named('first', 'c')]);
  await before.settings.put({ key: 'active-connection', value: toConnectionId('c') });
  await before.sites.bulkPut([site('a', 10), site('b', 20), site('c', 30)]);
  before.close();
  opening.mockClear();
}

const woken = () => createRows({ factory, load });

beforeEach(() => {
  factory = new IDBFactory();
  made = [];
  load = vi.fn(async () => part);
  opening = vi.spyOn(factory, 'open');
});
afterEach(() => {
  for (const database of made) database.close();
});

test('rows are read by their keys, all of them, and up to a value, and Dexie is not loaded', async () => {
  await withStore();
  const database = woken();
  await database.ready();
  expect(await database.row('settings', 'active-connection')).toMatchObject({ value: 'c' });
  expect(await database.row('settings', 'no-such')).toBeUndefined();
  expect(await database.rows('sites', ['c', 'no-such', 'a'])).toMatchObject([{ key: 'c' }, undefined, { key: 'a' }]);
  expect(await database.all('connections')).toMatchObject([{ name: 'first' }, { name: 'second' }]);
  expect(await database.upTo('sites', 'always.expiresAt', 20)).toMatchObject([{ key: 'a' }, { key: 'b' }]);
  expect(load).not.toHaveBeenCalled();
});

test('with Dexie the same is answered', async () => {
  await withStore();
  const database = woken();
  const whole = await database.whole();
  expect(await database.row('settings', 'active-connection')).toMatchObject({ value: 'c' });
  expect(await database.rows('sites', ['c', 'no-such', 'a'])).toMatchObject([{ key: 'c' }, undefined, { key: 'a' }]);
  expect(await database.all('connections')).toMatchObject([{ name: 'first' }, { name: 'second' }]);
  expect(await database.upTo('sites', 'always.expiresAt', 20)).toMatchObject([{ key: 'a' }, { key: 'b' }]);
  expect(await database.whole()).toBe(whole);
  expect(await whole.whole()).toBe(whole);
  expect(load).toHaveBeenCalledTimes(1);
});

test('what is asked before it is open waits for it', async () => {
  await withStore();
  const database = woken();
  expect(database.opened()).toBeNull();
  expect(await database.row('connections', 'c')).toMatchObject({ name: 'first' });
  expect(database.opened()).not.toBeNull();
});

test('Dexie takes over the one connection that is open', async () => {
  await withStore();
  const database = woken();
  await database.ready();
  const before = database.opened();
  const whole = await database.whole();
  expect(database.opened()).toBe(before);
  expect(whole.backendDB()).toBe(before);
  expect(opening).toHaveBeenCalledTimes(1);
  await whole.connections.put(named('third', 'e'));
  expect(await database.all('connections')).toHaveLength(3);
});

test('what is kept in memory outlasts the coming of Dexie, and no write of it', async () => {
  await withStore();
  const database = woken();
  await database.ready();
  const read = vi.fn(async () => (await database.row('connections', 'c'))?.name);
  const name = database.remember('connections', read);
  expect([await name('c'), await name('c')]).toEqual(['first', 'first']);
  const whole = await database.whole();
  expect(await name('c')).toBe('first');
  expect(read).toHaveBeenCalledTimes(1);
  expect(database.writesTo('connections')).toBe(0);
  await whole.connections.put(named('other'));
  expect(await name('c')).toBe('other');
  expect(database.writesTo('connections')).toBe(1);
  await whole.transaction('rw', whole.connections, async () => {
    await whole.connections.put(named('last'));
    expect(await name('c')).toBe('last');
  });
});

test('rows are put before Dexie is there, and make it forget what was read', async () => {
  await withStore();
  const database = woken();
  await database.ready();
  const name = database.remember('connections', async () => (await database.row('connections', 'c'))?.name);
  expect(await name('c')).toBe('first');
  await database.putAtOnce('connections', [named('put')]);
  expect(await name('c')).toBe('put');
  expect(load).not.toHaveBeenCalled();
  expect(await (await database.whole()).connections.get(toConnectionId('c'))).toMatchObject({ name: 'put' });
});

test('where there is none yet Dexie makes it', async () => {
  const database = woken();
  await database.ready();
  expect(load).toHaveBeenCalledTimes(1);
  expect(await database.all('connections')).toEqual([]);
  expect((await factory.databases()).map(({ name, version }) => [name, version])).toEqual([[databaseName, schemaVersion * 10]]);
});

test('nothing is left of a look at one that is not there', async () => {
  load.mockRejectedValue(new Error('no script'));
  await expect(woken().ready()).rejects.toThrow('no script');
  expect(await factory.databases()).toEqual([]);
});

test('what an earlier version wrote Dexie changes', async () => {
  const old = new Dexie(databaseName, { indexedDB: factory });
  old.version(1).stores({ connections: 'id, createdAt', settings: 'key' });
  await old.table('connections').put(named('old'));
  old.close();
  const database = woken();
  expect(await database.row('connections', 'c')).toMatchObject({ name: 'old' });
  expect((await database.whole()).verno).toBe(schemaVersion);
});

test('T109 what a newer version wrote is refused to all who ask, and stays', async () => {
  const newer = new Dexie(databaseName, { indexedDB: factory });
  newer.version(schemaVersion + 1).stores({ connections: 'id', later: 'id' });
  await newer.table('later').put({ id: 1 });
  newer.close();
  const database = woken();
  await database.ready();
  await expect(database.row('connections', 'c')).rejects.toThrow();
  await expect(database.putAtOnce('connections', [named('x')])).rejects.toMatchObject({ name: 'InvalidStateError' });
  await expect((await database.whole()).open()).rejects.toMatchObject({ name: 'VersionError' });
  const [found] = await factory.databases();
  expect(found?.version).toBe((schemaVersion + 1) * 10);
});

test('what the browser will not open at first is opened by whoever asks next', async () => {
  await withStore();
  opening.mockImplementationOnce(() => {
    throw new DOMException('busy', 'UnknownError');
  });
  const database = woken();
  expect(await database.row('connections', 'c')).toMatchObject({ name: 'first' });
});

test.each(['read', 'put'] as const)('a connection that the browser closed without a word is opened again (%s)', async (first) => {
  await withStore();
  const database = woken();
  await database.ready();
  database.opened()?.close();
  if (first === 'put')
    await expect(database.putAtOnce('connections', [named('put')])).rejects.toMatchObject({ name: 'InvalidStateError' });
  expect(await database.row('connections', 'c')).toMatchObject({ name: 'first' });
  await database.putAtOnce('connections', [named('put')]);
  expect(await database.row('connections', 'c')).toMatchObject({ name: 'put' });
});

test('Dexie opens it again where it was given a closed one', async () => {
  await withStore();
  const database = woken();
  await database.ready();
  database.opened()?.close();
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const whole = await database.whole();
  expect(await whole.connections.count()).toBe(2);
  await whole.transaction('rw', whole.connections, () => whole.connections.put(named('put')));
  expect(await database.row('connections', 'c')).toMatchObject({ name: 'put' });
});

test('it stands in nobody’s way: who wants to remove it may', async () => {
  await withStore();
  const database = woken();
  await database.ready();
  await new Promise((resolve, reject) => {
    const request = factory.deleteDatabase(databaseName);
    request.onsuccess = resolve;
    request.onblocked = reject;
  });
  expect(await database.all('connections')).toEqual([]);
});

test('what the browser cannot read rejects, and Dexie is not asked the same', async () => {
  await withStore();
  const database = woken();
  await database.ready();
  const connection = database.opened() as IDBDatabase;
  const begin = connection.transaction.bind(connection);
  vi.spyOn(connection, 'transaction').mockImplementationOnce((tables) => {
    const transaction = begin(tables);
    queueMicrotask(() => transaction.abort());
    return transaction;
  });
  await expect(database.row('connections', 'c')).rejects.toMatchObject({ name: 'AbortError' });
  await expect(database.rows('connections', [{} as never])).rejects.toMatchObject({ name: 'DataError' });
  expect(load).not.toHaveBeenCalled();
});

test('a disk that was full before Dexie came is known to it', async () => {
  await withStore();
  const database = woken();
  await database.ready();
  const transaction = database.opened()?.transaction('accounts', 'readwrite') as IDBTransaction;
  Object.defineProperty(transaction, 'error', { value: new DOMException('', 'QuotaExceededError') });
  transaction.abort();
  await new Promise((resolve) => transaction.addEventListener('abort', resolve));
  expect((await database.whole()).isFull).toBe(true);
});

test('a script that is missing is asked for again', async () => {
  await withStore();
  load.mockRejectedValueOnce(new Error('no script'));
  const database = woken();
  await expect(database.whole()).rejects.toThrow('no script');
  expect(await (await database.whole()).connections.count()).toBe(2);
});
