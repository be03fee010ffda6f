import { performance } from 'node:perf_hooks';
import { afterEach, expect, test } from 'vitest';
import { createEgress } from '../../background/egress';
import type { GenerateRequest, StreamPart } from '../../protocol/generate';
import { toConnectionId } from '../../protocol/ids';
import { createProvider } from '../../providers/create-provider';
import { noSocket as unopened } from '../background/support/sockets';
import { type KoboldCppOptions, type KoboldCppServer, startKoboldCppServer } from '../support/servers/koboldcpp-server';
import { answering, ask, json, knownRow, noEngine, noSocket, providerOf, run } from './replay';
import { realClock, text } from './timed';

const row = knownRow('koboldcpp');
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(options: KoboldCppOptions = {}, { path = '', key = undefined as string | undefined } = {}) {
  const server = await startKoboldCppServer(options);
  closers.push(server.close);
  const egress = createEgress({ fetch: globalThis.fetch, openSocket: unopened, vault: { open: async () => key } });
  const connection = { id: toConnectionId('c'), providerId: row.id, name: '', baseUrl: server.baseUrl + path };
  const clock = { ...realClock(), random: () => Math.random() * 0.01 };
  const provider = createProvider(
    row,
    { connection, engine: noEngine, socket: noSocket, fetch: egress.bind(connection, row), now: Date.now },
    clock,
  );
  return { server, provider };
}

const question = (words: string, more: Partial<GenerateRequest> = {}) =>
  ask(words, { model: 'koboldcpp/Mistral-7B-Instruct-v0.3-Q4_K_M', ...more });
const last = (parts: readonly StreamPart[]) => parts.at(-1);
const until = async (isSo: () => boolean) => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
};
const counting = () => Array.from({ length: 200 }, (_, index) => ` ${index}`).join('');
const { signal } = new AbortController();

test.each(['1.77', '1.102', '1.29'])('version %s answers', async (version) => {
  const { provider } = await serve({ version });
  const { parts, error } = await run(provider, question('Name a river.'));
  expect([text({ parts }), error]).toEqual(['The Danube.', undefined]);
});

test.each(['/api', '/api/v1', '/v1'])(
  'the server is reached by an address with "%s" at its end, its template too',
  async (path) => {
    const { provider, server } = await serve({ template: '<|im_start|>' }, { path });
    expect(text(await run(provider, question('Hi')))).toBe('The Danube.');
    expect(server.bodies[0]).toMatchObject({ prompt: '<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n' });
  },
);

test.each([
  ['1.77', 'the end of text', {}, 'stop', 'stop'],
  ['1.77', 'a stop sequence', { stop: [' Danube'] }, 'stop', 'length'],
  ['1.77', 'the limit', { maxOutputTokens: 1 }, 'length', 'length'],
  ['1.102', 'the end of text', {}, 'stop', 'stop'],
  ['1.102', 'a stop sequence', { stop: [' Danube'] }, 'stop', 'length'],
  ['1.102', 'the limit', { maxOutputTokens: 1 }, 'length', 'length'],
])('version %s: an answer that ends by %s is told apart', async (version, _by, more, reason, rawReason) => {
  const { provider } = await serve({ version });
  expect(last((await run(provider, question('Hi', more))).parts)).toEqual({ type: 'finish', reason, rawReason });
});

test('a version that answers as a whole tells the limit from a stop sequence by its count', async () => {
  const { provider, server } = await serve({ version: '1.102' });
  server.fault.on('POST', '/api/extra/generate/stream', () => [
    { type: 'headers', headers: { 'content-type': 'application/json' } },
    {
      type: 'write',
      data: '{"results":[{"text":" Danube","finish_reason":"length","prompt_tokens":9,"completion_tokens":1}]}',
    },
  ]);
  const { parts } = await run(provider, question('Hi', { maxOutputTokens: 5 }));
  expect(parts.slice(-2)).toEqual([
    { type: 'usage', usage: { inputTokens: 9, outputTokens: 1, estimated: false } },
    { type: 'finish', reason: 'stop', rawReason: 'length' },
  ]);
  const limited = await run(provider, question('Hi', { maxOutputTokens: 1 }));
  expect(last(limited.parts)).toMatchObject({ reason: 'length' });
});

