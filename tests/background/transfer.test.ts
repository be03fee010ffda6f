import 'fake-indexeddb/auto';
import { beforeEach, expect, test } from 'vitest';
import type { ConnectionRecord, SiteRecord } from '../../background/database';
import type { Grant } from '../../background/scopes';
import { importKey, seal } from '../../background/sealed';
import { createTransfer, type Transfer } from '../../background/transfer';
import { fromBase64, toBase64 } from '../../protocol/base64';
import { toConnectionId } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import type { AutoLock } from '../../protocol/vault-messages';
import { createTestVault, keyFrom, parameters, protection, type TestVault } from './support/vault';

const key = 'sk-CANARY-0123456789';
const cloud: ConnectionRecord = {
  id: toConnectionId('c1'),
  providerId: 'openai',
  name: 'Mine',
  createdAt: 1,
  defaultModel: 'gpt-5-mini',
  favourites: ['gpt-5-mini', 'gpt-5'],
  keyEnding: '6789',
};
const server: ConnectionRecord = {
  id: toConnectionId('c2'),
  providerId: 'openai-compatible',
  name: 'Desk',
  createdAt: 2,
  baseUrl: 'http://127.0.0.1:8080/v1',
  options: { samplers: { topK: 40 }, stop: ['x'], vendor: { workers: ['one'] } },
};
const cloudBinding = {
  connectionId: cloud.id,
  providerId: 'openai',
  origin: 'https://api.openai.com',
  header: 'Authorization',
};
const site = (top: string, fields: Partial<SiteRecord> = {}): SiteRecord => ({
  key: top,
  subject: { top: top as never },
  ...fields,
});
const always: Grant = {
  subject: { top: 'https://a.test' as never },
  scopes: ['generate'],
  models: ['*'],
  connection: 'active',
  mode: 'always',
  issuedAt: 1,
  lastUsedAt: 2,
  expiresAt: 2 + limits.alwaysUnusedTtl,
  place: 'cloud',
};
const gone = toConnectionId('gone');
/** As a file has it. */
const grant = { scopes: ['generate'], models: ['*'], connection: 'active', place: 'cloud', issuedAt: 1, lastUsedAt: 2 };
const rule = { fallback: [], onlyThisComputer: true, asksEveryTime: false, mapped: [] };

interface Side extends TestVault {
  readonly transfer: Transfer;
  readonly imported: () => number;
}

function createSide(): Side {
  const t = createTestVault();
  let imported = 0;
  const transfer = createTransfer({
    database: t.database,
    vault: t.vault,
    security: {
      autoLock: async () => t.autoLock,
      setAutoLock: async (after: AutoLock) => {
        t.autoLock = after;
      },
    },
    now: () => 50,
    onImported: () => {
      imported += 1;
    },
  });
  return Object.assign(t, { transfer, imported: () => imported });
}

let from: Side;
let to: Side;
beforeEach(async () => {
  from = createSide();
  to = createSide();
  await from.database.connections.bulkAdd([cloud, server, { ...server, id: toConnectionId('c3'), name: 'Empty', keyEnding: '' }]);
  await from.database.connections.add({
    id: toConnectionId('c4'),
    providerId: 'on-device',
    name: 'Here',
    createdAt: 4,
    keyEnding: 'odd',
  });
  await from.database.connections.add({ id: toConnectionId('c5'), providerId: 'gone', name: 'Old', createdAt: 5 });
  await from.vault.save(cloudBinding, key);
  await from.database.sites.bulkAdd([site('https://a.test', { always }), site('https://b.test', { blockedAt: 3 })]);
});

