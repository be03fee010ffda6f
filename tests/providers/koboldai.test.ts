import { performance } from 'node:perf_hooks';
import { afterEach, expect, test } from 'vitest';
import { createEgress } from '../../background/egress';
import type { GenerateRequest, StreamPart } from '../../protocol/generate';
import { toConnectionId } from '../../protocol/ids';
import type { ConnectionOptions } from '../../protocol/model-settings';
import { createProvider } from '../../providers/create-provider';
import { noSocket as unopened } from '../background/support/sockets';
import { type KoboldAiOptions, startKoboldAiServer } from '../support/servers/koboldai-server';
import { answering, ask, json, knownRow, noEngine, noSocket, providerOf, run } from './replay';
import { realClock, text } from './timed';

const row = knownRow('koboldai');
const egress = createEgress({ fetch: globalThis.fetch, openSocket: unopened, vault: { open: async () => undefined } });
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(options: KoboldAiOptions = {}, path = '', settings?: ConnectionOptions) {
  const server = await startKoboldAiServer(options);
  closers.push(server.close);
  const connection = {
    id: toConnectionId('c'),
    providerId: row.id,
    name: '',
    baseUrl: server.baseUrl + path,
    ...(settings && { options: settings }),
  };
  // Little chance, so that whoever waits comes back soon.
  const clock = realClock(0.004);
  const provider = createProvider(
    row,
    { connection, engine: noEngine, socket: noSocket, fetch: egress.bind(connection, row), now: Date.now },
    clock,
  );
  return { server, provider };
}

const question = (words: string, more: Partial<GenerateRequest> = {}) =>
  ask(words, { model: 'KoboldAI/OPT-2.7B-Erebus', ...more });
const stages = (parts: readonly StreamPart[]) => parts.flatMap((part) => (part.type === 'progress' ? [part.stage] : []));

test.each(['', '/api', '/api/v1', '/api/latest', '/v1'])(
  'the server is reached by an address with "%s" at its end',
  async (path) => {
    const { provider } = await serve({}, path);
    expect(text(await run(provider, question('Name a river.')))).toBe('The Danube.');
  },
);

test.each(['1.2.1', '1.2.2', '1.2.3', '1.2.4', '1.2.5', '1.2.6'])(
  'version %s, which refuses what it does not know, takes the fullest request',
  async (version) => {
    const { provider, server } = await serve({ version });
    const samplers = { typicalP: 2, topA: -1, tfs: 0.5, repetitionRange: 64, repetitionSlope: 0.5, mirostatMode: 2 };
    const numbers = { temperature: 0, topP: 3, topK: -5, repetitionPenalty: 0.5, seed: -7, maxOutputTokens: 100_000, minP: 0.1 };
    const outcome = await run(provider, question('Hi', { ...numbers, samplers, stop: ['x'], outputs: 8 }));
    expect(outcome.error).toBeUndefined();
    expect(server.bodies.map(({ n, sampler_seed }) => [n, sampler_seed])).toEqual([
      [5, 7],
      [3, 12],
    ]);
    expect(outcome.parts.filter(({ type }) => type === 'finish')).toHaveLength(8);
    // A temperature of 0 has another way of being sent.
    expect(limitsIn(outcome.parts)).toMatchObject({ topP: [3, 1], repetitionPenalty: [0.5, 1], typicalP: [2, 1], topA: [-1, 0] });
    expect(limitsIn(outcome.parts)).not.toHaveProperty('temperature');
  },
);

const limitsIn = (parts: readonly StreamPart[]) =>
  Object.fromEntries(
    parts
      .flatMap((part) => (part.type === 'start' ? part.warnings : []))
      .flatMap((warning) => (warning.type === 'value-limited' ? [[warning.parameter, [warning.asked, warning.sent]]] : [])),
  );

test('a key that the Client does not know is refused: the stand-in is as strict as the real one', async () => {
  const { server } = await serve({ version: '1.2.1' });
  const response = await fetch(`${server.baseUrl}/api/v1/generate`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ prompt: 'x', stop_sequence: ['y'] }),
  });
  expect([response.status, await response.json()]).toEqual([422, { detail: { stop_sequence: ['Unknown field.'] } }]);
});

