/** What is kept of the small tables in memory: never older than the table, whoever writes to it and however that ends. */
import 'fake-indexeddb/auto';
import Dexie from 'dexie';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import type { ConnectionRecord, Database } from '../../background/database';
import type { Remembered } from '../../background/remembered';
import { toConnectionId } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import { newDatabase } from './support/database';

let database: Database;
let reads: number;
let nameOf: Remembered<string | undefined>;
let all: Remembered<ConnectionRecord[]>;

const id = toConnectionId('c');
const row = (name: string, of = 'c'): ConnectionRecord => ({ id: toConnectionId(of), providerId: 'openai', name, createdAt: 5 });

beforeEach(async () => {
  database = newDatabase();
  reads = 0;
  nameOf = database.remember('connections', async (key) => {
    reads += 1;
    return (await database.connections.get(toConnectionId(key)))?.name;
  });
  all = database.remember('connections', () => database.connections.toArray());
  await database.connections.put(row('one'));
});

test('what was read is not read again until the table is written', async () => {
  expect([await nameOf('c'), await nameOf('c'), await nameOf('d')]).toEqual(['one', 'one', undefined]);
  expect(reads).toBe(2);
  await database.settings.put({ key: 'active-connection', value: id });
  await nameOf('c');
  expect(reads).toBe(2);
});

test('calls at once share one read', async () => {
  expect(await Promise.all([nameOf('c'), nameOf('c'), nameOf('c')])).toEqual(['one', 'one', 'one']);
  expect(reads).toBe(1);
});

test.each<[how: string, write: () => PromiseLike<unknown>, then: string | undefined]>([
  ['put', () => database.connections.put(row('two')), 'two'],
  ['bulkPut', () => database.connections.bulkPut([row('two')]), 'two'],
  ['putAtOnce', () => database.putAtOnce('connections', [row('two')]), 'two'],
  ['update', () => database.connections.update(id, { name: 'two' }), 'two'],
  ['modify', () => database.connections.where({ id }).modify({ name: 'two' }), 'two'],
  ['delete', () => database.connections.delete(id), undefined],
  ['a deletion by a query', () => database.connections.where('createdAt').equals(5).delete(), undefined],
  ['clear', () => database.connections.clear(), undefined],
  [
    'a transaction over more tables',
    () =>
      database.transaction('rw', database.connections, database.settings, async () => {
        await database.connections.put(row('two'));
        await database.settings.clear();
      }),
    'two',
  ],
])('%s is seen by the very next read', async (_how, write, then) => {
  expect(await nameOf('c')).toBe('one');
  await write();
  expect(await nameOf('c')).toBe(then);
  expect(await all('')).toEqual(await database.connections.toArray());
});

/** What somebody else is told who asks in the midst of a transaction that has written. */
const askedMeanwhile = async (end: () => void) => {
  let meanwhile: Promise<string | undefined> | undefined;
  const done = database.transaction('rw', database.connections, async () => {
    await database.connections.put(row('two'));
    meanwhile = Dexie.ignoreTransaction(() => nameOf('c'));
    await database.connections.get(id);
    end();
  });
  await done.catch(() => undefined);
  return meanwhile;
};

test('a read that is asked while a write is under way waits for it', async () => {
  expect(await nameOf('c')).toBe('one');
  expect([await askedMeanwhile(() => undefined), await nameOf('c')]).toEqual(['two', 'two']);
});

test('after a write that failed, what is read is what was there before it, also for who asked meanwhile', async () => {
  expect(await nameOf('c')).toBe('one');
  const failing = () => {
    throw new Error('The disk is full.');
  };
  expect([await askedMeanwhile(failing), await nameOf('c')]).toEqual(['one', 'one']);
  await database.connections.put(row('three'));
  expect(await nameOf('c')).toBe('three');
});

test('inside a transaction what it wrote is read, and none of it is kept when it fails', async () => {
  await nameOf('c');
  const failed = database.transaction('rw', database.connections, async () => {
    await database.connections.put(row('two'));
    expect(await nameOf('c')).toBe('two');
    expect((await all('')).map(({ name }) => name)).toEqual(['two']);
    throw new Error('No.');
  });
  await expect(failed).rejects.toThrow('No.');
  expect(await nameOf('c')).toBe('one');
  expect((await all('')).map(({ name }) => name)).toEqual(['one']);
});

