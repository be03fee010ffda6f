import { afterEach, beforeEach, expect, test } from 'vitest';
import { toConnectionId } from '../../protocol/ids';
import type { ConnectionOptions, VendorOption } from '../../protocol/model-settings';
import { createProvider } from '../../providers/create-provider';
import { type OpenRouterServer, startOpenRouterServer } from '../support/servers/openrouter-server';
import { answering, ask, json, knownRow, noEngine, noSocket, providerOf, run } from './replay';

const row = knownRow('openrouter');
const key = 'sk-or-v1-right';
const monthly = { label: 'Oriel', limit: 10, limit_reset: 'monthly', expires_at: null };
const signal = new AbortController().signal;
let server: OpenRouterServer;
beforeEach(async () => {
  server = await startOpenRouterServer();
  server.keys.set(key, monthly);
});
afterEach(() => server.close());

/** What egress does: the vendor's address is the stand-in's, and the key comes last. */
const provider = (options?: ConnectionOptions) =>
  createProvider(row, {
    connection: { id: toConnectionId('c'), providerId: row.id, name: 'OpenRouter', options },
    fetch: (url, { headers, ...init } = {}) =>
      fetch(url.replace('https://openrouter.ai', server.url), {
        ...init,
        headers: { ...headers, authorization: `Bearer ${key}` },
      }),
    socket: noSocket,
    engine: noEngine,
    now: Date.now,
  });
const sentWith = async (vendor: Readonly<Record<string, VendorOption>> | undefined, more = {}) => {
  await run(provider(vendor && { vendor }), ask('Hi', { model: 'acme/one', ...more }));
  return server.chats.at(-1)?.provider;
};
const tools = [{ name: 'f', parameters: { type: 'object', properties: {} } }];

test('over a real socket an answer comes with what it cost', async () => {
  const { parts } = await run(provider(), ask('Name a river.', { model: 'acme/one' }));
  // Its words may come in one piece of the network or in several.
  expect(new Set(parts.map(({ type }) => type))).toEqual(new Set(['start', 'text-delta', 'usage', 'finish']));
  expect(parts.at(-2)).toMatchObject({ usage: { costMicroUsd: 14 } });
});

test('an account without credit says so', async () => {
  server.set({ credits: { total: 5, used: 5 } });
  expect((await run(provider(), ask('Hi', { model: 'acme/one' }))).error).toMatchObject({ fault: 'payment', status: 402 });
});

test('who answers is left to OpenRouter where the person chose nothing', async () => {
  expect(await sentWith(undefined)).toBeUndefined();
  expect(await sentWith({ denyDataCollection: false, sort: '', onlyProviders: [] })).toBeUndefined();
});

test('the person’s wishes for who answers go with every request', async () => {
  const wishes = { denyDataCollection: true, zeroDataRetention: true, sort: 'throughput' };
  const lists = { onlyProviders: ['acme', 'bolt'], ignoredProviders: ['shady'] };
  const wire = { data_collection: 'deny', zdr: true, sort: 'throughput', only: ['acme', 'bolt'], ignore: ['shady'] };
  expect(await sentWith({ ...wishes, ...lists })).toEqual(wire);
  expect(await sentWith(wishes, { tools })).toEqual({
    data_collection: 'deny',
    zdr: true,
    sort: 'throughput',
    require_parameters: true,
  });
});

test('what is stored for a wish and is none of it is not sent', async () => {
  expect(await sentWith({ denyDataCollection: 'yes', sort: 3, onlyProviders: 'acme' })).toBeUndefined();
});

test('every wish that the row offers is one that is sent', async () => {
  const chosen = (row.options ?? []).map((field) => {
    if (field.type === 'flag') return [field.name, true];
    return [field.name, field.type === 'list' ? ['acme'] : (field.values[0] ?? '')];
  });
  expect(Object.keys((await sentWith(Object.fromEntries(chosen))) as object)).toHaveLength(row.options?.length ?? 0);
});

test('other providers know nothing of these wishes', async () => {
  const other = knownRow('openai-compatible');
  const ends = answering(() => json({ choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }] }));
  await run(providerOf(other, { fetch: ends }), ask('Hi'));
  expect(ends.calls[0]?.body).not.toHaveProperty('provider');
  expect(providerOf(other, {}).status).toBeUndefined();
});

test('what a key may still spend is read, and credit where the key may ask for it', async () => {
  const known = { type: 'money', left: 10_000_000, limit: 10_000_000, period: 'month', isFreeTier: false };
  expect(await provider().status?.(signal)).toEqual(known);
  server.set({ tellsCredits: true });
  expect(await provider().status?.(signal)).toEqual({ ...known, credit: 7_500_000 });
});

test('a key that is wrong tells nothing', async () => {
  server.keys.clear();
  await expect(provider().status?.(signal)).rejects.toMatchObject({ fault: 'auth' });
});

const told = (data: unknown) => {
  const answers = [() => json(data), () => json({ error: { code: 403, message: 'No.' } }, { status: 403 })];
  return providerOf(row, { fetch: answering(...answers) }).status?.(signal);
};

test.each([
  ['a key without a limit', { limit: null, limit_remaining: null, limit_reset: null, expires_at: null }, { type: 'money' }],
  [
    'an overdrawn key that ends',
    { limit: 5, limit_remaining: -0.2, limit_reset: 'weekly', expires_at: '2027-02-22T00:00:00Z' },
    { type: 'money', limit: 5_000_000, left: 0, period: 'week', expiresAt: Date.UTC(2027, 1, 22) },
  ],
  ['a period that nobody knows', { limit: 5, limit_reset: 'yearly' }, { type: 'money', limit: 5_000_000 }],
  ['nonsense', { limit: 'five', limit_reset: 4, expires_at: 'soon', is_free_tier: 'no' }, { type: 'money' }],
  ['a free account', { limit: null, is_free_tier: true }, { type: 'money', isFreeTier: true }],
])('%s is told as it is', async (_what, data, expected) => {
  expect(await told({ data })).toEqual(expected);
});

test('an answer that is no key is none', async () => {
  await expect(told({ key: 1 })).rejects.toMatchObject({ fault: 'malformed' });
});
