import { afterEach, expect, test, vi } from 'vitest';
import { createEgress } from '../../background/egress';
import { createLocalServers, usualPorts } from '../../background/local-servers';
import { limits } from '../../protocol/limits';
import { knownServers } from '../../providers/server-marks';
import { respondJson, startFaultServer } from '../support/faultd';
import { startKoboldAiServer } from '../support/servers/koboldai-server';
import { startKoboldCppServer } from '../support/servers/koboldcpp-server';
import { startOllamaServer } from '../support/servers/ollama-server';
import { startLegacyServer } from '../support/servers/webui-legacy-server';
import { createStore } from './support/device';
import { onDemandWith } from './support/on-demand';
import { noSocket } from './support/sockets';

const { backends } = onDemandWith(createStore());
const engine = { models: async () => [], generate: vi.fn(), embed: vi.fn() };
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
  const { find } = createLocalServers({ backends, egress, engine, now: Date.now }, [good.port]);
  expect(await find()).toEqual([{ baseUrl: `${good.url}/v1`, providerId: 'openai-compatible', models: ['qwen3', 'phi'] }]);
});

test('a port with something else on it, or with nothing, is passed over', async () => {
  const other = await serve('/', { hello: 'I am a printer' });
  const gone = await startFaultServer();
  await gone.close();
  const { find } = createLocalServers({ backends, egress, engine, now: Date.now }, [other.port, gone.port]);
  expect(await find()).toEqual([]);
});

test('a server that takes the connection and says nothing does not hold up the rest', { timeout: 10_000 }, async () => {
  const silent = await startFaultServer();
  closers.push(silent.close);
  silent.on('*', /./, [{ type: 'stall' }]);
  const good = await serve('/v1/models', { data: [] });
  const { find } = createLocalServers({ backends, egress, engine, now: Date.now }, [silent.port, good.port]);
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
  const { find } = createLocalServers({ backends, egress, engine, now: Date.now }, [server.port]);
  expect(await find()).toMatchObject([{ baseUrl: `${server.url}/v1`, providerId }]);
});

test('a port that talks without end is left when it has said enough', async () => {
  const endless = await startFaultServer();
  closers.push(endless.close);
  const piece = { type: 'write', data: 'x'.repeat(256 * 1024) } as const;
  endless.on('*', /./, function* () {
    for (;;) yield piece;
  });
  const { find } = createLocalServers({ backends, egress, engine, now: Date.now }, [endless.port]);
  expect(await find()).toEqual([]);
  expect(Math.max(...endless.sockets.map(({ bytesOut }) => bytesOut))).toBeLessThan(4 * limits.modelListBytes);
});

test('KoboldAI and KoboldCPP are told apart, and from TabbyAPI, which calls itself a KoboldCPP', async () => {
  const ai = await startKoboldAiServer();
  const cpp = await startKoboldCppServer();
  const tabby = await serve('/api/extra/version', { result: 'KoboldCpp', version: '1.74' });
  tabby.on('GET', '/.well-known/serviceinfo', respondJson(200, { version: 0.1, software: { name: 'TabbyAPI' } }));
  tabby.on('GET', '/v1/models', respondJson(200, { data: [{ id: 'exl2' }] }));
  tabby.on('GET', '/v1/model', respondJson(200, { id: 'exl2', parameters: { max_seq_len: 8192 } }));
  tabby.on('GET', '/v1/auth/permission', respondJson(200, { permission: 'api' }));
  closers.push(ai.close, cpp.close);
  const ports = [ai.fault.port, cpp.fault.port, tabby.port];
  expect(await createLocalServers({ backends, egress, engine, now: Date.now }, ports).find()).toEqual([
    { providerId: 'koboldai', baseUrl: ai.baseUrl, models: ['OPT-2.7B-Erebus'] },
    { providerId: 'koboldcpp', baseUrl: cpp.baseUrl, models: ['Mistral-7B-Instruct-v0.3-Q4_K_M'] },
    { providerId: 'tabbyapi', baseUrl: `${tabby.url}/v1`, models: ['exl2'] },
  ]);
});

test('a real KoboldCPP of the version that TabbyAPI borrows is known', async () => {
  const cpp = await startKoboldCppServer({ version: '1.74' });
  closers.push(cpp.close);
  const { find } = createLocalServers({ backends, egress, engine, now: Date.now }, [cpp.fault.port]);
  expect(await find()).toMatchObject([{ providerId: 'koboldcpp' }]);
});

