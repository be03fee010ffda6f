import { afterEach, expect, test, vi } from 'vitest';
import { createEgress } from '../../background/egress';
import { createLocalServers, usualPorts } from '../../background/local-servers';
import { limits } from '../../protocol/limits';
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

/** The marks of each, as they are on the wire (backends/local.md 1.3 and 7). */
const info = { model_name: 'None', lora_names: [], loader: null };
const marks: readonly [string, readonly [string, number, unknown, Record<string, string>?][]][] = [
  [
    'tabbyapi',
    [
      ['/.well-known/serviceinfo', 200, { version: 0.1, software: { name: 'TabbyAPI' } }],
      ['/v1/models', 401, { detail: 'x' }],
    ],
  ],
  [
    'text-generation-webui',
    [
      ['/v1/models', 200, { data: [] }],
      ['/v1/internal/model/info', 200, info],
    ],
  ],
  [
    'llama-cpp',
    [
      ['/v1/models', 200, { data: [{ id: 'a' }] }, { server: 'llama.cpp' }],
      ['/props', 401, {}],
    ],
  ],
  [
    'llama-cpp',
    [
      ['/v1/models', 200, { data: [] }],
      ['/props', 200, { default_generation_settings: { n_ctx: 1 }, total_slots: 1, build_info: 'b1' }],
    ],
  ],
  [
    'lm-studio',
    [
      ['/v1/models', 200, { data: [] }],
      ['/api/v0/models', 200, { data: [] }, { 'x-powered-by': 'Express' }],
    ],
  ],
  [
    'localai',
    [
      ['/v1/models', 200, { data: [] }],
      ['/.well-known/localai.json', 200, { version: 'v3' }],
    ],
  ],
  ['vllm', [['/v1/models', 200, { data: [{ id: 'a', owned_by: 'vllm' }] }]]],
  [
    'vllm',
    [
      ['/v1/models', 401, { error: 'Unauthorized' }],
      ['/version', 200, { version: '0.28.0' }],
    ],
  ],
  ['jan', [['/v1/models', 401, 'Invalid or missing authorization token']]],
  [
    'openai-compatible',
    [
      ['/v1/models', 200, { data: [{ id: 'a' }] }],
      ['/version', 200, { version: '1' }],
    ],
  ],
];

test.each(marks)('%s is told by its marks, with or without its key', async (providerId, answers) => {
  const server = await startFaultServer();
  closers.push(server.close);
  // LM Studio's way: everything unknown is answered with 200.
  server.on('*', /./, respondJson(200, { error: 'Unexpected endpoint or method.' }));
  for (const [path, status, body, headers] of answers) {
    const isText = typeof body === 'string';
    const steps = [
      { type: 'status', code: status },
      { type: 'headers', headers: { 'content-type': 'text/plain', ...headers } },
      { type: 'write', data: `${body}` },
      { type: 'end' },
    ] as const;
    server.on('GET', path, isText ? steps : respondJson(status, body, headers));
  }
  const { find } = createLocalServers({ egress, engine, now: Date.now }, [server.port]);
  expect(await find()).toMatchObject([{ baseUrl: `${server.url}/v1`, providerId }]);
});

test('a port that talks without end is left when it has said enough', async () => {
  const endless = await startFaultServer();
  closers.push(endless.close);
  const piece = { type: 'write', data: 'x'.repeat(256 * 1024) } as const;
  endless.on('*', /./, function* () {
    for (;;) yield piece;
  });
  const { find } = createLocalServers({ egress, engine, now: Date.now }, [endless.port]);
  expect(await find()).toEqual([]);
  expect(Math.max(...endless.sockets.map(({ bytesOut }) => bytesOut))).toBeLessThan(4 * limits.modelListBytes);
});