const write = async (withSites = true) => {
  await from.database.connections.delete(toConnectionId('c5'));
  return from.transfer.write(undefined, protection(9), withSites);
};
/** A file with any contents, sealed as ours are. */
async function fileWith(contents: unknown, change: object = {}): Promise<string> {
  const used = { ...parameters, ...change };
  const data = JSON.stringify(['oriel-export', 1, used.algorithm, used.memoryKiB, used.iterations, used.parallelism, used.salt]);
  const encode = (text: string) => new TextEncoder().encode(text);
  const plain = typeof contents === 'string' ? contents : JSON.stringify(contents);
  const { iv, ciphertext } = await seal(await importKey(fromBase64(keyFrom(9))), encode(plain), encode(data));
  return JSON.stringify({
    format: 'oriel-export',
    version: 1,
    parameters: used,
    iv: toBase64(iv),
    ciphertext: toBase64(new Uint8Array(ciphertext)),
  });
}
const empty = { version: 1, connections: [], autoLock: '60m', sites: [] };
const isUntouched = async () => {
  expect(await to.database.connections.count()).toBe(0);
  expect(await to.database.secrets.count()).toBe(0);
  expect(await to.database.sites.count()).toBe(0);
  expect(to.imported()).toBe(0);
};

test('T74 an export restores connections, keys, settings and sites in a clean profile, and activates nothing', async () => {
  from.autoLock = '4h';
  const file = await write();
  expect(file).not.toContain('CANARY');
  expect(file).not.toContain('127.0.0.1');
  await to.transfer.read(file, keyFrom(9), true);
  const [mine, desk, bare, here] = await to.database.connections.orderBy('createdAt').toArray();
  expect(mine).toEqual({ ...cloud, id: mine?.id, createdAt: 50 });
  expect(desk).toEqual({ ...server, id: desk?.id, createdAt: 51 });
  expect(bare).toMatchObject({ name: 'Empty' });
  expect(bare?.keyEnding).toBeUndefined();
  expect(here).toMatchObject({ providerId: 'on-device', name: 'Here' });
  expect(mine?.id).not.toBe(cloud.id);
  expect(await to.vault.open({ ...cloudBinding, connectionId: mine?.id ?? cloud.id })).toBe(key);
  expect(await to.database.sites.toArray()).toEqual([
    site('https://a.test', { always }),
    site('https://b.test', { blockedAt: 3 }),
  ]);
  expect(await to.database.settings.count()).toBe(0);
  expect(to.autoLock).toBe('4h');
  expect(to.imported()).toBe(1);
  expect((await to.vaultCopy.read()).type).toBe('good');
});

test('T74 grants are exported and imported only where that is wanted', async () => {
  await to.transfer.read(await write(true), keyFrom(9), false);
  expect(await to.database.sites.count()).toBe(0);
  expect((await to.transfer.preview(await write(false), keyFrom(9))).sites).toEqual([]);
});

test('T74 a grant and a rule name the connections that were imported with them', async () => {
  const named = {
    ...rule,
    connection: server.id,
    model: 'm',
    fallback: [cloud.id, gone],
    mapped: [
      { asked: 'gpt', connection: cloud.id, model: 'x' },
      { asked: 'old', connection: gone },
    ],
  };
  const subject = { top: 'https://r.test' as never };
  await from.database.sites.add(site('https://r.test', { always: { ...always, subject, connection: cloud.id }, rule: named }));
  await to.transfer.read(await write(), keyFrom(9), true);
  const [mine, desk] = (await to.database.connections.orderBy('createdAt').toArray()).map(({ id }) => id);
  const [first] = named.mapped;
  expect(await to.database.sites.get('https://r.test')).toEqual(
    site('https://r.test', {
      always: { ...always, subject, connection: mine as never },
      rule: { ...named, connection: desk, fallback: [mine as never], mapped: [{ ...first, connection: mine } as never] },
    }),
  );
});

test('T74 what names a connection that is gone stays behind, and what keeps words here goes along', async () => {
  await from.database.sites.add(
    site('https://r.test', { always: { ...always, connection: gone }, rule: { ...rule, connection: gone, model: 'm' } }),
  );
  await to.transfer.read(await write(), keyFrom(9), true);
  expect(await to.database.sites.get('https://r.test')).toEqual(site('https://r.test', { rule }));
});

