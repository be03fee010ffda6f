import 'fake-indexeddb/auto';
import Dexie from 'dexie';
import fc from 'fast-check';
import { beforeEach, expect, test, vi } from 'vitest';
import type { SecretBinding, SecretRecord, VaultRecord } from '../../background/database';
import { newRawKey, seal, unseal } from '../../background/sealed';
import { toConnectionId } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import { dumpOf } from './support/database';
import { createTestVault, keyFrom, protection, type TestVault } from './support/vault';

const key = 'sk-CANARY-0123456789';
const binding: SecretBinding = {
  connectionId: toConnectionId('c1'),
  providerId: 'openai',
  origin: 'https://api.openai.com',
  header: 'Authorization',
};
const other = { ...binding, connectionId: toConnectionId('c2') };
const wrongPassphrase = { code: 'invalid-request', field: 'passphrase' };

let t: TestVault;
beforeEach(() => {
  t = createTestVault();
});

const secret = async (): Promise<SecretRecord> => {
  const found = await t.database.secrets.get(binding.connectionId);
  if (!found) throw new Error('There is no secret.');
  return found;
};
const stored = async (): Promise<VaultRecord> => {
  const found = await t.database.vault.get('vault');
  if (!found) throw new Error('There is no vault.');
  return found;
};
const flip = (bytes: Uint8Array, at: number) => new Uint8Array(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)));
const withPassphrase = async () => {
  await t.vault.save(binding, key);
  await t.vault.protect(undefined, protection(1));
};

test('a key comes back as it was, also after a restart', async () => {
  await t.vault.save(binding, key);
  expect(await t.vault.open(binding)).toBe(key);
  expect(await t.again().vault.open(binding)).toBe(key);
});

test('a key that was never saved, or was removed, is absent', async () => {
  expect(await t.vault.open(binding)).toBeUndefined();
  await t.vault.remove(binding.connectionId);
  await t.vault.save(binding, key);
  await t.vault.remove(binding.connectionId);
  expect(await t.vault.open(binding)).toBeUndefined();
  expect(await t.records.copyOf(binding.connectionId)).toBeUndefined();
});

test('a second key replaces the first', async () => {
  await t.vault.save(binding, 'first');
  await t.vault.save(binding, 'second');
  expect(await t.vault.open(binding)).toBe('second');
});

test.each<[string, Partial<SecretBinding>]>([
  ['origin', { origin: 'https://evil.test' }],
  ['scheme', { origin: 'http://api.openai.com' }],
  ['port', { origin: 'https://api.openai.com:8443' }],
  ['provider', { providerId: 'openrouter' }],
  ['header', { header: 'x-api-key' }],
])('T66 a key does not open for another %s, also when the record is relabelled', async (_name, change) => {
  await t.vault.save(binding, key);
  expect(await t.vault.open({ ...binding, ...change })).toBeUndefined();
  await t.database.secrets.put({ ...(await secret()), ...change });
  expect(await t.vault.open({ ...binding, ...change })).toBeUndefined();
});

test('T66 a record moved to another connection does not open', async () => {
  await t.vault.save(binding, key);
  await t.database.secrets.put({ ...(await secret()), connectionId: other.connectionId });
  expect(await t.vault.open(other)).toBeUndefined();
});

test('T64 a secret with any byte flipped does not open, in either copy', async () => {
  await t.vault.save(binding, key);
  await t.vaultCopy.clear();
  const good = await secret();
  for (let at = 0; at < good.iv.length; at += 1) {
    await t.database.secrets.put({ ...good, iv: flip(good.iv, at) });
    expect(await t.vault.open(binding), `iv ${at}`).toBeUndefined();
  }
  for (let at = 0; at < good.ciphertext.byteLength; at += 1) {
    await t.database.secrets.put({ ...good, ciphertext: flip(new Uint8Array(good.ciphertext), at).buffer });
    expect(await t.vault.open(binding), `ciphertext and tag ${at}`).toBeUndefined();
  }
  await t.database.secrets.put(good);
  expect(await t.vault.open(binding)).toBe(key);
});