test('a read that was under way when a write began is not kept', async () => {
  let answer: (name: string) => void = () => undefined;
  const slow = database.remember(
    'connections',
    () =>
      new Promise<string>((resolve) => {
        answer = resolve;
      }),
  );
  const before = slow('c');
  const answerBefore = answer;
  await database.connections.put(row('two'));
  const after = slow('c');
  answer('two');
  answerBefore('one');
  expect([await before, await after, await slow('c')]).toEqual(['one', 'two', 'two']);
});

test('a read that failed is not kept', async () => {
  let isBroken = true;
  const fragile = database.remember('connections', async () => {
    if (isBroken) throw new Error('Unreadable.');
    return 'fine';
  });
  await expect(fragile('c')).rejects.toThrow('Unreadable.');
  isBroken = false;
  expect(await fragile('c')).toBe('fine');
});

test('a failure that comes after a write does not take the newer answer along', async () => {
  const settle: { resolve: (name: string) => void; reject: (error: Error) => void }[] = [];
  const slow = database.remember('connections', () => new Promise<string>((resolve, reject) => settle.push({ resolve, reject })));
  const before = slow('c');
  await database.connections.put(row('two'));
  const after = slow('c');
  settle[1]?.resolve('two');
  await after;
  settle[0]?.reject(new Error('Unreadable.'));
  await expect(before).rejects.toThrow('Unreadable.');
  expect(await slow('c')).toBe('two');
  expect(settle).toHaveLength(2);
});

test('a database that was closed and opened again is read anew; a closed one is not answered for', async () => {
  expect(await nameOf('c')).toBe('one');
  database.close();
  await expect(nameOf('c')).rejects.toThrow();
  await database.open();
  const before = reads;
  expect(await nameOf('c')).toBe('one');
  expect(reads).toBe(before + 1);
});

test('what is kept cannot be changed by whoever has it', async () => {
  const [first] = await all('');
  expect(() => Object.assign(first as object, { name: 'changed' })).toThrow();
});

test('pages that ask for ever more leave no more than a bounded number of answers', async () => {
  for (let index = 0; index <= limits.rememberedRows; index += 1) await nameOf(`site-${index}`);
  expect(reads).toBe(limits.rememberedRows + 1);
  await nameOf(`site-${limits.rememberedRows}`);
  expect(reads).toBe(limits.rememberedRows + 1);
  await nameOf('site-0');
  expect(reads).toBe(limits.rememberedRows + 2);
});

const step = fc.record({
  write: fc.constantFrom('put', 'delete', 'fail', 'none'),
  /** Reads that begin before it, beside it, and after it. */
  isAwaited: fc.boolean(),
  key: fc.constantFrom('c', 'd'),
});

test('property: in whatever order reads, writes and failed writes come, a read that begins after a write has ended never tells of before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      await database.connections.clear();
      const held = new Map<string, string>();
      let pending: Promise<unknown>[] = [];
      for (const [index, { write, isAwaited, key }] of steps.entries()) {
        const name = `name-${index}`;
        const meanwhile = nameOf(key);
        const writes: Record<typeof write, () => PromiseLike<unknown>> = {
          put: () => database.connections.put(row(name, key)),
          delete: () => database.connections.delete(toConnectionId(key)),
          fail: () =>
            database
              .transaction('rw', database.connections, async () => {
                await database.connections.put(row(name, key));
                await nameOf(key);
                throw new Error('No.');
              })
              .catch(() => undefined),
          none: async () => undefined,
        };
        const done = Promise.resolve(writes[write]());
        if (write === 'put') held.set(key, name);
        if (write === 'delete') held.delete(key);
        pending.push(done, meanwhile, nameOf(key));
        if (!isAwaited) continue;
        await Promise.all(pending);
        pending = [];
        for (const one of ['c', 'd']) expect(await nameOf(one)).toBe(held.get(one));
      }
      await Promise.all(pending);
      for (const one of ['c', 'd']) expect(await nameOf(one)).toBe(held.get(one));
    }),
    { numRuns: 60 },
  );
});
