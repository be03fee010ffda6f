/** A store that cannot be read: it is recognised, what was in it is put away, and the person says whether Oriel begins anew. */
import 'fake-indexeddb/auto';
import Dexie from 'dexie';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, expect, test, vi } from 'vitest';
import { Database } from '../../background/database';
import type { Trial } from '../../background/disk-room';
import { createStore } from '../../background/store';
import { createMark, createStoreLoss, type StoreLoss } from '../../background/store-loss';
import { createUnreadableRows, type UnreadableRows } from '../../background/unreadable-rows';
import { createFakeDirectory, type FakeDirectory } from '../ondevice/fake-directory';
import { type Background, createBackground, serverAddress } from './support/background';
import { eventually } from './support/eventually';

const name = 'broken';
let database: Database;
let aside: UnreadableRows;
let loss: StoreLoss;
/** What the browser keeps apart from the database. */
let files: FakeDirectory;
let changes: number;
let trial: Trial;
beforeEach(() => {
  Dexie.dependencies.indexedDB = new IDBFactory();
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  changes = 0;
  trial = 'written';
  files = createFakeDirectory();
  start();
});

const disk = { getDirectory: async () => files.handle };

/** The next background on the same disk. */
function start() {
  database = new Database({ name });
  aside = createUnreadableRows(Dexie);
  loss = createStoreLoss({ database, mark: createMark(disk) });
  return storeOf();
}
const storeOf = () =>
  createStore({
    Dexie,
    database,
    aside,
    loss,
    tryDisk: async () => trial,
    now: () => 77,
    onChange: () => {
      changes += 1;
    },
  });

const connection = (id: string, more: object = {}) => ({ id, providerId: 'openai', name: id, createdAt: 1, ...more });
const put = (table: string, ...rows: object[]) => database.table(table).bulkPut(rows);
const ids = async () => (await database.connections.toArray()).map(({ id }) => id);

/** A version of later, whose tables this one does not know. */
async function writeAsNewer() {
  await database.open();
  database.close();
  const newer = new Dexie(name);
  newer.version(9).stores({ connections: 'id, createdAt', settings: 'key', later: 'id' });
  await newer.open();
  await newer.table('connections').bulkPut([connection('a'), connection('b', { createdAt: 'soon' })]);
  await newer.table('settings').put({ key: 'active-connection', value: 'a' });
  await newer.table('later').put({ id: 'x', bytes: new Uint8Array([1, 2, 3]), buffer: new Uint8Array([4]).buffer });
  newer.close();
}
/** No way back or forth: opening fails, whatever is there. */
const breakOpening = (error: Error) => vi.spyOn(database, 'open').mockRejectedValue(error) as unknown as { mockRestore(): void };

test('a store in order has no fault, and nothing is set aside', async () => {
  await put('connections', connection('a'));
  expect(await storeOf().fault()).toBeUndefined();
  expect(await aside.view()).toBeUndefined();
  expect(await Dexie.exists('oriel-set-aside')).toBe(false);
});

test('T107 rows that nothing can work with are set aside as they are, counted, and the rest works on', async () => {
  await put('connections', connection('a'), connection('b', { name: 7 }), connection('c', { baseUrl: 'no address' }));
  await put('sites', { key: 's', subject: { top: 'https://s.test' }, always: { scopes: 'all' } });
  await put('accounts', { key: '*', days: { '2026-11-01': { microUsd: Number.NaN, tokens: 1, metered: 0 } } });
  const store = storeOf();
  expect(await store.fault()).toBeUndefined();
  expect(await ids()).toEqual(['a']);
  expect(await database.sites.count()).toBe(0);
  expect(await database.accounts.count()).toBe(0);
  expect(await aside.view()).toEqual({ count: 4, at: 77 });
  expect(JSON.parse(await aside.file())).toContainEqual(
    expect.objectContaining({ table: 'connections', row: connection('b', { name: 7 }) }),
  );
  expect(changes).toBe(3);
  // Looked at once.
  expect(await start().fault()).toBeUndefined();
  expect((await aside.view())?.count).toBe(4);
});