test('T64 a vault with any byte of salt, IV, wrapped key, tag or parameters changed is not taken, also with a checksum that fits', async () => {
  await withPassphrase();
  await t.vault.lock();
  await t.vaultCopy.clear();
  const good = await stored();
  if (good.wrap.type !== 'passphrase') throw new Error('There is no passphrase.');
  const { kdf } = good.wrap;
  const withKdf = (change: object) => ({ ...good, wrap: { type: 'passphrase', kdf: { ...kdf, ...change } } }) as VaultRecord;
  const damaged = [
    ...Array.from(good.iv, (_byte, at) => ({ ...good, iv: flip(good.iv, at) })),
    ...Array.from(new Uint8Array(good.wrappedKey), (_byte, at) => ({
      ...good,
      wrappedKey: flip(new Uint8Array(good.wrappedKey), at).buffer,
    })),
    ...Array.from({ length: 16 }, (_none, at) =>
      withKdf({ salt: Buffer.from(flip(Buffer.from(kdf.salt, 'base64'), at)).toString('base64') }),
    ),
    withKdf({ memoryKiB: kdf.memoryKiB + 1 }),
    withKdf({ iterations: kdf.iterations + 1 }),
    withKdf({ parallelism: 2 }),
    { ...good, version: 2 as 1 },
    { ...good, checksum: '' },
    { ...good, iv: 'no bytes' } as unknown as VaultRecord,
    {} as VaultRecord,
  ];
  const { checksumOf } = await import('../../background/sealed');
  for (const record of damaged) {
    await t.database.vault.put({ ...record, id: 'vault' });
    expect(await t.again().vault.state()).toBe('lost');
    if (!(record.iv instanceof Uint8Array) || record.checksum === '' || record.version !== 1) continue;
    await t.database.vault.put({ ...record, checksum: await checksumOf(record) });
    await expect(t.again().vault.unlock(keyFrom(1))).rejects.toMatchObject(wrongPassphrase);
  }
  await t.database.vault.put(good);
  expect(await t.again().vault.unlock(keyFrom(1))).toEqual({ isOutdated: false });
});

test('T64 a wrong passphrase gets one answer, whatever is wrong with it, and unlocks nothing', async () => {
  await expect(t.vault.unlock(keyFrom(1))).rejects.toMatchObject(wrongPassphrase);
  await withPassphrase();
  await t.vault.lock();
  for (const seed of [0, 2, 255]) await expect(t.vault.unlock(keyFrom(seed))).rejects.toMatchObject(wrongPassphrase);
  expect(await t.vault.state()).toBe('locked');
  expect(t.session.entries.get('unlocked')).toBeUndefined();
});

test('T65 no two encryptions share an IV, and each has 12 bytes from getRandomValues', async () => {
  const random = vi.spyOn(crypto, 'getRandomValues');
  const aesKey = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const seen = new Set<string>();
  const plain = new Uint8Array([1]);
  for (let round = 0; round < 100; round += 1) {
    const batch = await Promise.all(Array.from({ length: 1000 }, () => seal(aesKey, plain, plain)));
    for (const { iv } of batch) {
      expect(iv.length).toBe(12);
      seen.add(Buffer.from(iv).toString('latin1'));
    }
  }
  expect(seen.size).toBe(100_000);
  expect(random).toHaveBeenCalledTimes(100_000);
  random.mockRestore();
}, 60_000);

test('T65 the same key is never the same ciphertext', async () => {
  await t.vault.save(binding, key);
  const first = await secret();
  await t.vault.save(binding, key);
  expect(Buffer.from((await secret()).iv)).not.toEqual(Buffer.from(first.iv));
  expect(Buffer.from((await secret()).ciphertext)).not.toEqual(Buffer.from(first.ciphertext));
});

