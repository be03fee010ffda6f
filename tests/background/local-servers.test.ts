import { afterEach, expect, test, vi } from 'vitest';
import { createEgress } from '../../background/egress';
import { createLocalServers, usualPorts } from '../../background/local-servers';
import { respondJson, startFaultServer } from '../support/faultd';
import { startKoboldAiServer } from '../support/servers/koboldai-server';
import { startKoboldCppServer } from '../support/servers/koboldcpp-server';
import { noSocket } from './support/sockets';

const engine = { models: () => [], isReady: async () => false, generate: vi.fn() };
const egress = createEgress({ fetch: globalThis.fetch, openSocket: noSocket, vault: { open: async () => undefined } });
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(path: string, body: unknown) {
  const server = await startFaultServer();
  closers.push(server.close);
  server.on('GET', path, respondJson(200, body));
  return server;
}

test('a server that answers with a model list is found, by its address and its models', async () => {
  const good = await serve('/v1/models', {
    object: 'list',
    data: [
      { id: 'qwen3', object: 'model' },
      { id: 'phi', object: 'model' },
    ],
  });
  const { find } = createLocalServers({ egress, engine, now: Date.now }, [good.port]);
  expect(await find()).toEqual([{ providerId: 'openai-compatible', baseUrl: `${good.url}/v1`, models: ['qwen3', 'phi'] }]);
});

test('a port with something else on it, or with nothing, is passed over', async () => {
  const other = await serve('/', { hello: 'I am a printer' });
  const gone = await startFaultServer();
  await gone.close();
  const { find } = createLocalServers({ egress, engine, now: Date.now }, [other.port, gone.port]);
  expect(await find()).toEqual([]);
});

test('a server that takes the connection and says nothing does not hold up the rest', { timeout: 10_000 }, async () => {
  const silent = await startFaultServer();
  closers.push(silent.close);
  silent.on('*', /./, [{ type: 'stall' }]);
  const good = await serve('/v1/models', { data: [] });
  const { find } = createLocalServers({ egress, engine, now: Date.now }, [silent.port, good.port]);
  expect(await find()).toEqual([{ providerId: 'openai-compatible', baseUrl: `${good.url}/v1`, models: [] }]);
});

test('KoboldAI and KoboldCPP are told apart, and from TabbyAPI, which calls itself a KoboldCPP', async () => {
  const ai = await startKoboldAiServer();
  const cpp = await startKoboldCppServer();
  const tabby = await serve('/api/extra/version', { result: 'KoboldCpp', version: '1.74' });
  tabby.on('GET', '/.well-known/serviceinfo', respondJson(200, { version: 0.1, software: { name: 'TabbyAPI' } }));
  tabby.on('GET', '/v1/models', respondJson(200, { data: [{ id: 'exl2' }] }));
  closers.push(ai.close, cpp.close);
  const ports = [ai.fault.port, cpp.fault.port, tabby.port];
  expect(await createLocalServers({ egress, engine, now: Date.now }, ports).find()).toEqual([
    { providerId: 'koboldai', baseUrl: ai.baseUrl, models: ['OPT-2.7B-Erebus'] },
    { providerId: 'koboldcpp', baseUrl: cpp.baseUrl, models: ['Mistral-7B-Instruct-v0.3-Q4_K_M'] },
    { providerId: 'openai-compatible', baseUrl: `${tabby.url}/v1`, models: ['exl2'] },
  ]);
});

test('a real KoboldCPP of the version that TabbyAPI borrows is known', async () => {
  const cpp = await startKoboldCppServer({ version: '1.74' });
  closers.push(cpp.close);
  const { find } = createLocalServers({ egress, engine, now: Date.now }, [cpp.fault.port]);
  expect(await find()).toMatchObject([{ providerId: 'koboldcpp' }]);
});

test('a server that is known but locked, or without a model, is found all the same', async () => {
  const locked = await startKoboldCppServer({ password: 'sesame' });
  const empty = await startKoboldAiServer({ model: 'ReadOnly' });
  closers.push(locked.close, empty.close);
  const { find } = createLocalServers({ egress, engine, now: Date.now }, [locked.fault.port, empty.fault.port]);
  expect(await find()).toEqual([
    { providerId: 'koboldcpp', baseUrl: locked.baseUrl, models: [] },
    { providerId: 'koboldai', baseUrl: empty.baseUrl, models: [] },
  ]);
});

test('a server that answers 200 to every question is neither', async () => {
  const polite = await startFaultServer();
  closers.push(polite.close);
  polite.on('GET', /./, respondJson(200, { error: 'Unexpected endpoint or method.' }));
  polite.on('GET', '/v1/models', respondJson(200, { data: [{ id: 'qwen3' }] }));
  const { find } = createLocalServers({ egress, engine, now: Date.now }, [polite.port]);
  expect(await find()).toEqual([{ providerId: 'openai-compatible', baseUrl: `${polite.url}/v1`, models: ['qwen3'] }]);
});

test('each usual port is looked at once', () => {
  expect(new Set(usualPorts).size).toBe(usualPorts.length);
});