test('every kind of row that Oriel itself writes is in order', async () => {
  const background: Background = createBackground();
  const screen = background.screen();
  await background.connect();
  await screen.call('activity-keep-content', { on: true });
  const page = background.page();
  page.request('1', { type: 'generate', request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] } });
  await background.decide('allow-always');
  await page.settled('1');
  await eventually(async () => expect(await background.database.activity.count()).toBe(1));
  const [{ id } = { id: '' as never }] = await background.database.connections.toArray();
  await screen.call('site-rule-set', {
    subject: { top: 'https://page.test' as never },
    rule: { fallback: [id], onlyThisComputer: true, asksEveryTime: true, mapped: [{ asked: 'x', connection: id }] },
    choosesModel: true,
  });
  await screen.call('budget-set', { subject: null, budget: { period: 'day', tokens: 5 } });
  await screen.call('vault-auto-lock', { after: '5m' });
  await screen.call('chat-keep', { turns: [{ type: 'question', text: 'Hello' }] });
  await background.database.openAiSites.put({ origin: 'https://page.test' as never });
  const sealed = { iv: new Uint8Array(12), ciphertext: new Uint8Array(4).buffer };
  await background.database.chats.put({ id: 'kept', keyId: 'chat k' as never, ...sealed });
  const { isSound, isKept } = await import('../../background/row-schemas');
  for (const table of background.database.tables) {
    const rows = await table.toArray();
    expect(rows.length, table.name).toBeGreaterThan(0);
    if (isKept(table.name))
      for (const row of rows) expect(isSound(table.name, row), `${table.name} ${JSON.stringify(row)}`).toBe(true);
  }
});

test('T109 what a newer version wrote is a fault of its own, and trying again changes nothing of it', async () => {
  await writeAsNewer();
  const store = start();
  expect(await store.fault()).toEqual({ type: 'newer' });
  await store.retry();
  expect(await store.fault()).toEqual({ type: 'newer' });
  expect(changes).toBe(1);
  expect(await aside.view()).toBeUndefined();
});

test('a renewed store has what is in order, and the rest lies aside with its bytes', async () => {
  await writeAsNewer();
  const store = start();
  await store.renew();
  expect(await store.fault()).toBeUndefined();
  expect(await ids()).toEqual(['a']);
  expect(await database.settings.toArray()).toEqual([{ key: 'active-connection', value: 'a' }]);
  expect(await aside.view()).toEqual({ count: 2, at: 77 });
  const file = JSON.parse(await aside.file());
  expect(file).toContainEqual(expect.objectContaining({ table: 'later', row: { id: 'x', bytes: 'AQID', buffer: 'BA==' } }));
  await aside.remove();
  expect(await aside.view()).toBeUndefined();
});

test.each(['adding', 'deleting', 'bringing back', 'settling'])(
  'a death while a store is renewed (%s) loses nothing: the next start ends it',
  async (step) => {
    await writeAsNewer();
    const store = start();
    const died = new Error('The browser died.');
    if (step === 'adding') vi.spyOn(aside, 'add').mockRejectedValueOnce(died);
    if (step === 'deleting') vi.spyOn(Dexie, 'delete').mockRejectedValueOnce(died);
    if (step === 'bringing back') vi.spyOn(aside, 'pending').mockRejectedValueOnce(died);
    if (step === 'settling') vi.spyOn(aside, 'settle').mockRejectedValueOnce(died);
    await expect(store.renew()).rejects.toThrow('died');
    const next = start();
    if (await next.fault()) await next.renew();
    expect(await next.fault()).toBeUndefined();
    expect(await ids()).toEqual(['a']);
    const file = await aside.file();
    expect(file).toContain('"later"');
    expect(file).toContain('"soon"');
  },
);

test('what came in place of a row while it lay aside is kept', async () => {
  await writeAsNewer();
  const store = start();
  vi.spyOn(aside, 'pending').mockRejectedValueOnce(new Error('The browser died.'));
  await expect(store.renew()).rejects.toThrow('died');
  const next = start();
  await put('connections', connection('a', { name: 'Newer' }));
  expect(await next.fault()).toBeUndefined();
  expect(await database.connections.toArray()).toEqual([connection('a', { name: 'Newer' })]);
});

