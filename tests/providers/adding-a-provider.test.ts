import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bearer } from '../../providers/catalog/auth';
import type { CatalogRow } from '../../providers/provider';
import { answering, bytesOf, eventStream, json, providerOf, run, streamOf, withJoinedParts } from './replay';

// The row of docs/adding-a-provider.md, and its folder, which lies beside this file since nobody runs such a vendor.
const harbour: CatalogRow = {
  id: 'harbour',
  name: 'Harbour',
  dialect: 'openai-chat',
  place: 'cloud',
  address: { type: 'fixed', baseUrl: 'https://api.harbour.example/v1' },
  auth: bearer(true),
  keyPage: 'https://harbour.example/keys',
  cap: { type: 'limit', page: 'https://harbour.example/limits' },
  keyForm: /^hbr-/,
  docs: 'https://harbour.example/docs',
  suggestedModels: ['lantern-2'],
  quirks: { samplers: ['topK'], notChat: /embed/ },
  verified: { against: 'documentation', on: '2026-11' },
};

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const readJson = (file: string) => JSON.parse(read(`./example-provider/${file}`));
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('a row alone makes a provider: its recorded chat is asked for and read as expected, however it is cut', async () => {
  const bytes = bytesOf(read('./example-provider/chat.sse'));
  for (const cuts of [[], Array.from({ length: bytes.length - 1 }, (_, index) => index + 1)]) {
    const fetch = answering(() => eventStream(streamOf(bytes, cuts)));
    const outcome = await run(providerOf(harbour, { fetch }), readJson('chat.request.json'));
    expect(fetch.calls[0]?.url).toBe('https://api.harbour.example/v1/chat/completions');
    expect(withJoinedParts(plain({ sent: fetch.calls[0]?.body, ...outcome }))).toEqual(
      withJoinedParts(readJson('chat.expected.json')),
    );
  }
});

test('its models are listed without those that cannot chat, and its bad key is told as such', async () => {
  const list = providerOf(harbour, { fetch: answering(() => json(readJson('models.json'))) });
  expect(await list.models(new AbortController().signal)).toEqual(readJson('models.expected.json'));
  const { status, headers, body } = readJson('error-key.response.json');
  const refusing = providerOf(harbour, { fetch: answering(() => json(body, { status, headers })) });
  expect(plain(await run(refusing, readJson('error-key.request.json')))).toEqual(readJson('error-key.expected.json'));
});

test('the document shows this very row', () => {
  const [row] = /(?<=const harbour: CatalogRow = )\{[\s\S]*?\n\}(?=;)/.exec(read('./adding-a-provider.test.ts')) ?? [];
  expect(row).toContain("id: 'harbour'");
  expect(read('../../docs/adding-a-provider.md')).toContain(`${row},`);
});