test('a busy server is asked again until it is free, and the answer comes after that', async () => {
  const { provider, server } = await serve({ tokenMs: 20 });
  const other = run(provider, question('First'));
  while (server.gpu.current === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
  const outcome = await run(provider, question('Second'));
  expect(text(outcome)).toBe('The Danube.');
  expect(stages(outcome.parts)).toEqual(['processing', 'queued']);
  expect(stages((await other).parts)).toEqual(['processing']);
  expect(server.bodies).toHaveLength(2);
});

test('a server that never gets free is given up after 120 tries', async () => {
  const { provider, server } = await serve({ isHeld: true });
  const { error } = await run(
    providerOf(row, { fetch: egress.bind(connectionTo(server.baseUrl), row), baseUrl: server.baseUrl }),
    question('Hi'),
  );
  expect(error).toMatchObject({ fault: 'overloaded', status: 503, detail: 'Server is busy; please try again later.' });
  expect(server.fault.requests.filter(({ method }) => method === 'POST')).toHaveLength(120);
  expect(await provider.models(new AbortController().signal)).toHaveLength(1);
});

const connectionTo = (baseUrl: string) => ({ id: toConnectionId('c'), providerId: row.id, name: '', baseUrl });

test('503 in other words is no busy server: it is tried as any backend is', async () => {
  const { provider, server } = await serve();
  server.fault.on('POST', '/api/v1/generate', [
    { type: 'status', code: 503 },
    { type: 'headers', headers: { 'content-type': 'text/html' } },
    { type: 'write', data: '<title>Tunnel not found</title>' },
    { type: 'end' },
  ]);
  const outcome = await run(provider, question('Hi'));
  expect(outcome.error).toMatchObject({ fault: 'overloaded', detail: 'Tunnel not found' });
  expect(stages(outcome.parts)).toEqual(['processing']);
  expect(server.fault.requests.filter(({ method }) => method === 'POST')).toHaveLength(3);
});

test('an abort while it waits its turn ends the call at once', async () => {
  const { server } = await serve({ isHeld: true });
  const caller = new AbortController();
  const connection = connectionTo(server.baseUrl);
  const provider = createProvider(
    row,
    { connection, engine: noEngine, socket: noSocket, fetch: egress.bind(connection, row), now: Date.now },
    realClock(0.9),
  );
  const outcome = run(provider, question('Hi'), caller.signal);
  await server.fault.waitForRequest(4);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const start = performance.now();
  caller.abort();
  expect((await outcome).error).toEqual({ code: 'aborted' });
  expect(performance.now() - start).toBeLessThan(250);
  expect(server.fault.requests).toHaveLength(4);
});

test('an abort closes the socket; the GPU works on, and the next question waits for it', async () => {
  const { provider, server } = await serve({ tokenMs: 100 });
  const caller = new AbortController();
  const outcome = run(provider, question('First'), caller.signal);
  await server.fault.waitForRequest(4);
  while (server.gpu.current === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
  const start = performance.now();
  caller.abort();
  expect((await outcome).error).toEqual({ code: 'aborted' });
  expect(await server.fault.closedAfter(3, start)).toBeLessThan(250);
  expect(server.gpu.current).toBeDefined();
  const next = await run(provider, question('Second'));
  expect(text(next)).toBe('The Danube.');
  expect(stages(next.parts)).toEqual(['processing', 'queued']);
});

const long = Array.from({ length: 40 }, (_, index) => ({
  role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
  content: [{ type: 'text' as const, text: `Message ${index}. ${'word '.repeat(40)}` }],
}));

test('a chat longer than the context loses its oldest messages, never the words of the system', async () => {
  const { provider, server } = await serve({ contextTokens: 1024 });
  const system = { role: 'system' as const, content: [{ type: 'text' as const, text: 'Be brief.' }] };
  const outcome = await run(
    provider,
    question('', { messages: [system, ...long, ...question('Now?').messages], maxOutputTokens: 100 }),
  );
  const prompt = String(server.bodies[0]?.prompt);
  expect(prompt).toMatch(/^Be brief\./);
  expect(prompt).toContain('Now?');
  expect(prompt).not.toContain('Message 2.');
  expect(outcome.parts.find(({ type }) => type === 'start')).toMatchObject({
    warnings: [{ type: 'history-cut', messages: expect.any(Number) }],
  });
  expect(server.bodies[0]).toMatchObject({ max_context_length: 1024, max_length: 100 });
});

test('context size, template and stop sequences of the connection come before what the server shows', async () => {
  const options = { contextTokens: 4096, template: 'chatml', stop: ['Danube'] } as const;
  const { provider, server } = await serve({}, '', options);
  const outcome = await run(provider, question('Hi'));
  expect(text(outcome)).toBe('The');
  expect(server.bodies[0]).toMatchObject({
    prompt: '<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n',
    max_context_length: 4096,
    stop_sequence: ['<|im_end|>', 'Danube'],
  });
});

test('nothing but generations is written: story and sliders stay as they are', async () => {
  const { provider, server } = await serve();
  await run(provider, question('Hi', { outputs: 2 }));
  await provider.models(new AbortController().signal);
  const routes = new Set(server.fault.requests.map(({ method, path }) => `${method} ${path}`));
  expect([...routes].sort()).toEqual([
    'GET /api/v1/config/max_context_length',
    'GET /api/v1/info/version',
    'GET /api/v1/model',
    'POST /api/v1/generate',
  ]);
});

test('a server that has no result at its version is no Kobold server', async () => {
  const fetch = answering(() => json({ hello: 'I am a printer' }));
  expect((await run(providerOf(row, { fetch }), question('Hi'))).error).toEqual({ code: 'bad-response', fault: 'malformed' });
});

test('a connection without an address says which field is missing', async () => {
  const bare = { ...row, address: { type: 'none' } as const };
  expect((await run(providerOf(bare, {}), question('Hi'))).error).toEqual({ code: 'unavailable', field: 'baseUrl' });
});