test('a generation that failed, which answers with nothing, is an error and no empty answer', async () => {
  for (const version of ['1.29', '1.77', '1.102']) {
    const { provider } = await serve({ version, fails: true });
    expect((await run(provider, question('Hi'))).error, version).toMatchObject({ fault: 'server' });
  }
});

test('an answer that is empty because its first word is a stop sequence is no error', async () => {
  const { provider } = await serve();
  const { parts, error } = await run(provider, question('Hi', { stop: [' The'] }));
  expect([text({ parts }), error, last(parts)]).toEqual(['', undefined, expect.objectContaining({ reason: 'stop' })]);
});

async function abortWhile(server: KoboldCppServer, outcome: Promise<unknown>, caller: AbortController) {
  const start = performance.now();
  caller.abort();
  await outcome;
  expect(performance.now() - start).toBeLessThan(250);
  await until(() => server.aborts.length > 0);
  expect(performance.now() - start).toBeLessThan(250);
}

test.each(['1.102', '1.29'])('version %s: an abort stops the generation by its key, at once', async (version) => {
  const { provider, server } = await serve({ version, tokenMs: 20, answer: counting });
  const caller = new AbortController();
  const outcome = run(provider, question('Count.'), caller.signal);
  await until(() => (server.gpu.current?.made ?? 0) > 2);
  await abortWhile(server, outcome, caller);
  expect((await outcome).error).toEqual({ code: 'aborted' });
  expect(server.aborts).toEqual([{ genkey: server.bodies[0]?.genkey, done: true }]);
  await server.gpu.idle();
  expect(server.gpu.generations[0]?.made).toBeLessThan(50);
});

test('without that abort the GPU of a version without streams works on after the socket is closed', async () => {
  const { server } = await serve({ version: '1.29', tokenMs: 2, answer: counting });
  const caller = new AbortController();
  const call = fetch(`${server.baseUrl}/api/v1/generate`, {
    method: 'POST',
    body: JSON.stringify({ prompt: 'x', max_length: 200 }),
    signal: caller.signal,
  });
  await until(() => server.gpu.current !== undefined);
  caller.abort();
  await expect(call).rejects.toThrow();
  await server.gpu.idle();
  expect(server.gpu.generations[0]?.made).toBe(200);
});

test('a caller who takes no more parts stops the generation too', async () => {
  const { provider, server } = await serve({ tokenMs: 10, answer: counting });
  for await (const part of provider.generate(question('Count.'), signal)) if (part.type === 'text-delta') break;
  await until(() => server.aborts.length > 0);
  expect(server.aborts).toEqual([{ genkey: server.bodies[0]?.genkey, done: true }]);
});

test('two generations have two keys, and an answer that is complete aborts nothing', async () => {
  const { provider, server } = await serve();
  const { parts } = await run(provider, question('Hi', { outputs: 2 }));
  expect(parts.filter(({ type }) => type === 'finish')).toHaveLength(2);
  const keys = server.bodies.map(({ genkey }) => genkey);
  expect(keys).toEqual([expect.stringMatching(/^KCPP\d+$/), expect.stringMatching(/^KCPP\d+$/)]);
  expect(new Set(keys).size).toBe(2);
  expect(server.aborts).toEqual([]);
});