test('T74 the preview names every host, and writes nothing', async () => {
  await from.database.sites.add(
    site('https://c.test', {
      key: 'https://c.test https://d.test',
      subject: { top: 'https://c.test' as never, frame: 'https://d.test' as never },
    }),
  );
  expect(await to.transfer.preview(await write(), keyFrom(9))).toEqual({
    connections: [
      { name: 'Mine', providerName: 'OpenAI', host: 'api.openai.com', hasKey: true },
      { name: 'Desk', providerName: 'OpenAI-compatible server', host: '127.0.0.1:8080', hasKey: false },
      { name: 'Empty', providerName: 'OpenAI-compatible server', host: '127.0.0.1:8080', hasKey: false },
      { name: 'Here', providerName: 'On this device', hasKey: false },
    ],
    sites: ['https://a.test', 'https://b.test', 'https://d.test in https://c.test'],
    autoLock: '60m',
  });
  await isUntouched();
});

test('T71 an export needs the passphrase although the vault is unlocked', async () => {
  await from.vault.protect(undefined, protection(1));
  for (const current of [undefined, keyFrom(2)])
    await expect(from.transfer.write(current, protection(9), false)).rejects.toMatchObject({ field: 'passphrase' });
  await from.database.connections.delete(toConnectionId('c5'));
  expect(await from.transfer.write(keyFrom(1), protection(9), false)).toContain('oriel-export');
});

test('T74 a wrong passphrase, or a single changed character, opens nothing', async () => {
  const file = await write();
  const { ciphertext } = JSON.parse(file) as { ciphertext: string };
  for (const [text, with_] of [
    [file, keyFrom(8)],
    [file.replace(ciphertext, (ciphertext.startsWith('A') ? 'B' : 'A') + ciphertext.slice(1)), keyFrom(9)],
    [file.replace('"memoryKiB":65536', '"memoryKiB":65537'), keyFrom(9)],
    [file.replace(ciphertext, ciphertext.slice(0, 40)), keyFrom(9)],
  ] as const) {
    await expect(to.transfer.read(text, with_, true)).rejects.toMatchObject({ code: 'invalid-request', field: 'passphrase' });
  }
  await isUntouched();
});

test.each<[string, (file: string) => string]>([
  ['a truncated file', (file) => file.slice(0, -10)],
  ['6 MiB', () => 'x'.repeat(6 * 1024 * 1024)],
  ['one character too many', (file) => file.padEnd(limits.importChars + 1)],
  ['an unknown version', (file) => file.replace('"version":1', '"version":2')],
  ['another format', (file) => file.replace('oriel-export', 'other')],
  ['an extra field', (file) => file.replace('{', '{"extra":1,')],
  ['__proto__', (file) => file.replace('{', '{"__proto__":{"a":1},')],
  ['a weak derivation', (file) => file.replace('"memoryKiB":65536', '"memoryKiB":1')],
  ['an endless derivation', (file) => file.replace('"iterations":3', '"iterations":99')],
  ['no object', () => '"text"'],
  ['nothing', () => ''],
])('T74 %s is refused before anything is derived', async (_name, change) => {
  const file = change(await write());
  await expect(to.transfer.preview(file, keyFrom(9))).rejects.toMatchObject({ code: 'invalid-request', field: 'file' });
  await isUntouched();
});

