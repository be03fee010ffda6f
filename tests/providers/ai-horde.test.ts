import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { toConnectionId } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import type { ConnectionOptions } from '../../protocol/model-settings';
import { type Clock, createClock } from '../../providers/clock';
import { createProvider } from '../../providers/create-provider';
import type { BoundFetch, Job, ProviderContext } from '../../providers/provider';
import { type HordeServer, startHordeServer } from '../support/servers/horde-server';
import { ask, collect, knownRow, noEngine, noSocket, run } from './replay';

const row = knownRow('ai-horde');
const model = 'koboldcpp/Fimbulvetr-11B-v2';
/** A hundred times as fast, so that nobody waits for a poll. */
const pace = 100;
const quick: Clock = {
  ...createClock(() => Date.now() * pace),
  random: () => 0,
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds / pace);
    return () => clearTimeout(timer);
  },
};

let server: HordeServer;
beforeEach(async () => {
  server = await startHordeServer({ users: { 'key-of-ada': 540.7 } });
});
afterEach(() => server.close());

interface Setup {
  readonly options?: ConnectionOptions;
  readonly key?: string;
  readonly known?: ProviderContext['known'];
}

/** Signs as egress does. */
const signed =
  (key: string): BoundFetch =>
  (url, { headers, ...init } = {}) =>
    fetch(url, { ...init, headers: { ...headers, apikey: key } });

const provider = ({ options, key = '0000000000', known }: Setup = {}) =>
  createProvider(
    { ...row, address: { type: 'fixed', baseUrl: server.baseUrl } },
    {
      connection: { id: toConnectionId('c'), providerId: row.id, name: 'Horde', options },
      ...{ fetch: signed(key), socket: noSocket, engine: noEngine, known, now: quick.now },
    },
    quick,
  );

const request = (more = {}) => ask('Name a river.', { model, ...more });
const keeping = (id?: string) => ({ id, keep: vi.fn<Job['keep']>(async () => undefined) });
const generated = (job?: Job, signal = new AbortController().signal) => collect(provider().generate(request(), signal, job));
const textOf = ({ parts }: Awaited<ReturnType<typeof collect>>) =>
  parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');

test('an answer is ordered once, asked for, and told from the queue to the end', async () => {
  server.set({ queueMs: 400, workMs: 400 });
  const { parts, error } = await run(provider(), request());
  expect(error).toBeUndefined();
  const stages = parts.flatMap((part) => (part.type === 'progress' ? part : []));
  expect(stages[0]).toEqual({ type: 'progress', stage: 'queued', position: 3, seconds: 40 });
  expect(stages.at(-1)).toEqual({ type: 'progress', stage: 'processing', seconds: 40 });
  expect(parts.filter(({ type }) => type !== 'progress').map(({ type }) => type)).toEqual([
    'start',
    'text-delta',
    'usage',
    'finish',
  ]);
  expect(server.orders).toHaveLength(1);
  expect(server.cancelled).toEqual([]);
});

test('it says who it is, and shows no key but in the header for it', async () => {
  await run(provider(), request());
  for (const { headers } of server.fault.requests) {
    expect(headers['client-agent']).toMatch(/^Oriel:\d+:https:/);
    expect(headers.authorization).toBeUndefined();
  }
});

test('what an order may hold is kept to, whatever the page and the person set', async () => {
  const samplers = { repetitionRange: 100_000, typicalP: 7, topA: -1, smoothingFactor: 11 };
  const stop = Array.from({ length: 16 }, (_, index) => String(index).padStart(900, 'x'));
  const wild = { temperature: 9, topK: 5000, topP: 0, repetitionPenalty: 0.5, maxOutputTokens: 1, outputs: 8, samplers, stop };
  const { error } = await run(provider(), request(wild));
  expect(error).toBeUndefined();
  expect(server.orders[0]?.params).toMatchObject({ temperature: 5, top_k: 200, top_p: 0.001, rep_pen: 1, max_length: 16, n: 8 });
});