test('nothing in the database holds the key, and script cannot export the wrapping key', async () => {
  await t.vault.save(binding, key);
  expect(await dumpOf(t.database)).not.toContain('CANARY');
  const { wrap } = await stored();
  if (wrap.type !== 'device') throw new Error('There is a passphrase.');
  expect(wrap.key.extractable).toBe(false);
  await expect(crypto.subtle.exportKey('raw', wrap.key)).rejects.toThrow();
});

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
])('T52 a key that is %s is refused, and the message repeats nothing of it', async (_name, bad) => {
  const saving = t.vault.save(binding, bad);
  await expect(saving).rejects.toMatchObject({ code: 'invalid-request', field: 'key' });
  await expect(saving).rejects.not.toThrow(/sk|ключ|Evil/);
  expect(await t.database.secrets.count()).toBe(0);
});

test('T52 property: a key with any character that no header takes is refused, and the message repeats nothing of it', async () => {
  const bad = fc.oneof(
    fc.constantFrom('\r', '\n', '\0', ' ', '\t', '\u007f', '\u00a0', '\u2028', '\ud800', '\uffff'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((character) => !/[\x21-\x7e]/.test(character)),
  );
  const part = fc.string({ unit: fc.constantFrom('s', 'k', '-', '7'), minLength: 4 });
  await fc.assert(
    fc.asyncProperty(part, bad, part, async (before, character, after) => {
      const failure = await t.vault.save(binding, `${before}${character}${after}`).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({ code: 'invalid-request', field: 'key' });
      for (const piece of [before, after]) expect(JSON.stringify([String(failure), failure])).not.toContain(piece);
    }),
    { numRuns: 1000 },
  );
  expect(await t.database.secrets.count()).toBe(0);
});

test('the longest key is taken', async () => {
  const long = 'x'.repeat(limits.keyChars);
  await t.vault.save(binding, long);
  expect(await t.vault.open(binding)).toBe(long);
});

test('two backgrounds that both found no vault agree on the one that was written first', async () => {
  const second = createTestVault(t.database, t.vaultCopy);
  await Promise.all([t.vault.save(binding, 'one'), second.vault.save(other, 'two')]);
  const fresh = t.again();
  expect([await fresh.vault.open(binding), await fresh.vault.open(other)]).toEqual(['one', 'two']);
});

test('a database that failed once is asked again', async () => {
  await t.vault.save(binding, key);
  const woken = t.again();
  vi.spyOn(t.database.vault, 'get').mockRejectedValueOnce(new Error('busy'));
  await expect(woken.vault.open(binding)).rejects.toThrow('busy');
  expect(await woken.vault.open(binding)).toBe(key);
});

test('a passphrase leaves every key in place, unlocked until it is locked', async () => {
  await t.vault.save(other, 'another');
  await withPassphrase();
  expect(await t.vault.state()).toBe('unlocked');
  expect(await t.vault.open(binding)).toBe(key);
  await t.vault.lock();
  expect(await t.vault.state()).toBe('locked');
  await expect(t.vault.open(binding)).rejects.toMatchObject({ code: 'unavailable', fault: undefined });
  await expect(t.vault.save(binding, 'new')).rejects.toMatchObject({ code: 'unavailable' });
  await t.vault.unlock(keyFrom(1));
  expect([await t.vault.open(binding), await t.vault.open(other)]).toEqual([key, 'another']);
});

test('a locked vault does not hold up what has no key', async () => {
  await withPassphrase();
  await t.vault.lock();
  expect(await t.vault.open(other)).toBeUndefined();
});

test('an unlocked vault outlives the background, and the passphrase is nowhere', async () => {
  await withPassphrase();
  expect(await t.again().vault.open(binding)).toBe(key);
  expect(JSON.stringify([...t.session.entries])).not.toContain(keyFrom(1));
  expect(await dumpOf(t.database)).not.toContain(Buffer.from(keyFrom(1), 'base64').toString('latin1'));
});

test('a passphrase comes with another data key: what the disk still gives away opens nothing new', async () => {
  await t.vault.save(binding, key);
  const before = await stored();
  if (before.wrap.type !== 'device') throw new Error('There is a passphrase.');
  const { unwrapKey, importKey, unsealSecret } = await import('../../background/sealed');
  const old = await unwrapKey(before, before.wrap.key);
  await t.vault.protect(undefined, protection(1));
  expect(await unsealSecret(await importKey(old ?? newRawKey()), await secret(), binding)).toBeUndefined();
});

test('T71 change, removal and whatever else asks for it need the passphrase although the vault is unlocked', async () => {
  await withPassphrase();
  for (const current of [undefined, keyFrom(2)]) {
    await expect(t.vault.protect(current, undefined)).rejects.toMatchObject(wrongPassphrase);
    await expect(t.vault.protect(current, protection(2))).rejects.toMatchObject(wrongPassphrase);
    await expect(t.vault.authorize(current)).rejects.toMatchObject(wrongPassphrase);
  }
  await t.vault.authorize(keyFrom(1));
  await t.vault.protect(keyFrom(1), protection(2));
  await t.vault.lock();
  await expect(t.vault.unlock(keyFrom(1))).rejects.toMatchObject(wrongPassphrase);
  await t.vault.unlock(keyFrom(2));
  await t.vault.protect(keyFrom(2), undefined);
  expect(await t.vault.state()).toBe('open');
  expect(t.session.entries.get('unlocked')).toBeUndefined();
  expect(await t.again().vault.open(binding)).toBe(key);
});

test('without a passphrase there is nothing to prove', async () => {
  await t.vault.authorize(undefined);
  await t.vault.save(binding, key);
  await t.vault.authorize(undefined);
  expect(await t.vault.parameters()).toBeUndefined();
});

test('a passphrase can be set before there is any key', async () => {
  await t.vault.protect(undefined, protection(1));
  await t.vault.save(binding, key);
  expect(await t.again().vault.open(binding)).toBe(key);
  expect(await t.vault.parameters()).toEqual(protection(1).parameters);
});

test('a secret that opens for nobody is gone after a change of the passphrase; the others stay', async () => {
  await t.vault.save(binding, key);
  await t.vault.save(other, 'another');
  await t.vaultCopy.clear();
  await t.database.secrets.put({ ...(await secret()), ciphertext: new ArrayBuffer(40) });
  await t.vault.protect(undefined, protection(1));
  expect([await t.vault.open(binding), await t.vault.open(other)]).toEqual([undefined, 'another']);
});

test.each([
  ['less memory', { memoryKiB: 19 * 1024 - 1, iterations: 2 }],
  ['fewer rounds than its memory asks for', { memoryKiB: 45 * 1024, iterations: 1 }],
  ['no rounds', { iterations: 0 }],
  ['more memory than any device has to spare', { memoryKiB: 1024 * 1024 + 1 }],
  ['more rounds than anybody waits for', { iterations: 11 }],
  ['many lanes', { parallelism: 5 }],
])('T67 parameters with %s are refused, when they are set and when they are found', async (_name, change) => {
  await t.vault.save(binding, key);
  await expect(t.vault.protect(undefined, protection(1, change))).rejects.toMatchObject({ code: 'invalid-state' });
  expect(await t.vault.open(binding)).toBe(key);
  const { checksumOf } = await import('../../background/sealed');
  await t.vault.protect(undefined, protection(1));
  await t.vault.lock();
  const record = { ...(await stored()), wrap: { type: 'passphrase' as const, kdf: protection(1, change).parameters } };
  await t.database.vault.put({ ...record, checksum: await checksumOf(record) });
  await expect(t.again().vault.unlock(keyFrom(1))).rejects.toMatchObject({ code: 'invalid-state' });
});

test.each([
  ['32 MiB and 3 rounds', { memoryKiB: 32 * 1024 }],
  ['two lanes', { parallelism: 2 }],
])('T67 %s still unlocks and is to be renewed; the next unlock finds it renewed', async (_name, change) => {
  await t.vault.save(binding, key);
  await t.vault.protect(undefined, protection(1, change));
  await t.vault.lock();
  expect(await t.vault.unlock(keyFrom(1))).toEqual({ isOutdated: true });
  await t.vault.protect(keyFrom(1), protection(3));
  await t.vault.lock();
  expect(await t.vault.unlock(keyFrom(3))).toEqual({ isOutdated: false });
});

test('T67 a crash at any step of a change leaves one vault that opens, with the old passphrase or the new', async () => {
  for (let step = 0; step < 8; step += 1) {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    t = createTestVault();
    await withPassphrase();
    await t.vault.lock();
    let calls = 0;
    const crash = () => {
      calls += 1;
      if (calls > step) throw new Error('crash');
    };
    for (const table of [t.database.vault, t.database.secrets]) {
      for (const method of ['put', 'bulkPut', 'clear'] as const) {
        const real = table[method].bind(table) as (...args: unknown[]) => unknown;
        vi.spyOn(table, method).mockImplementation(((...args: unknown[]) => {
          crash();
          return real(...args);
        }) as never);
      }
    }
    const written = t.vaultCopy.write;
    vi.spyOn(t.vaultCopy, 'write').mockImplementation(async (copy) => {
      crash();
      await written(copy);
    });
    await t.vault.protect(keyFrom(1), protection(2)).catch(() => undefined);
    vi.restoreAllMocks();
    await t.session.set('unlocked', undefined);
    const next = t.again();
    const opens = await Promise.all(
      [1, 2].map((seed) =>
        next.vault.unlock(keyFrom(seed)).then(
          () => true,
          () => false,
        ),
      ),
    );
    expect(opens.filter(Boolean), `step ${step}`).toHaveLength(1);
    expect(await next.vault.open(binding), `step ${step}`).toBe(key);
  }
});

test('T107 a vault that is missing or garbled comes back from the copy, with its keys, and says so', async () => {
  for (const damage of [
    () => t.database.vault.clear(),
    () => t.database.vault.put({ id: 'vault', version: 1 } as VaultRecord),
    async () => {
      await t.database.vault.clear();
      await t.database.secrets.clear();
    },
  ]) {
    t = createTestVault();
    await t.vault.save(binding, key);
    await damage();
    const next = t.again();
    expect(await next.vault.open(binding)).toBe(key);
    expect(next.restored()).toBe(1);
    expect(t.again().restored()).toBe(0);
  }
});

test('T107 a device key that no longer fits counts as damage', async () => {
  await t.vault.save(binding, key);
  const foreign = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  await t.database.vault.put({ ...(await stored()), wrap: { type: 'device', key: foreign } });
  expect(await t.again().vault.open(binding)).toBe(key);
  const noKey = { type: 'device', key: { extractable: false } } as unknown as VaultRecord['wrap'];
  await t.database.vault.put({ ...(await stored()), wrap: noKey });
  expect(await t.again().vault.open(binding)).toBe(key);
});

test('T107 a secret that is garbled or gone comes back from the copy', async () => {
  await t.vault.save(binding, key);
  const good = await secret();
  await t.database.secrets.put({ ...good, ciphertext: new ArrayBuffer(40) });
  expect(await t.vault.open(binding)).toBe(key);
  expect(Buffer.from((await secret()).ciphertext)).toEqual(Buffer.from(good.ciphertext));
  await t.database.secrets.clear();
  expect(await t.vault.repair([binding.connectionId, other.connectionId])).toEqual([other.connectionId]);
  expect(await t.vault.open(binding)).toBe(key);
  expect(await t.vault.repair([binding.connectionId])).toEqual([]);
});

test('T107 with both damaged the vault is lost: no new one over the old, each key is reported, and only a reset goes on', async () => {
  await t.vault.save(binding, key);
  await t.database.vault.clear();
  await t.vaultCopy.clear();
  const next = t.again();
  expect(await next.vault.state()).toBe('lost');
  expect(await next.vault.open(binding)).toBeUndefined();
  expect(await next.vault.repair([binding.connectionId])).toEqual([binding.connectionId]);
  for (const refused of [
    next.vault.save(binding, 'new'),
    next.vault.protect(undefined, protection(1)),
    next.vault.authorize(undefined),
  ])
    await expect(refused).rejects.toMatchObject({ code: 'invalid-state', field: 'vault' });
  expect(await t.database.vault.count()).toBe(0);
  await next.vault.reset();
  expect(await next.vault.state()).toBe('open');
  await next.vault.save(binding, 'new');
  expect(await next.vault.open(binding)).toBe('new');
});

test('T107 a copy that is garbled restores nothing, and no vault is made beside it', async () => {
  await t.vault.save(binding, key);
  const copy = await t.vaultCopy.read();
  if (copy.type !== 'good') throw new Error('There is no copy.');
  await t.vaultCopy.write({ ...copy.copy, vault: { ...copy.copy.vault, checksum: 'x' } });
  await t.database.vault.clear();
  await t.database.secrets.clear();
  expect(await t.again().vault.state()).toBe('lost');
  expect(await t.again().records.copyOf(binding.connectionId)).toBeUndefined();
});

test('T106 where the copy cannot be written the key is saved all the same', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  vi.spyOn(t.vaultCopy, 'write').mockRejectedValueOnce(new Error('quota'));
  await t.vault.save(binding, key);
  expect(await t.vault.open(binding)).toBe(key);
  vi.restoreAllMocks();
});

