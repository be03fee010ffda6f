import { afterEach, expect, test, vi } from 'vitest';
import { createEgress } from '../../background/egress';
import { createLocalServers, usualPorts } from '../../background/local-servers';
import { respondJson, startFaultServer } from '../support/faultd';

const engine = { models: () => [], isReady: async () => false, generate: vi.fn() };
const egress = createEgress({ fetch: globalThis.fetch, vault: { open: async () => undefined } });
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
  expect(await find()).toEqual([{ baseUrl: `${good.url}/v1`, providerId: 'openai-compatible', models: ['qwen3', 'phi'] }]);
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
  expect(await find()).toEqual([{ baseUrl: `${good.url}/v1`, providerId: 'openai-compatible', models: [] }]);
});

test('each usual port is looked at once', () => {
  expect(new Set(usualPorts).size).toBe(usualPorts.length);
});