test('every stop sequence ends the answer, those too that were not sent', async () => {
  const stop = [...Array.from({ length: 3 }, (_, index) => String(index).padStart(900, 'x')), 'HALT'].reverse();
  server.set({ answer: () => `One ${'2'.padStart(900, 'x')} two HALT three` });
  expect(textOf(await run(provider(), request({ stop })))).toBe('One ');
});

test('the context asked for is no larger than the chat needs, nor than the volunteers serve', async () => {
  const long = 'word '.repeat(3000);
  await run(provider(), request());
  await run(provider(), ask(long, { model }));
  expect(server.orders.map(({ params }) => params.max_context_length)).toEqual([2048, 8192]);
  const known = () => ({ id: model, name: model, contextTokens: 2048, maxOutputTokens: 100 });
  const chat = { model, messages: [...ask(long).messages, { role: 'assistant' as const, content: [] }, ...ask('And?').messages] };
  const { parts } = await run(provider({ known }), { ...chat, maxOutputTokens: 500 });
  expect(server.orders[2]?.params).toMatchObject({ max_context_length: 2048, max_length: 100 });
  expect(parts[0]).toMatchObject({
    type: 'start',
    warnings: [{ type: 'history-cut' }, { type: 'value-limited', parameter: 'maxOutputTokens', asked: 500, sent: 100 }],
  });
});

test('the person’s choice among the volunteers is sent', async () => {
  const workers = ['a', 'b', 'c', 'd', 'e', 'f'];
  const vendor = { trustedWorkers: true, fastWorkersOnly: true, workers, workerBlacklist: true };
  await run(provider({ options: { vendor }, key: 'key-of-ada' }), request());
  expect(server.orders[0]).toMatchObject({
    ...{ trusted_workers: true, slow_workers: false, workers: ['a', 'b', 'c', 'd', 'e'], worker_blacklist: true },
  });
});

test('who has no kudos gets a shorter answer instead of a refusal', async () => {
  server.set({ workers: [{ name: 'Big', models: [model], max_length: 4096, max_context_length: 8192 }] });
  const known = () => ({ id: model, name: model, contextTokens: 8192, maxOutputTokens: 4096 });
  const { error } = await run(provider({ known }), request({ maxOutputTokens: 2000 }));
  expect(error).toBeUndefined();
  expect(server.orders[0]?.params.max_length).toBe(512);
});

test('a job is kept before it is first asked for, and one that is kept is not ordered again', async () => {
  const job = keeping();
  job.keep.mockImplementation(async () => expect(server.polls()).toBe(0));
  expect(textOf(await generated(job))).toBe('The Danube.');
  expect(job.keep).toHaveBeenCalledTimes(1);
  const [[id] = ['']] = job.keep.mock.calls;
  const again = keeping(id);
  expect(textOf(await generated(again))).toBe('The Danube.');
  expect(again.keep).not.toHaveBeenCalled();
  expect(server.orders).toHaveLength(1);
});

test('an abort ends at once and cancels the work', async () => {
  server.set({ queueMs: 60_000 });
  const abort = new AbortController();
  const ended = generated(undefined, abort.signal);
  await vi.waitFor(() => expect(server.polls()).toBeGreaterThan(0));
  const start = performance.now();
  abort.abort();
  expect((await ended).error).toMatchObject({ code: 'aborted' });
  expect(performance.now() - start).toBeLessThan(250);
  await vi.waitFor(() => expect(server.cancelled).toHaveLength(1));
});

test('a reader who leaves cancels the work as well', async () => {
  server.set({ queueMs: 60_000 });
  for await (const part of provider().generate(request(), new AbortController().signal)) {
    expect(part.type).toBe('progress');
    break;
  }
  await vi.waitFor(() => expect(server.cancelled).toHaveLength(1));
});

test('a job that nobody waits for can be cancelled by its id', async () => {
  server.set({ queueMs: 60_000 });
  const job = keeping();
  const abort = new AbortController();
  const ended = generated(job, abort.signal);
  await vi.waitFor(() => expect(job.keep).toHaveBeenCalled());
  const id = job.keep.mock.calls[0]?.[0] ?? '';
  await provider().cancel?.(id, new AbortController().signal);
  expect(server.cancelled).toEqual([id]);
  expect((await ended).error).toMatchObject({ fault: 'interrupted', detail: `Text Request with ID '${id}' not found.` });
  await expect(provider().cancel?.('none', new AbortController().signal)).rejects.toMatchObject({ fault: 'interrupted' });
});