const imported = (fields: object) => ({
  ...empty,
  connections: [
    { providerId: 'openai', name: 'x' },
    { providerId: 'openai', name: 'x', ...fields },
  ],
});
const toServer = (fields: object) => imported({ providerId: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1', ...fields });
test.each<[string, unknown, string?]>([
  ['text that is no JSON', 'text'],
  ['an unknown version', { ...empty, version: 2 }],
  ['an extra field', { ...empty, activeConnection: 'c1' }],
  ['an unknown time to lock', { ...empty, autoLock: 'never' }],
  ['an extra field of a connection', imported({ id: 'c1' })],
  ['no name', imported({ name: '' })],
  ['an unknown provider', imported({ providerId: 'evil' })],
  ['a vendor at another address', imported({ baseUrl: 'https://evil.test' })],
  ['a server without an address', imported({ providerId: 'openai-compatible' })],
  ['an address that could not be typed', toServer({ baseUrl: 'http://169.254.169.254/v1' }), 'baseUrl'],
  ['plain http to the internet', toServer({ baseUrl: 'http://evil.test/v1' }), 'baseUrl'],
  ['a key of another origin', imported({ key: { secret: key, origin: 'https://evil.test' } })],
  ['a key of another port', toServer({ key: { secret: key, origin: 'http://127.0.0.1:2' } })],
  ['a key without a home', imported({ providerId: 'on-device', key: { secret: key, origin: 'https://api.openai.com' } })],
  ['a key that is no header', imported({ key: { secret: 'a\r\nb', origin: 'https://api.openai.com' } }), 'key'],
  ['a site that is no origin', { ...empty, sites: [{ subject: { top: 'https://a.test/x' } }] }],
  ['a grant from nowhere', { ...empty, sites: [{ subject: { top: 'null' }, always: grant }] }],
  [
    'a grant without an end',
    { ...empty, sites: [{ subject: { top: 'https://a.test' }, always: { ...grant, expiresAt: 9e15 } }] },
  ],
  ['a scope that is none', { ...empty, sites: [{ subject: { top: 'https://a.test' }, always: { ...grant, scopes: ['*'] } }] }],
  [
    'a grant for no connection',
    { ...empty, sites: [{ subject: { top: 'https://a.test' }, always: { ...grant, connection: 0 } }] },
  ],
  ['a rule for no connection', { ...empty, sites: [{ subject: { top: 'https://a.test' }, rule: { ...rule, fallback: [0] } }] }],
  ['a time that is none', { ...empty, sites: [{ subject: { top: 'https://a.test' }, blockedAt: -1 }] }],
])('T74 contents with %s are refused, and nothing is written', async (_name, contents, field = 'file') => {
  await expect(to.transfer.read(await fileWith(contents), keyFrom(9), true)).rejects.toMatchObject({
    code: 'invalid-request',
    field,
  });
  await isUntouched();
});

test('T74 a write that fails in the middle leaves nothing', async () => {
  await to.database.secrets.add({ ...cloudBinding, version: 1, iv: new Uint8Array(12), ciphertext: new ArrayBuffer(1) });
  const taken = crypto.randomUUID;
  // The connection gets an id whose secret is there already.
  Object.defineProperty(crypto, 'randomUUID', { value: () => cloud.id, configurable: true });
  try {
    const one = {
      ...empty,
      connections: [{ providerId: 'openai', name: 'x', key: { secret: key, origin: 'https://api.openai.com' } }],
    };
    await expect(to.transfer.read(await fileWith(one), keyFrom(9), true)).rejects.toThrow();
  } finally {
    Object.defineProperty(crypto, 'randomUUID', { value: taken, configurable: true });
  }
  expect(await to.database.connections.count()).toBe(0);
});

test('a short key shows nothing of itself after the import', async () => {
  const short = {
    ...empty,
    connections: [{ providerId: 'openai', name: 'x', key: { secret: 'abcd', origin: 'https://api.openai.com' } }],
  };
  await to.transfer.read(await fileWith(short), keyFrom(9), false);
  expect((await to.database.connections.toArray())[0]?.keyEnding).toBe('');
});

test('a connection of a provider that nobody knows any more is left out of the export’s keys, and cannot come back', async () => {
  const file = await from.transfer.write(undefined, protection(9), false);
  await expect(to.transfer.preview(file, keyFrom(9))).rejects.toMatchObject({ field: 'file' });
});
