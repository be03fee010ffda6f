import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { limits } from '../../protocol/limits';
import { answering, ask, bytesOf, eventStream, knownRow, providerOf, streamOf } from './replay';
import { chunk, realClock, slowly, text, timed } from './timed';

const cloud = knownRow('openai');

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-30T12:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

test('T95 an answer longer than 32 MiB is cut off', async () => {
  const block = bytesOf(chunk({ content: 'x'.repeat(900_000) }));
  const fetch = answering(() =>
    eventStream(
      new ReadableStream({
        pull(controller) {
          controller.enqueue(block);
        },
      }),
    ),
  );
  const { error, parts } = await timed(fetch);
  expect(error).toEqual({ code: 'bad-response', fault: 'too-large' });
  expect(parts.length).toBeLessThan(40);
});

test('T93 of a large error page 4 KiB are read, its title shown and its HTML never', async () => {
  let sent = 0;
  const onCancel = vi.fn();
  const page = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(bytesOf(sent++ === 0 ? '<html><title>502 Bad Gateway</title><b>secret</b>' : 'x'.repeat(1024)));
    },
    cancel: onCancel,
  });
  const { error } = await timed(answering(() => new Response(page, { status: 400, headers: { 'content-type': 'text/html' } })));
  expect(error).toEqual({ code: 'rejected', fault: 'invalid-request', status: 400, detail: '502 Bad Gateway' });
  expect(sent).toBeLessThan(8);
  expect(onCancel).toHaveBeenCalled();
});

test('an error body that breaks or stalls still tells its status', async () => {
  for (const end of ['break', 'stall'] as const) {
    const { error } = await timed(answering(() => new Response(slowly([[0, '{"error":']], end), { status: 422 })));
    expect(error).toMatchObject({ fault: 'invalid-request', status: 422, detail: '{"error":' });
  }
});

test('an abort while the error body stalls is an abort', async () => {
  const caller = new AbortController();
  setTimeout(() => caller.abort(), 1000);
  const stalled = answering(() => new Response(slowly([[0, '{']], 'stall'), { status: 422 }));
  expect((await timed(stalled, cloud, caller.signal)).error).toEqual({ code: 'aborted' });
});

test.each([
  ['no type and an event stream', '', `\r\n${chunk({ content: 'Hi' }, 'stop')}`],
  ['no type and JSON behind a byte order mark', '', `\ufeff {"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}`],
  ['plain text that is JSON', 'text/plain', '{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}'],
  [
    'a JSON type with parameters',
    'application/json; charset=utf-8',
    '{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}',
  ],
  ['a vendor JSON type', 'application/vnd.acme+json', '{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}'],
])('%s is understood', async (_, type, body) => {
  const response = (): Response => new Response(bytesOf(body), type === '' ? {} : { headers: { 'content-type': type } });
  expect(text(await timed(answering(response)))).toBe('Hi');
});

test('T82 a document is the same wherever its bytes are cut, also in the middle of a character', async () => {
  const said = 'Grüße 👩‍👩‍👧 – ｅｎｄ';
  const bytes = bytesOf(JSON.stringify({ choices: [{ message: { content: said }, finish_reason: 'stop' }] }));
  for (let cut = 1; cut < bytes.length; cut++) {
    const response = () => new Response(streamOf(bytes, [cut]), { headers: { 'content-type': 'application/json' } });
    expect(text(await timed(answering(response))), `cut at ${cut}`).toBe(said);
  }
});

test('what comes in one read of megabytes is passed on piece by piece, and whole', async () => {
  const said = Array.from({ length: 40_000 }, (_, index) => `${index} – 👩‍👩‍👧 `);
  const bytes = bytesOf(`${said.map((content) => chunk({ content })).join('')}${chunk({}, 'stop')}`);
  const whole = await timed(answering(() => eventStream(streamOf(bytes, []))));
  expect(text(whole)).toBe(said.join(''));
  const texts = whole.parts.flatMap((part) => (part.type === 'text-delta' ? [part.text] : []));
  expect(texts.length).toBeGreaterThan(bytes.length / limits.pieceBytes);
  expect(Math.max(...texts.map(({ length }) => length))).toBeLessThan(limits.pieceBytes);
});

test('a call that is stopped gets nothing more of what one read brought', async () => {
  const bytes = bytesOf(chunk({ content: 'word ' }).repeat(40_000));
  const caller = new AbortController();
  const provider = providerOf(cloud, { fetch: answering(() => eventStream(streamOf(bytes, []))), clock: realClock() });
  let told = 0;
  const answer = async () => {
    for await (const part of provider.generate(ask('Hi'), caller.signal)) {
      if (part.type !== 'text-delta') continue;
      told += 1;
      caller.abort();
    }
  };
  await expect(answer()).rejects.toMatchObject({ code: 'aborted' });
  expect(told).toBe(1);
});

test.each([
  ['text/html; charset=utf-8', '<html>Log in</html>', 'content-type'],
  ['', '<html>Log in</html>', 'content-type'],
  ['image/png', 'PNG', 'content-type'],
  ['', '', 'malformed'],
  ['', ' \n ', 'malformed'],
  ['application/json', '', 'malformed'],
  ['application/json', '{"choices":[', 'malformed'],
  ['application/json', '{"choices":[]}', 'malformed'],
  ['application/json', '"text"', 'malformed'],
  ['text/event-stream', '', 'interrupted'],
])('a 200 of type "%s" with body "%s" has fault %s', async (type, body, fault) => {
  const response = (): Response => new Response(bytesOf(body), type === '' ? {} : { headers: { 'content-type': type } });
  const { error, parts } = await timed(answering(response));
  expect(error?.fault).toBe(fault);
  expect(error?.detail).toBeUndefined();
  expect(parts).toEqual([]);
});

test('an answer without a body, status 204, is malformed', async () => {
  expect((await timed(answering(() => new Response(null, { status: 204 })))).error).toMatchObject({
    fault: 'malformed',
    status: 204,
  });
});