test('T106 a full disk is told as one; a store that fails in another way is unreadable, and is tried again', async () => {
  const full = Object.assign(new Error('x'), { inner: new DOMException('Full.', 'QuotaExceededError') });
  const opening = breakOpening(full);
  const store = storeOf();
  expect(await store.fault()).toEqual({ type: 'full' });
  opening.mockRestore();
  const other = breakOpening(new Error('Internal error opening backing store.'));
  expect(await store.fault()).toEqual({ type: 'unreadable' });
  await store.retry();
  other.mockRestore();
  await store.retry();
  expect(await store.fault()).toBeUndefined();
});

test('T106 a database that does not open for want of room is full, not broken: nobody is offered to begin anew', async () => {
  const opening = breakOpening(new DOMException('Internal error opening backing store.', 'UnknownError'));
  trial = 'full';
  expect(await storeOf().fault()).toEqual({ type: 'full' });
  // Whatever else keeps files from being written says nothing about room.
  trial = 'failed';
  expect(await storeOf().fault()).toEqual({ type: 'unreadable' });
  opening.mockRestore();
});

test('T106 what did not open once is opened by whoever asks next', async () => {
  await put('connections', connection('a'));
  const real = Dexie.dependencies.indexedDB;
  let isBroken = true;
  const failing = {
    databases: () => real.databases(),
    open(...how: [string, number]) {
      if (!isBroken) return real.open(...how);
      // Asks for less than there is, which no browser opens.
      return real.open(how[0], 1);
    },
  };
  database.close();
  Dexie.dependencies.indexedDB = failing as unknown as IDBFactory;
  database = new Database({ name });
  await expect(ids()).rejects.toThrow();
  isBroken = false;
  await eventually(async () => expect(await ids()).toEqual(['a']));
});

test('T106 where the browser opens no further database, screens do without the word about rows set aside until it does', async () => {
  const looking = vi.spyOn(Dexie, 'exists').mockRejectedValue(new DOMException('', 'UnknownError'));
  expect(await aside.view()).toBeUndefined();
  expect(await storeOf().fault()).toBeUndefined();
  looking.mockRestore();
  await createUnreadableRows(Dexie).add([{ at: 1, table: 'connections', row: {} }]);
  expect(await aside.view()).toEqual({ count: 1, at: 1 });
});

test('T106 a write that finds no room is remembered until there is some', async () => {
  const store = start();
  await put('connections', connection('a'));
  expect(await store.isFull()).toBe(false);
  const opened = database.backendDB();
  const transaction = opened.transaction('connections');
  Object.defineProperty(transaction, 'error', { value: new DOMException('Full.', 'QuotaExceededError') });
  transaction.abort();
  trial = 'full';
  await eventually(async () => expect(await store.isFull()).toBe(true));
  // Firefox says nothing better of a full disk.
  trial = 'failed';
  expect(await store.isFull()).toBe(true);
  trial = 'written';
  expect(await store.isFull()).toBe(false);
  trial = 'full';
  expect(await store.isFull()).toBe(false);
});

test('a store that can be read is not renewed, whoever asks for it', async () => {
  await put('connections', connection('a'));
  await storeOf().renew();
  expect(await ids()).toEqual(['a']);
  expect(await aside.view()).toBeUndefined();
});

test('where the browser cannot open it at all Oriel begins empty, with the person’s consent alone', async () => {
  const open = vi.spyOn(Dexie.prototype, 'open').mockRejectedValueOnce(new Error('Internal error opening backing store.'));
  const store = storeOf();
  expect(await store.fault()).toEqual({ type: 'unreadable' });
  // By itself, and to read what is there.
  const broken = new Error('Internal error opening backing store.');
  open.mockRejectedValueOnce(broken).mockRejectedValueOnce(broken);
  await store.renew();
  expect(await store.fault()).toBeUndefined();
  expect(await ids()).toEqual([]);
});

