import { afterEach, beforeEach, expect, test } from 'vitest';
import { createModelHub, type ModelHub } from '../../providers/model-hub';
import { type ModelHubServer, sha256Of, startModelHub } from '../support/servers/model-hub';

let server: ModelHubServer;
let hub: ModelHub;
const soon = () => AbortSignal.timeout(5000);
const bytes = (length: number) => new Uint8Array(length).fill(1);

beforeEach(async () => {
  server = await startModelHub();
  hub = createModelHub(server.origin, (url, signal) => fetch(url, { signal }));
});
afterEach(() => server.close());

test('repositories are found by their name, with their licence', async () => {
  server.put('owner/Smol-GGUF', 'smol.gguf', bytes(3));
  server.put('owner/Other-GGUF', 'other.gguf', bytes(3));
  expect(await hub.search('smol', soon())).toEqual([{ id: 'owner/Smol-GGUF', downloads: 1234, licence: 'apache-2.0' }]);
});

test('the files of a repository come with size, checksum and address, the smallest first, and only whole models', async () => {
  server.put('owner/Smol-GGUF', 'smol-Q8_0.gguf', bytes(9));
  server.put('owner/Smol-GGUF', 'smol-Q4_0.gguf', bytes(4));
  server.put('owner/Smol-GGUF', 'alone-00001-of-00002.gguf', bytes(5));
  server.put('owner/Smol-GGUF', 'mmproj-smol.gguf', bytes(5));
  server.put('owner/Smol-GGUF', 'README.md', bytes(5));
  const url = (name: string) => `${server.origin}/owner/Smol-GGUF/resolve/main/${name}`;
  expect(await hub.files('owner/Smol-GGUF', soon())).toEqual([
    { name: 'smol-Q4_0.gguf', url: url('smol-Q4_0.gguf'), bytes: 4, sha256: sha256Of(bytes(4)) },
    { name: 'smol-Q8_0.gguf', url: url('smol-Q8_0.gguf'), bytes: 9, sha256: sha256Of(bytes(9)) },
  ]);
});

test('files that belong together are one model, with the checksum of each', async () => {
  server.put('owner/Big-GGUF', 'Q4/big-00002-of-00002.gguf', bytes(3));
  server.put('owner/Big-GGUF', 'Q4/big-00001-of-00002.gguf', bytes(4));
  const url = (name: string) => `${server.origin}/owner/Big-GGUF/resolve/main/Q4/${name}`;
  const parts = [
    { url: url('big-00001-of-00002.gguf'), bytes: 4, sha256: sha256Of(bytes(4)) },
    { url: url('big-00002-of-00002.gguf'), bytes: 3, sha256: sha256Of(bytes(3)) },
  ];
  expect(await hub.files('owner/Big-GGUF', soon())).toEqual([{ name: 'Q4/big.gguf', url: parts[0]?.url, bytes: 7, parts }]);
});

const answering = (body: string, status = 200) => createModelHub('https://hub.test', async () => new Response(body, { status }));

test('what nobody may have without an account, and what is too large for the engine, is not offered', async () => {
  const list = [
    { id: 'a/gated', gated: 'manual' },
    { id: 'a/private', private: true },
    { id: 'a/open', gated: false },
  ];
  expect(await answering(JSON.stringify(list)).search('a', soon())).toEqual([{ id: 'a/open' }]);
  const files = [{ type: 'file', path: 'big.gguf', size: 135, lfs: { oid: 'x', size: 4_000_000_000 } }];
  expect(await answering(JSON.stringify(files)).files('a/open', soon())).toEqual([]);
});

test('a file without a checksum is offered without one', async () => {
  const files = [{ type: 'file', path: 'sub dir/small.gguf', size: 12 }];
  expect(await answering(JSON.stringify(files)).files('a/b', soon())).toEqual([
    { name: 'sub dir/small.gguf', url: 'https://hub.test/a/b/resolve/main/sub%20dir/small.gguf', bytes: 12 },
  ]);
});

test.each([
  ['is busy', answering('', 429), 'rate-limit'],
  ['fails', answering('', 500), 'server'],
  ['sends a page', answering('<!doctype html>'), 'malformed'],
  ['sends other JSON', answering('{"error":"x"}'), 'malformed'],
  ['is off', createModelHub('https://hub.test', async () => Promise.reject(new TypeError('off'))), 'network'],
])('a hub that %s is told as such', async (_what, broken, fault) => {
  await expect(broken.search('x', soon())).rejects.toMatchObject({ fault });
});