test('a server that is known but locked, or without a model, is found all the same', async () => {
  const locked = await startKoboldCppServer({ password: 'sesame' });
  const empty = await startKoboldAiServer({ model: 'ReadOnly' });
  closers.push(locked.close, empty.close);
  const { find } = createLocalServers({ backends, egress, engine, now: Date.now }, [locked.fault.port, empty.fault.port]);
  expect(await find()).toEqual([
    { providerId: 'koboldcpp', baseUrl: locked.baseUrl, models: [] },
    { providerId: 'koboldai', baseUrl: empty.baseUrl, models: [] },
  ]);
});

test('Ollama and text-generation-webui from before November 2023 are known by their own lists', async () => {
  const ollama = await startOllamaServer();
  const legacy = await startLegacyServer();
  closers.push(ollama.close, legacy.close);
  const { find } = createLocalServers({ backends, egress, engine, now: Date.now }, [ollama.fault.port, legacy.fault.port]);
  expect(await find()).toEqual([
    { providerId: 'ollama', baseUrl: ollama.baseUrl, models: ['qwen3:8b', 'gemma3:4b'] },
    { providerId: 'text-generation-webui-legacy', baseUrl: legacy.baseUrl, models: ['TheBloke_Llama-2-13B-GPTQ'] },
  ]);
});

test('an address that was typed is told by the same marks, with whatever path of an API was pasted along', async () => {
  const cpp = await startKoboldCppServer();
  const ollama = await startOllamaServer();
  closers.push(cpp.close, ollama.close);
  const { identify } = createLocalServers({ backends, egress, engine, now: Date.now }, []);
  for (const typed of [cpp.fault.url, `127.0.0.1:${cpp.fault.port}/`, `${cpp.fault.url}/api/v1`, `${cpp.fault.url}/v1/`])
    expect(await identify(typed), typed).toMatchObject({
      type: 'found',
      server: { providerId: 'koboldcpp', baseUrl: cpp.baseUrl },
    });
  expect(await identify(`localhost:${ollama.fault.port}`)).toMatchObject({ type: 'found', server: { providerId: 'ollama' } });
});

test('an address below a path of a proxy is looked at there', async () => {
  const proxy = await serve('/team/llm/v1/models', { data: [{ id: 'a', owned_by: 'vllm' }] });
  const { identify } = createLocalServers({ backends, egress, engine, now: Date.now }, []);
  expect(await identify(`${proxy.url}/team/llm/v1`)).toEqual({
    type: 'found',
    server: { providerId: 'vllm', baseUrl: `${proxy.url}/team/llm/v1`, models: ['a'] },
  });
});

test('what is at an address and is not known: nothing, something that wants a key, or something else', async () => {
  const closed = await startFaultServer();
  closed.on('*', /./, respondJson(401, { error: 'Unauthorized' }));
  const other = await serve('/', { hello: 'I am a printer' });
  const gone = await startFaultServer();
  await gone.close();
  closers.push(closed.close);
  const { identify } = createLocalServers({ backends, egress, engine, now: Date.now }, []);
  expect(await identify(closed.url)).toEqual({ type: 'locked' });
  expect(await identify(other.url)).toEqual({ type: 'unknown' });
  expect(await identify(gone.url)).toEqual({ type: 'nothing' });
});

test('an address that may not be asked is refused as the form does', async () => {
  const { identify } = createLocalServers({ backends, egress, engine, now: Date.now }, []);
  for (const address of ['', 'http://example.com', 'http://169.254.169.254/', 'http://user:pass@127.0.0.1'])
    await expect(identify(address)).rejects.toMatchObject({ code: 'invalid-request', field: 'baseUrl' });
});

test('the servers that the first run promises are all among the ports and the marks', () => {
  expect(usualPorts).toEqual(expect.arrayContaining([11434, 1234, 8080, 9931, 5001, 5000, 1337, 8000]));
  const marked = new Set(knownServers.map(({ providerId }) => providerId));
  const promised = [
    'ollama',
    'lm-studio',
    'llama-cpp',
    'koboldcpp',
    'text-generation-webui',
    'tabbyapi',
    'jan',
    'vllm',
    'localai',
  ];
  expect(promised.filter((id) => !marked.has(id))).toEqual([]);
});
