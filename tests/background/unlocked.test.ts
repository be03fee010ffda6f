import { beforeEach, expect, test } from 'vitest';
import { newRawKey } from '../../background/sealed';
import { createArea } from './support/area';
import { createTestVault, type TestVault } from './support/vault';

const minute = 60_000;
const raw = newRawKey();
const key = Buffer.from(raw).toString('base64');

let t: TestVault;
beforeEach(() => {
  t = createTestVault();
});

test('it is locked until it is unlocked, and after it was locked', async () => {
  expect(await t.unlocked.get()).toBeUndefined();
  await t.unlocked.set(raw);
  expect(await t.unlocked.get()).toEqual(raw);
  await t.unlocked.drop();
  expect(await t.unlocked.get()).toBeUndefined();
  expect(t.session.entries.get('unlocked')).toBeUndefined();
  expect(t.alarm()).toBeUndefined();
});

test.each([
  ['5m', 5],
  ['15m', 15],
  ['60m', 60],
  ['4h', 240],
] as const)('T70 after %s without use it locks, at the first look even where no alarm rang', async (after, minutes) => {
  t.autoLock = after;
  await t.unlocked.set(raw);
  expect(t.alarm()).toBe(t.now + minutes * minute + 1000);
  t.now += minutes * minute - 1;
  expect(await t.unlocked.get()).toEqual(raw);
  t.now += 1;
  expect(await t.unlocked.get()).toBeUndefined();
  expect(t.session.entries.get('unlocked')).toBeUndefined();
});

test('a use puts the lock off; a mere look does not, and two uses in a row are written once', async () => {
  await t.unlocked.used();
  await t.unlocked.retime();
  expect(t.session.entries.size).toBe(0);
  await t.unlocked.set(raw);
  const first = t.session.entries.get('unlocked');
  t.now += 29_000;
  await t.unlocked.used();
  expect(t.session.entries.get('unlocked')).toEqual(first);
  t.now += 30 * minute;
  await t.unlocked.used();
  t.now += 59 * minute;
  expect(await t.unlocked.get()).toEqual(raw);
  t.now += minute;
  expect(await t.unlocked.get()).toBeUndefined();
});

test('until the browser closes: no alarm and no limit', async () => {
  t.autoLock = 'session';
  await t.unlocked.set(raw);
  expect(t.alarm()).toBeUndefined();
  t.now += 1000 * 60 * minute;
  expect(await t.unlocked.get()).toEqual(raw);
});

test('another choice holds from now on', async () => {
  await t.unlocked.set(raw);
  t.autoLock = '5m';
  await t.unlocked.retime();
  expect(t.alarm()).toBe(t.now + 5 * minute + 1000);
});

test('T70 a clock that went back by more than 5 minutes locks; a correction does not', async () => {
  await t.unlocked.set(raw);
  t.now -= 5 * minute;
  expect(await t.unlocked.get()).toEqual(raw);
  t.now -= 1;
  expect(await t.unlocked.get()).toBeUndefined();
});

const now = 1_700_000_000_000;
test.each<[string, unknown]>([
  ['nothing that was used', { key, lockAt: now + minute }],
  ['no time to lock', { key, usedAt: now }],
  ['NaN as the last use', { key, usedAt: Number.NaN, lockAt: now + minute }],
  ['a last use in the future', { key, usedAt: now + 6 * minute, lockAt: now + 60 * minute }],
  ['NaN as the time to lock', { key, usedAt: now, lockAt: Number.NaN }],
  ['no end', { key, usedAt: now, lockAt: Number.POSITIVE_INFINITY }],
  ['an end beyond every choice', { key, usedAt: now, lockAt: now + 241 * minute }],
  ['an unknown word', { key, usedAt: now, lockAt: 'never' }],
  ['text as times', { key, usedAt: String(now), lockAt: String(now + minute) }],
  ['no key', { usedAt: now, lockAt: now + minute }],
  ['half a key', { key: 'AAAA', usedAt: now, lockAt: now + minute }],
  ['a key that is no base64', { key: `${'?'.repeat(43)}=`, usedAt: now, lockAt: now + minute }],
  ['a word', 'unlocked'],
  ['null', null],
])('T70 what is stored with %s means locked', async (_name, value) => {
  const session = createArea();
  await session.set('unlocked', value);
  const odd = createTestVault(t.database, t.vaultCopy, session);
  expect(await odd.unlocked.get()).toBeUndefined();
  expect(session.entries.get('unlocked')).toBeUndefined();
});
