import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { backendError } from '../../protocol/errors';
import { answering, knownRow } from './replay';
import { failing, hello, text, timed } from './timed';

const cloud = knownRow('openai');

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-30T12:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([500, 502, 503, 504, 529, 408, 409, 429])('T88 status %i is tried again and then succeeds', async (status) => {
  const fetch = answering(failing(status), hello);
  const outcome = await timed(fetch);
  expect(text(outcome)).toBe('Hello');
  expect(fetch.calls).toHaveLength(2);
});

test('T88 a lasting failure makes exactly three attempts, within the bounds of the back-off', async () => {
  const fetch = answering(failing(503));
  const { error, milliseconds } = await timed(fetch);
  expect(error).toMatchObject({ fault: 'overloaded', status: 503 });
  expect(fetch.calls).toHaveLength(3);
  // Three quarters of 500 and of 1000, rounded up to the steps of this test.
  expect(milliseconds).toBeGreaterThanOrEqual(1125);
  expect(milliseconds).toBeLessThanOrEqual(1225);
});

test.each([400, 401, 402, 403, 404, 407, 413, 422, 501])('status %i is not tried again', async (status) => {
  const fetch = answering(failing(status), hello);
  expect((await timed(fetch)).error).toBeDefined();
  expect(fetch.calls).toHaveLength(1);
});

test('T88 x-should-retry decides where the backend sends it', async () => {
  const stays = answering(failing(500, { 'x-should-retry': 'false' }), hello);
  expect((await timed(stays)).error).toMatchObject({ fault: 'server' });
  expect(stays.calls).toHaveLength(1);
  const again = answering(failing(400, { 'x-should-retry': 'true' }), hello);
  expect(text(await timed(again))).toBe('Hello');
});

test('an empty account is never tried again, whatever the headers say', async () => {
  const fetch = answering(
    failing(429, { 'x-should-retry': 'true' }, { error: { code: 'insufficient_quota', message: 'Empty.' } }),
    hello,
  );
  expect((await timed(fetch)).error).toMatchObject({ code: 'payment-required', fault: 'payment' });
  expect(fetch.calls).toHaveLength(1);
});

test.each([
  ['seconds', { 'retry-after': '7' }, 7000],
  ['a fraction of seconds', { 'retry-after': '1.5' }, 1500],
  ['milliseconds, which come first', { 'retry-after-ms': '300', 'retry-after': '40' }, 300],
  ['an HTTP date', { 'retry-after': 'Mon, 30 Nov 2026 12:00:20 GMT' }, 20_000],
  ['at once', { 'retry-after': '0' }, 0],
  ['a minute', { 'retry-after': '60' }, 60_000],
  ['a negative number, which is nonsense', { 'retry-after': '-5' }, 375],
  ['not a number', { 'retry-after': 'NaN' }, 375],
  ['a date in the past', { 'retry-after': 'Mon, 30 Nov 2020 12:00:20 GMT' }, 375],
  ['nothing', { 'retry-after': '' }, 375],
])('T87 the wait that the backend asks for is obeyed: %s', async (_, headers, expected) => {
  const { milliseconds, parts } = await timed(answering(failing(429, headers as Record<string, string>), hello));
  expect(parts.at(-1)).toMatchObject({ type: 'finish' });
  expect(milliseconds).toBeGreaterThanOrEqual(expected);
  expect(milliseconds).toBeLessThanOrEqual(expected + 100);
});

test.each(['61', '86400'])('a wait of %s seconds fails at once', async (seconds) => {
  const fetch = answering(failing(429, { 'retry-after': seconds }), hello);
  const { error, milliseconds } = await timed(fetch);
  expect(error).toMatchObject({ code: 'rate-limited', fault: 'rate-limit' });
  expect(milliseconds).toBeLessThanOrEqual(100);
  expect(fetch.calls).toHaveLength(1);
});

test('T87 an abort during the wait settles at once and nothing more is sent', async () => {
  const caller = new AbortController();
  setTimeout(() => caller.abort(), 1000);
  const fetch = answering(failing(429, { 'retry-after': '30' }), hello);
  const { error, milliseconds } = await timed(fetch, cloud, caller.signal);
  expect(error).toEqual({ code: 'aborted' });
  expect(milliseconds).toBeLessThanOrEqual(1050);
  expect(fetch.calls).toHaveLength(1);
});

test('a request that was aborted before it began sends nothing that lives', async () => {
  const fetch = answering(hello);
  expect((await timed(fetch, cloud, AbortSignal.abort())).error).toEqual({ code: 'aborted' });
  for (const { signal } of fetch.calls) expect(signal?.aborted).toBe(true);
});

test('T77 a refused connection is tried three times and is a network fault', async () => {
  const fetch = answering(() => Promise.reject(new TypeError('Failed to fetch')));
  const { error, milliseconds } = await timed(fetch);
  expect(error).toEqual({ code: 'unavailable', fault: 'network' });
  expect(fetch.calls).toHaveLength(3);
  expect(milliseconds).toBeLessThan(20_000);
});

test('errors of egress pass through as they are', async () => {
  const fetch = answering(() => Promise.reject(backendError('secret-missing', 'No key.')));
  expect((await timed(fetch)).error).toEqual({ code: 'unavailable', fault: 'secret-missing' });
  expect(fetch.calls).toHaveLength(1);
});

test('anything else that fetch throws is unknown, and not tried again', async () => {
  const fetch = answering(() => Promise.reject(new RangeError('odd')));
  expect((await timed(fetch)).error).toEqual({ code: 'unknown' });
  expect(fetch.calls).toHaveLength(1);
});

test('redirects are refused, opaque or not', async () => {
  const opaque = new Response(null);
  Object.defineProperties(opaque, { type: { value: 'opaqueredirect' }, status: { value: 0 }, ok: { value: false } });
  const hidden = answering(() => opaque, hello);
  expect((await timed(hidden)).error).toEqual({ code: 'unavailable', fault: 'redirect' });
  expect(hidden.calls).toHaveLength(1);
  const open = await timed(
    answering(() => new Response(null, { status: 307, headers: { location: 'https://elsewhere.example/' } })),
  );
  expect(open.error).toEqual({ code: 'unavailable', fault: 'redirect', status: 307 });
});
