import { beforeEach, expect, test, vi } from 'vitest';
import type { Database } from '../../background/database';
import { createVault, type SecretBinding, type Vault } from '../../background/vault';
import { toConnectionId } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import { dumpOf, newDatabase } from './support/database';

const key = 'sk-CANARY-0123456789';
const binding: SecretBinding = {
  connectionId: toConnectionId('c1'),
  providerId: 'openai',
  origin: 'https://api.openai.com',
  header: 'Authorization',
};

let database: Database;
let vault: Vault;

beforeEach(() => {
  database = newDatabase();
  vault = createVault(database);
});

const record = async () => {
  const found = await database.secrets.get(binding.connectionId);
  if (!found) throw new Error('There is no secret.');
  return found;
};

test('a key comes back as it was, also after a restart', async () => {
  await vault.save(binding, key);
  expect(await vault.open(binding)).toBe(key);
  expect(await createVault(database).open(binding)).toBe(key);
});

test('a key that was never saved, or was removed, is absent', async () => {
  expect(await vault.open(binding)).toBeUndefined();
  await vault.save(binding, key);
  await vault.remove(binding.connectionId);
  expect(await vault.open(binding)).toBeUndefined();
});

test('a second key replaces the first', async () => {
  await vault.save(binding, 'first');
  await vault.save(binding, 'second');
  expect(await vault.open(binding)).toBe('second');
});

// T66, I6
test.each<[string, Partial<SecretBinding>]>([
  ['origin', { origin: 'https://evil.test' }],
  ['scheme', { origin: 'http://api.openai.com' }],
  ['port', { origin: 'https://api.openai.com:8443' }],
  ['provider', { providerId: 'openrouter' }],
  ['header', { header: 'x-api-key' }],
])('a key does not open for another %s', async (_name, change) => {
  await vault.save(binding, key);
  expect(await vault.open({ ...binding, ...change })).toBeUndefined();
  expect(await vault.open(binding)).toBe(key);
});

test('a record moved to another connection does not open', async () => {
  await vault.save(binding, key);
  const other = toConnectionId('c2');
  await database.secrets.put({ ...(await record()), connectionId: other });
  expect(await vault.open({ ...binding, connectionId: other })).toBeUndefined();
});

// T64: exhaustive over the record.
test('a record with any byte flipped does not open', async () => {
  await vault.save(binding, key);
  const good = await record();
  const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
  for (let at = 0; at < good.iv.length; at += 1) {
    await database.secrets.put({ ...good, iv: new Uint8Array(flipped(good.iv, at)) });
    expect(await vault.open(binding), `iv ${at}`).toBeUndefined();
  }
  for (let at = 0; at < good.ciphertext.byteLength; at += 1) {
    await database.secrets.put({ ...good, ciphertext: new Uint8Array(flipped(new Uint8Array(good.ciphertext), at)).buffer });
    expect(await vault.open(binding), `ciphertext ${at}`).toBeUndefined();
  }
  await database.secrets.put(good);
  expect(await vault.open(binding)).toBe(key);
});

// T65
test('no two encryptions share an IV, and each has 12 bytes', async () => {
  const seen = new Set<string>();
  for (let count = 0; count < 500; count += 1) {
    await vault.save(binding, key);
    const { iv } = await record();
    expect(iv).toHaveLength(12);
    seen.add(Buffer.from(iv).toString('hex'));
  }
  const [stored] = await database.vault.toArray();
  seen.add(Buffer.from(stored?.iv ?? []).toString('hex'));
  expect(seen.size).toBe(501);
});

test('the same key is never the same ciphertext', async () => {
  await vault.save(binding, key);
  const first = Buffer.from((await record()).ciphertext).toString('hex');
  await vault.save(binding, key);
  expect(Buffer.from((await record()).ciphertext).toString('hex')).not.toBe(first);
});

test('nothing in the database holds the key, and script cannot export the wrapping key', async () => {
  await vault.save(binding, key);
  expect(await dumpOf(database)).not.toContain('CANARY');
  const [stored] = await database.vault.toArray();
  if (!stored) throw new Error('There is no vault.');
  expect(stored.wrappingKey.extractable).toBe(false);
  await expect(crypto.subtle.exportKey('raw', stored.wrappingKey)).rejects.toThrow();
});

// T52
test.each([
  ['empty', ''],
  ['two lines', 'sk-1\r\nX-Evil: 1'],
  ['a line feed', 'sk-1\n'],
  ['NUL', 'sk-\0'],
  ['a blank', 'sk 1'],
  ['letters beyond ASCII', 'sk-ключ'],
  ['a typographic dash', 'sk–1'],
  ['an invisible letter', 'sk-1\u200b'],
  ['too long', 'x'.repeat(limits.keyChars + 1)],
])('a key that is %s is refused, and the message repeats nothing of it', async (_name, bad) => {
  const saving = vault.save(binding, bad);
  await expect(saving).rejects.toMatchObject({ code: 'invalid-request', field: 'key' });
  await expect(saving).rejects.not.toThrow(/sk|ключ|Evil/);
  expect(await database.secrets.count()).toBe(0);
});

test('the longest key is taken', async () => {
  const long = 'x'.repeat(limits.keyChars);
  await vault.save(binding, long);
  expect(await vault.open(binding)).toBe(long);
});

test('two first uses at once agree on one vault', async () => {
  const other = { ...binding, connectionId: toConnectionId('c2') };
  const second = createVault(database);
  await Promise.all([vault.save(binding, 'one'), second.save(other, 'two'), vault.open(binding)]);
  expect(await database.vault.count()).toBe(1);
  const fresh = createVault(database);
  expect([await fresh.open(binding), await fresh.open(other)]).toEqual(['one', 'two']);
});

test('two backgrounds that both found no vault keep the one that was written first', async () => {
  const second = createVault(database);
  const get = vi.spyOn(database.vault, 'get');
  await Promise.all([vault.save(binding, 'one'), second.save({ ...binding, connectionId: toConnectionId('c2') }, 'two')]);
  // Each looked before it created and once more in the transaction.
  expect(get).toHaveBeenCalledTimes(4);
  expect(await createVault(database).open(binding)).toBe('one');
});

test('a database that failed once is asked again', async () => {
  await vault.save(binding, key);
  const woken = createVault(database);
  vi.spyOn(database.vault, 'get').mockRejectedValueOnce(new Error('busy'));
  await expect(woken.open(binding)).rejects.toThrow('busy');
  expect(await woken.open(binding)).toBe(key);
});

test('a key under a vault that was lost is absent', async () => {
  await vault.save(binding, key);
  await database.vault.clear();
  expect(await createVault(database).open(binding)).toBeUndefined();
});
