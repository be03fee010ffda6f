import { afterEach, expect, test, vi } from 'vitest';
import type { StreamPart } from '../../protocol/generate';
import { createClock } from '../../providers/clock';
import type { BoundFetch } from '../../providers/provider';
import { startLlamaServer } from '../support/servers/llama-server';
import { startWebUi } from '../support/servers/text-generation-webui';
import { answering, ask, eventStream, json, knownRow, providerOf, run } from './replay';
import { chunk } from './timed';

const llama = knownRow('llama-cpp');
const webUi = knownRow('text-generation-webui');
const mancer = knownRow('mancer');
const compatible = knownRow('openai-compatible');
const clock = createClock(Date.now);
const fetchWith =
  (key?: string): BoundFetch =>
  (url, init = {}) =>
    fetch(url, { ...init, headers: { ...init.headers, ...(key !== undefined && { Authorization: `Bearer ${key}` }) } });
const closers: (() => Promise<void>)[] = [];
const started = async <Server extends { close(): Promise<void> }>(server: Promise<Server>): Promise<Server> => {
  const running = await server;
  closers.push(running.close);
  return running;
};
const signal = () => new AbortController().signal;
const said = (parts: readonly StreamPart[]) => parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

test('llama.cpp tells the context of its slots, and whether the key is good though its list is open', async () => {
  const server = await started(startLlamaServer({ apiKey: 'good' }));
  const provider = (key: string) => providerOf(llama, { fetch: fetchWith(key), baseUrl: server.baseUrl });
  expect(await provider('good').models(signal())).toEqual([{ id: 'qwen3-8b.gguf', name: 'qwen3-8b', contextTokens: 8192 }]);
  await expect(provider('bad').models(signal())).rejects.toMatchObject({ fault: 'auth' });
});

test('a model that is being loaded is waited for, and whoever asked is told so once', async () => {
  const server = await started(startLlamaServer());
  server.setLoading(true);
  const quick = { ...clock, random: () => 0.005 };
  const parts: StreamPart[] = [];
  const request = ask('Hi', { model: 'qwen3-8b.gguf', samplers: { dryMultiplier: 0.8 } });
  for await (const part of providerOf(llama, { fetch: fetchWith(), baseUrl: server.baseUrl, clock: quick }).generate(
    request,
    signal(),
  )) {
    parts.push(part);
    // It asks again meanwhile.
    if (part.type === 'progress') void server.fault.waitForRequest(3).then(() => server.setLoading(false));
  }
  expect(parts.filter(({ type }) => type === 'progress')).toEqual([{ type: 'progress', stage: 'loading' }]);
  expect(said(parts)).toBe('You said: Hi');
  expect(server.chats[0]).toMatchObject({ dry_multiplier: 0.8 });
});

test('an abort ends the waiting at once', async () => {
  const server = await started(startLlamaServer());
  server.setLoading(true);
  const controller = new AbortController();
  const patient = { ...clock, random: () => 1 };
  const stream = providerOf(llama, { fetch: fetchWith(), baseUrl: server.baseUrl, clock: patient }).generate(
    ask('Hi'),
    controller.signal,
  );
  expect(await stream[Symbol.asyncIterator]().next()).toMatchObject({ value: { type: 'progress', stage: 'loading' } });
  const since = Date.now();
  controller.abort();
  await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'aborted' });
  expect(Date.now() - since).toBeLessThan(250);
});

test('text-generation-webui loads the model that was chosen, with the context that was set, before it answers', async () => {
  const server = await started(startWebUi({ onDisk: ['a.gguf', 'b.gguf'], loaded: 'a.gguf', adminKey: 'admin' }));
  const options = { contextTokens: 16_384 };
  const provider = providerOf(webUi, { fetch: fetchWith('admin'), baseUrl: server.baseUrl, options });
  expect(await provider.models(signal())).toEqual([
    { id: 'a.gguf', name: 'a', loaded: true },
    { id: 'b.gguf', name: 'b', loaded: false },
  ]);
  const { parts } = await run(provider, ask('Hi', { model: 'b.gguf' }));
  expect(parts.slice(0, 2)).toEqual([
    { type: 'progress', stage: 'loading' },
    { type: 'start', model: 'b.gguf', warnings: [] },
  ]);
  expect(server.loads).toEqual([{ model_name: 'b.gguf', args: { ctx_size: 16_384 } }]);
  expect(server.chats[0]).toMatchObject({ truncation_length: 16_384, mode: 'instruct', top_k: 0 });
  await run(provider, ask('Again', { model: 'b.gguf' }));
  expect(server.loads).toHaveLength(1);
});