test.each([
  ['a maintenance page', { down: 2 }],
  ['too many polls', { limited: 1 }],
])('%s does not lose the answer', async (_name, trouble) => {
  server.set({ queueMs: 200 });
  const ended = generated(keeping());
  await vi.waitFor(() => expect(server.polls()).toBeGreaterThan(0));
  server.set(trouble);
  expect(textOf(await ended)).toBe('The Danube.');
});

test('polls that keep failing end the call with their fault, and the work', async () => {
  server.set({ queueMs: 60_000 });
  const ended = generated();
  await vi.waitFor(() => expect(server.polls()).toBeGreaterThan(0));
  server.set({ down: limits.jobFailures });
  expect((await ended).error).toMatchObject({ fault: 'overloaded', status: 503, detail: 'AI Horde maintenance' });
  await vi.waitFor(() => expect(server.cancelled).toHaveLength(1));
});

test('an id that expired is an answer that broke off', async () => {
  server.set({ queueMs: 60_000 });
  const ended = generated();
  await vi.waitFor(() => expect(server.polls()).toBeGreaterThan(0));
  server.set({ expiryMs: 0 });
  expect((await ended).error).toMatchObject({ fault: 'interrupted', status: 404 });
});

test('what no volunteer can work on waits for one a while, then says why', async () => {
  const { parts, error } = await run(provider(), request({ model: 'koboldcpp/nobody-has-it' }));
  expect(parts.every(({ type }) => type === 'progress')).toBe(true);
  expect(error).toMatchObject({ fault: 'overloaded', detail: 'Warning: No available workers can fulfill this request.' });
  await vi.waitFor(() => expect(server.cancelled).toHaveLength(1));
});

test('a volunteer who comes in that time answers', async () => {
  const workers = [{ name: 'Late', models: ['late'], max_length: 512, max_context_length: 8192 }];
  const ended = run(provider(), request({ model: 'late' }));
  await vi.waitFor(() => expect(server.polls()).toBeGreaterThan(0));
  server.set({ workers });
  expect(textOf(await ended)).toBe('The Danube.');
});

test('work that failed too often is an error although it is done', async () => {
  server.set({ isFaulted: true });
  expect((await run(provider(), request({ outputs: 2 }))).error).toMatchObject({ fault: 'server' });
});

test('an answer that was withheld is told as one', async () => {
  server.set({ state: 'censored' });
  expect((await generated()).error).toMatchObject({ fault: 'content-policy', detail: 'censored' });
});

test('models are listed with what a volunteer serves, and the account with its kudos', async () => {
  const signal = new AbortController().signal;
  expect(await provider().models(signal)).toEqual([
    { id: 'any', name: 'any', inputs: ['text'], contextTokens: 8192, maxOutputTokens: 512 },
    { id: model, name: model, inputs: ['text'], contextTokens: 8192, maxOutputTokens: 512 },
  ]);
  expect(await provider({ key: 'key-of-ada' }).status?.(signal)).toEqual({ type: 'kudos', kudos: 540.7 });
  // Everybody shares the anonymous account: its kudos are nobody's.
  expect(await provider().status?.(signal)).toBeUndefined();
});

test('a key that nobody has is told at once, though the lists are open to all', async () => {
  const wrong = provider({ key: 'wrong' });
  await expect(wrong.models(new AbortController().signal)).rejects.toMatchObject({ fault: 'auth' });
  expect((await run(wrong, request())).error).toMatchObject({ fault: 'auth', status: 401 });
});

test('too many waiting orders are told as such', async () => {
  server.set({ concurrency: 0 });
  expect((await generated()).error).toMatchObject({
    fault: 'rate-limit',
    detail: expect.stringContaining('exceeded user limit'),
  });
});
