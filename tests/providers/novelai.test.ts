import { expect, test } from 'vitest';
import type { BoundFetch } from '../../providers/provider';
import { startNovelAiServer } from '../support/servers/novelai-server';
import { overSocket } from './over-socket';
import { answering, ask, bytesOf, collect, eventStream, json, knownRow, providerOf, run, stillClock, streamOf } from './replay';

const row = knownRow('novelai');
const answer = () =>
  eventStream(
    streamOf(
      bytesOf(
        'data: {"id":"c","object":"chat.completion.chunk","model":"glm-4-6","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop","token_ids":[1]}]}\n\ndata: [DONE]\n\n',
      ),
    ),
  );
const locked = (status: number) => () =>
  json({ statusCode: status, message: 'Concurrent generation is locked' }, { status, headers: { 'retry-after': '600' } });

/** Every wait is over at once, and kept. */
function impatient(wait: (callback: () => void) => void = queueMicrotask) {
  const waits: number[] = [];
  const clock = {
    ...stillClock,
    after(milliseconds: number, callback: () => void) {
      if (milliseconds <= 30_000) {
        waits.push(milliseconds);
        wait(callback);
      }
      return () => undefined;
    },
  };
  return { clock, waits };
}

test.each([409, 429])(
  'an account that is busy (%i) is waited for, longer each time, and the caller hears of it',
  async (status) => {
    const { clock, waits } = impatient();
    const fetch = answering(locked(status), locked(status), answer);
    const { parts, error } = await run(providerOf(row, { fetch, clock }), ask('Hi', { model: 'glm-4-6' }));
    expect(error).toBeUndefined();
    expect(parts.slice(0, 3)).toEqual([
      { type: 'progress', stage: 'queued', seconds: 2 },
      { type: 'progress', stage: 'queued', seconds: 5 },
      { type: 'start', model: 'glm-4-6', warnings: [] },
    ]);
    expect(waits).toEqual(expect.arrayContaining([2000, 5000]));
  },
);

test('an account that stays busy is given up after about a minute, as what it is', async () => {
  const { clock } = impatient();
  const fetch = answering(locked(429));
  const { error } = await run(providerOf(row, { fetch, clock }), ask('Hi', { model: 'glm-4-6' }));
  expect(error).toMatchObject({ fault: 'rate-limit', detail: 'Concurrent generation is locked' });
  expect(fetch.calls).toHaveLength(6);
});

test('an abort ends the waiting', async () => {
  const abort = new AbortController();
  const fetch: BoundFetch = async () => locked(429)();
  const outcome = collect(providerOf(row, { fetch }).generate(ask('Hi', { model: 'glm-4-6' }), abort.signal));
  setTimeout(() => abort.abort(), 5);
  expect((await outcome).error).toMatchObject({ code: 'aborted' });
});

test('a storyteller that said its stop sequence is asked for no more: its socket is closed', async () => {
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(bytesOf('event: newToken\ndata:{"token":" One.\\nUser:","ptr":0,"final":false}\n\n'));
    },
    cancel() {
      isCancelled = true;
    },
  });
  const { parts } = await run(providerOf(row, { fetch: answering(() => eventStream(body)) }), ask('Hi', { model: 'kayra-v1' }));
  expect(parts.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' });
  expect(isCancelled).toBe(true);
});

test('the token goes to NovelAI’s own hosts, and one generation runs at a time', () => {
  expect(row.companions?.('')).toEqual(['https://api.novelai.net']);
  expect(row.concurrent).toBe(1);
});

test('over a real socket: the models of the account, a chat, a story, a bad token', async () => {
  const server = await startNovelAiServer({ tier: 2 });
  const over = (key: string) => providerOf(row, { fetch: overSocket('novelai', server.baseUrl, key) });
  const provider = over('pst-test-0123456789');
  const models = await provider.models(new AbortController().signal);
  expect(models.map(({ id }) => id)).toEqual(['glm-4-6', 'xialong-v1', 'llama-3-erato-v1', 'kayra-v1', 'clio-v1']);
  const textOf = async (model: string) => {
    const { parts, error } = await run(provider, ask('Hi', { model }));
    return error?.detail ?? parts.flatMap((part) => (part.type === 'text-delta' ? part.text : [])).join('');
  };
  expect(await textOf('glm-4-6')).toBe('You said: Hi');
  expect(await textOf('xialong-v1')).toMatch(/not allowed for current user tier 'scroll'/);
  server.set({ answer: () => ' Once upon a time.\nUser: and then?' });
  expect(await textOf('kayra-v1')).toBe('Once upon a time.');
  expect(server.asked.at(-1)).toMatchObject({ kind: 'story', text: expect.stringContaining('Hi') });
  expect((await run(over('pst-wrong'), ask('Hi', { model: 'glm-4-6' }))).error).toMatchObject({ fault: 'auth' });
  await server.close();
});

test('over a real socket: a generation that was broken off keeps the account locked, and the next is answered when it is free', async () => {
  const server = await startNovelAiServer({ answer: () => 'word '.repeat(200), chunkDelayMs: 5, lockMs: 300 });
  const fetch = overSocket('novelai', server.baseUrl, 'pst-test-0123456789');
  const { clock, waits } = impatient((callback) => setTimeout(callback, 400));
  const provider = providerOf(row, { fetch, clock });
  const abort = new AbortController();
  for await (const part of provider.generate(ask('Hi', { model: 'glm-4-6' }), abort.signal))
    if (part.type === 'text-delta') break;
  server.set({ answer: () => 'Free again.', chunkDelayMs: 0 });
  const { parts, error } = await run(provider, ask('Hi', { model: 'glm-4-6' }));
  expect(error).toBeUndefined();
  expect(parts.map(({ type }) => type)).toEqual(['progress', 'start', 'text-delta', 'text-delta', 'usage', 'finish']);
  expect(server.locked).toBe(1);
  expect(waits).toContain(2000);
  await server.close();
});