test('without the key of an administrator the loaded model answers, and none is loaded', async () => {
  const server = await started(startWebUi({ onDisk: ['a.gguf', 'b.gguf'], loaded: 'a.gguf', adminKey: 'admin' }));
  const provider = providerOf(webUi, { fetch: fetchWith(), baseUrl: server.baseUrl });
  expect(await provider.models(signal())).toEqual([{ id: 'a.gguf', name: 'a', loaded: true }]);
  expect((await run(provider, ask('Hi', { model: 'b.gguf' }))).parts[0]).toMatchObject({ type: 'start', model: 'a.gguf' });
  expect(server.loads).toEqual([]);
});

test('nothing loaded and nothing to load is said as such', async () => {
  const server = await started(startWebUi({ onDisk: [] }));
  const provider = providerOf(webUi, { fetch: fetchWith(), baseUrl: server.baseUrl });
  await expect(provider.models(signal())).rejects.toMatchObject({ fault: 'no-model' });
  expect((await run(provider, ask('Hi'))).error).toMatchObject({ fault: 'no-model' });
});

test('an abort while a model is loaded closes what is open', async () => {
  const server = await started(startWebUi({ onDisk: ['a.gguf'] }));
  server.fault.on('POST', '/v1/internal/model/load', [{ type: 'stall' }]);
  const controller = new AbortController();
  const outcome = run(
    providerOf(webUi, { fetch: fetchWith(), baseUrl: server.baseUrl }),
    ask('Hi', { model: 'a.gguf' }),
    controller.signal,
  );
  await server.fault.waitForRequest(3);
  const since = performance.now();
  controller.abort();
  expect((await outcome).error).toMatchObject({ code: 'aborted' });
  expect(await server.fault.closedAfter(2, since)).toBeLessThan(250);
});

test('Mancer keeps no log of prompts unless the person says so', async () => {
  const sentWith = async (options: object) => {
    const fetch = answering(() => eventStream(chunk({ content: 'a' }, 'stop')));
    await run(providerOf(mancer, { fetch, options }), ask('Hi'));
    return fetch.calls[0]?.body;
  };
  expect(await sentWith({})).toMatchObject({ allow_logging: false });
  expect(await sentWith({ vendor: { allowLogging: true } })).toMatchObject({ allow_logging: true });
});

test('a server without a list of models is used with the name that the person typed', async () => {
  const missing = answering(() => json({ detail: 'Not Found' }, { status: 404 }));
  const typed = providerOf(compatible, { fetch: missing, defaultModel: 'house-model' });
  expect(await typed.models(signal())).toEqual([{ id: 'house-model', name: 'house-model' }]);
  await expect(providerOf(compatible, { fetch: missing }).models(signal())).rejects.toMatchObject({ status: 404 });
  const refusing = answering(() => json({ detail: 'Unauthorized' }, { status: 401 }));
  const refused = providerOf(compatible, { fetch: refusing, defaultModel: 'house-model' });
  await expect(refused.models(signal())).rejects.toMatchObject({ fault: 'auth' });
});

test('a deployment of Azure is known by its typed name, once the key has been accepted', async () => {
  const fetch = answering(() => json({ data: [{ id: 'gpt-5.4', object: 'model' }] }));
  const azure = providerOf(knownRow('azure-openai'), { fetch, defaultModel: 'my-gpt' });
  expect(await azure.models(signal())).toEqual([{ id: 'my-gpt', name: 'my-gpt' }]);
});

test('a list that cannot be reached is not looked for at a second address', async () => {
  const fetch = vi.fn<BoundFetch>(() => Promise.reject(new TypeError('Failed to fetch')));
  await expect(providerOf(knownRow('lm-studio'), { fetch }).models(signal())).rejects.toMatchObject({ fault: 'network' });
  expect(fetch).toHaveBeenCalledTimes(1);
});