test('a vault that cannot be read back is not copied', async () => {
  await t.vault.save(binding, key);
  await t.database.vault.put({ ...(await stored()), checksum: 'x' });
  await expect(t.vault.written()).rejects.toMatchObject({ code: 'unknown' });
});

test('several keys can be sealed first and written by somebody else', async () => {
  const record = await t.vault.seal(binding, key);
  expect(await t.vault.open(binding)).toBeUndefined();
  await t.database.secrets.add(record);
  await t.vault.written();
  expect(await t.vault.open(binding)).toBe(key);
  expect(await t.records.copyOf(binding.connectionId)).toBeDefined();
});

test('T72 after the lock neither session nor memory of the redactor holds anything', async () => {
  await withPassphrase();
  await t.vault.open(binding);
  expect(t.redactor.redact(`it was ${key}`)).not.toContain('CANARY');
  await t.vault.lock();
  expect(t.session.entries.get('unlocked')).toBeUndefined();
  // Of this shape nothing is known any more but that it looks like a key.
  await t.vault.unlock(keyFrom(1));
  expect(t.redactor.redact('CANARY-0123456789')).toBe('CANARY-0123456789');
});

test('what the browser itself refuses to decrypt with is no wrong key', async () => {
  const signing = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const bytes = new Uint8Array(12);
  await expect(unseal(signing, { iv: bytes, ciphertext: bytes.buffer }, bytes)).rejects.toMatchObject({
    name: 'InvalidAccessError',
  });
});

test('T107 a copy without the shape of one is damaged', async () => {
  await t.vault.save(binding, key);
  const copy = await t.vaultCopy.read();
  if (copy.type !== 'good') throw new Error('There is no copy.');
  const database = await new Dexie(`${t.database.name}-recovery`).open();
  await database.table('copies').put({ id: 'copy', version: 1, vault: copy.copy.vault, secrets: 'none', checksum: '' });
  database.close();
  expect(await t.vaultCopy.read()).toEqual({ type: 'damaged' });
});