test('whoever waits in the queue is told where, and an abort there stops a generation before its first token', async () => {
  const { provider, server } = await serve({ tokenMs: 5, answer: counting });
  const first = new AbortController();
  const running = run(provider, question('First'), first.signal);
  await until(() => server.gpu.current !== undefined);
  const caller = new AbortController();
  const stages: StreamPart[] = [];
  const waiting = (async () => {
    for await (const part of provider.generate(question('Second'), caller.signal)) stages.push(part);
  })().catch((error: unknown) => error);
  await until(() => stages.length > 0);
  expect(stages[0]).toEqual({ type: 'progress', stage: 'queued', position: 1 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await abortWhile(server, waiting, caller);
  expect(server.aborts.map(({ done }) => done)).toEqual([false]);
  first.abort();
  await running;
  await until(() => server.gpu.generations.length === 2);
  await server.gpu.idle();
  expect(server.gpu.generations[1]?.made).toBe(0);
});

test('a server that lets nobody wait is asked again until it is free', async () => {
  const { provider, server } = await serve({ queue: 0, tokenMs: 20 });
  const first = run(provider, question('First'));
  await until(() => server.gpu.current !== undefined);
  const { parts } = await run(provider, question('Second'));
  expect(text({ parts })).toBe('The Danube.');
  expect(text(await first)).toBe('The Danube.');
  expect(server.bodies).toHaveLength(2);
  expect(server.aborts).toEqual([]);
});

test('a password is tested by what asks for it, though every list is open', async () => {
  const open = await serve({ password: 'sesame' });
  await expect(open.provider.models(signal)).rejects.toMatchObject({ fault: 'auth', status: 401 });
  expect((await fetch(`${open.server.baseUrl}/api/v1/model`)).status).toBe(200);
  expect((await run(open.provider, question('Hi'))).error).toMatchObject({ fault: 'auth' });
  const wrong = await serve({ password: 'sesame' }, { key: 'simsim' });
  await expect(wrong.provider.models(signal)).rejects.toMatchObject({ fault: 'auth', status: 401 });
  const right = await serve({ password: 'sesame' }, { key: 'sesame' });
  expect(await right.provider.models(signal)).toMatchObject([{ name: 'Mistral-7B-Instruct-v0.3-Q4_K_M', contextTokens: 8192 }]);
  expect(text(await run(right.provider, question('Hi')))).toBe('The Danube.');
});

const long = Array.from({ length: 40 }, (_, index) => ({
  role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
  content: [{ type: 'text' as const, text: `Message ${index}. ${'word '.repeat(40)}` }],
}));

test.each(['1.102', '1.40'])(
  'version %s: a chat longer than the context is cut by the count of the server, else by an estimate',
  async (version) => {
    const { provider, server } = await serve({ version, contextTokens: 1024, template: '<|im_start|>' });
    const system = { role: 'system' as const, content: [{ type: 'text' as const, text: 'Be brief.' }] };
    const messages = [system, ...long, ...question('Now?').messages];
    const { parts } = await run(provider, question('', { messages, maxOutputTokens: 100 }));
    expect(server.counted.length > 0).toBe(version === '1.102');
    expect(server.bodies[0]).toMatchObject({
      memory: '<|im_start|>system\nBe brief.<|im_end|>\n',
      max_context_length: 1024,
      max_length: 100,
    });
    const prompt = String(server.bodies[0]?.prompt);
    expect(prompt).toContain('Now?');
    expect(prompt).not.toContain('Message 2.');
    expect(parts.find(({ type }) => type === 'start')).toMatchObject({
      warnings: [{ type: 'history-cut', messages: expect.any(Number) }],
    });
  },
);

test('a short chat is not counted by the server', async () => {
  const { provider, server } = await serve();
  await run(provider, question('Hi'));
  expect(server.counted).toEqual([]);
});

test('the statistics of another generation are not taken for ours', async () => {
  const { provider, server } = await serve();
  server.fault.on('GET', '/api/extra/perf', () => [
    { type: 'headers', headers: { 'content-type': 'application/json' } },
    { type: 'write', data: '{"last_token_count":999,"last_input_count":999,"last_seed":0,"stop_reason":0,"queue":0,"idle":1}' },
  ]);
  const { parts } = await run(provider, question('Hi'));
  expect(parts.at(-2)).toMatchObject({ usage: { estimated: true, outputTokens: 3 } });
});

test('an image goes to a server that sees, beside the words, and not to another', async () => {
  const messages = [
    {
      role: 'user' as const,
      content: [
        { type: 'text' as const, text: 'What is this?' },
        { type: 'image' as const, mediaType: 'image/png', data: 'AAAA' },
      ],
    },
  ];
  const seeing = await serve({ vision: true });
  await run(seeing.provider, question('', { messages }));
  expect(seeing.server.bodies[0]).toMatchObject({ images: ['AAAA'] });
  const blind = await serve();
  expect((await run(blind.provider, question('', { messages }))).error).toMatchObject({ fault: 'not-supported' });
  const nine = Array.from({ length: 9 }, () => messages).flat();
  expect((await run(seeing.provider, question('', { messages: nine }))).error).toMatchObject({ fault: 'not-supported' });
});

test('a schema becomes a grammar, and a server without grammars is not asked', async () => {
  const responseFormat = { type: 'json-schema', schema: { type: 'object' } } as const;
  const able = await serve();
  await run(able.provider, question('Hi', { responseFormat }));
  expect(able.server.bodies[0]).toMatchObject({ grammar: 'root ::= object' });
  const old = await serve({ version: '1.43' });
  expect((await run(old.provider, question('Hi', { responseFormat }))).error).toMatchObject({ fault: 'not-supported' });
  expect(old.server.bodies).toEqual([]);
});

test('an answer from something else than KoboldCPP is malformed', async () => {
  const fetch = answering(() => json({ hello: 'I am a printer' }));
  expect((await run(providerOf(row, { fetch }), question('Hi'))).error).toEqual({ code: 'bad-response', fault: 'malformed' });
  const list = answering(({ url }) => json(url.endsWith('/model') ? { result: 'm' } : []));
  expect((await run(providerOf(row, { fetch: list }), question('Hi'))).error).toEqual({
    code: 'bad-response',
    fault: 'malformed',
  });
});

const look = { name: 'look', parameters: { type: 'object' } };

test('a question with tools is asked where the server has them, by any of its addresses', async () => {
  const { provider, server } = await serve({}, { path: '/api' });
  const { parts, error } = await run(provider, question('Look.', { tools: [look], minP: 0.1 }));
  expect(error).toBeUndefined();
  expect(parts.slice(1)).toEqual([
    { type: 'tool-call', id: 'call_1', name: 'look', arguments: '{}' },
    { type: 'finish', reason: 'tool-calls', rawReason: 'tool_calls' },
  ]);
  expect(server.bodies[0]).toMatchObject({ min_p: 0.1, genkey: expect.stringMatching(/^KCPP\d+$/) });
  expect(server.aborts).toEqual([]);
  const [model] = await provider.models(signal);
  expect(model?.capabilities).toContain('tools');
});

test('a version whose tools do not work refuses them before anything is generated, and says what to do', async () => {
  const { provider, server } = await serve({ version: '1.77' });
  const { error } = await run(provider, question('Look.', { tools: [look] }));
  expect(error).toMatchObject({ fault: 'not-supported', field: 'tools', detail: expect.stringContaining('1.102 or later') });
  expect(server.bodies).toEqual([]);
  const [model] = await provider.models(signal);
  expect(model?.capabilities).not.toContain('tools');
});

test('a schema beside tools is refused', async () => {
  const { provider } = await serve();
  const schema = { type: 'json-schema', schema: { type: 'object' } } as const;
  const { error } = await run(provider, question('Look.', { tools: [look], responseFormat: schema }));
  expect(error).toMatchObject({ fault: 'not-supported', field: 'responseFormat' });
});

test('an abort stops a question with tools by its key', async () => {
  const { provider, server } = await serve({ tokenMs: 20, answer: counting });
  const caller = new AbortController();
  const outcome = run(provider, question('Look.', { tools: [look] }), caller.signal);
  await until(() => (server.gpu.current?.made ?? 0) > 2);
  await abortWhile(server, outcome, caller);
  expect((await outcome).error).toEqual({ code: 'aborted' });
  expect(server.aborts).toEqual([{ genkey: server.bodies[0]?.genkey, done: true }]);
});