test('screens say what is wrong with the store and nothing else; calls of pages settle, and after a renewal all goes on', async () => {
  const background = createBackground();
  await background.connect();
  const newer = new Dexie('oriel');
  const stores = background.database.tables.map(({ name: table, schema }) => {
    const paths = [schema.primKey, ...schema.indexes].map(({ src }) => src);
    return [table, paths.join()] as const;
  });
  // The first background lets go of it when its version changes.
  newer.version(9).stores({ ...Object.fromEntries(stores), later: 'id' });
  await newer.open();
  newer.close();
  background.restart();
  const screen = background.screen();
  const overview = await screen.call('overview', {});
  expect(overview).toMatchObject({ store: { type: 'newer' }, connections: [], approvals: [] });
  const page = background.page();
  page.request('1', { type: 'generate', request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] } });
  expect(await page.settled('1')).toMatchObject({ type: 'error' });

  await screen.call('store-retry', {});
  await screen.call('store-renew', {});
  const after = await screen.call('overview', {});
  expect(after.store).toBeUndefined();
  expect(after.connections).toMatchObject([{ baseUrl: `${serverAddress}/v1`, state: { type: 'connected' } }]);
  page.request('2', { type: 'generate', request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] } });
  await background.decide('allow-visit');
  expect(await page.settled('2')).toMatchObject({ type: 'end' });
});

test('what is set aside is told, given as a file, and gone when the person says so', async () => {
  const background = createBackground();
  await background.database.connections.put(connection('b', { name: 7 }) as never);
  const screen = background.screen();
  await eventually(async () => expect((await screen.call('overview', {})).setAside).toMatchObject({ count: 1 }));
  expect(await screen.call('store-aside-file', {})).toContain('"name": 7');
  await screen.call('store-aside-remove', {});
  expect((await screen.call('overview', {})).setAside).toBeUndefined();
});

/** As Chromium does where a full disk has torn its files: the next look finds a new database. */
async function throwAway() {
  database.close();
  await Dexie.delete(name);
  start();
}

test('a database that the browser threw away is told as lost until the person has read it; one that is new, or was emptied, is not', async () => {
  expect(await loss.isLost()).toBe(false);
  start();
  await put('connections', connection('a'));
  expect(await loss.isLost()).toBe(false);
  await database.connections.clear();
  start();
  expect(await loss.isLost()).toBe(false);

  await throwAway();
  expect(await loss.isLost()).toBe(true);
  start();
  expect(await loss.isLost()).toBe(true);
  await loss.begin();
  expect(await loss.isLost()).toBe(false);
  start();
  expect(await loss.isLost()).toBe(false);
});

test('a store that was there before there were marks gets them, and one of them alone is put right', async () => {
  await put('connections', connection('a'));
  await createMark(disk).set();
  expect(await loss.isLost()).toBe(false);
  await throwAway();
  expect(await loss.isLost()).toBe(true);

  await loss.begin();
  files = createFakeDirectory();
  start();
  expect(await loss.isLost()).toBe(false);
  await throwAway();
  expect(await loss.isLost()).toBe(true);
});

test('where a full disk takes no mark nothing is said, and the next look tries again', async () => {
  const full = vi.spyOn(disk, 'getDirectory').mockRejectedValue(new DOMException('No room', 'QuotaExceededError'));
  expect(await loss.isLost()).toBe(false);
  full.mockRestore();
  expect(await loss.isLost()).toBe(false);
  await throwAway();
  expect(await loss.isLost()).toBe(true);
});

test('what the person begins anew is not lost', async () => {
  await loss.isLost();
  const store = storeOf();
  const broken = breakOpening(new Error('broken'));
  vi.spyOn(database, 'close').mockImplementationOnce(() => {
    broken.mockRestore();
    Dexie.prototype.close.call(database);
  });
  await store.renew();
  start();
  expect(await loss.isLost()).toBe(false);
});

test('a renewal brings back what is in order also where no mark can be written', async () => {
  await put('connections', connection('a'));
  const broken = breakOpening(new Error('broken'));
  vi.spyOn(database, 'close').mockImplementationOnce(() => {
    broken.mockRestore();
    Dexie.prototype.close.call(database);
  });
  const none = vi.spyOn(disk, 'getDirectory').mockRejectedValue(new DOMException('No', 'SecurityError'));
  await storeOf().renew();
  none.mockRestore();
  expect(await ids()).toEqual(['a']);
});

test('that it is lost is in the overview, until it is dismissed', async () => {
  const background = createBackground();
  expect((await background.screen().call('overview', {})).isLost).toBeUndefined();
  await background.database.security.clear();
  background.restart();
  const screen = background.screen();
  expect((await screen.call('overview', {})).isLost).toBe(true);
  await screen.call('store-lost-dismiss', {});
  expect((await screen.call('overview', {})).isLost).toBeUndefined();
});
