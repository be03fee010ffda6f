/** A backend that fails call after call is left alone for half a minute (T100). */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBreaker } from '../../background/breaker';
import { AiError, backendError } from '../../protocol/errors';
import { toConnectionId } from '../../protocol/ids';
import { type Background, createBackground } from './support/background';
import { eventually } from './support/eventually';

const id = toConnectionId('one');
const other = toConnectionId('two');
const failure = backendError('server', 'It failed.');
const second = 1000;

let now = 0;
beforeEach(() => {
  now = 0;
});
afterEach(() => {
  vi.restoreAllMocks();
});

const opened = () => {
  const breaker = createBreaker(() => now);
  for (let count = 0; count < 5; count += 1) breaker.ended(id, failure);
  return breaker;
};
const passes = (breaker: ReturnType<typeof createBreaker>, connection = id) => {
  try {
    breaker.check(connection);
    return true;
  } catch (error) {
    expect(error).toBe(failure);
    return false;
  }
};

test('T100 five failures one after the other pause it, four do not, and no other connection is paused', () => {
  const breaker = createBreaker(() => now);
  for (let count = 0; count < 4; count += 1) breaker.ended(id, failure);
  expect(passes(breaker)).toBe(true);
  breaker.ended(id, failure);
  expect(passes(breaker)).toBe(false);
  expect(passes(breaker, other)).toBe(true);
});

test('T100 after half a minute one call tries, and the others wait for what it finds', () => {
  const breaker = opened();
  now = 29 * second;
  expect(passes(breaker)).toBe(false);
  now = 30 * second;
  expect([passes(breaker), passes(breaker)]).toEqual([true, false]);
  breaker.ended(id, failure);
  now = 59 * second;
  expect(passes(breaker)).toBe(false);
  now = 60 * second;
  expect(passes(breaker)).toBe(true);
  breaker.ended(id, undefined);
  expect([passes(breaker), passes(breaker)]).toEqual([true, true]);
});

test('a backend that answers, though with a refusal, is there; a call that was stopped says nothing', () => {
  const refused = opened();
  refused.ended(id, backendError('auth', 'The key is wrong.'));
  expect(passes(refused)).toBe(true);
  const stopped = opened();
  stopped.ended(id, new AiError('aborted', 'Stopped.'));
  expect(passes(stopped)).toBe(false);
});

const call = { type: 'generate', request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] } };

/** A site that is allowed and whose every call fails, five times. */
async function failing(): Promise<{ background: Background; ask: () => Promise<string> }> {
  const background = createBackground();
  await background.connect();
  background.backend.answer = () =>
    Response.json({ error: { message: 'No.' } }, { status: 500, headers: { 'x-should-retry': 'false' } });
  const page = background.page();
  let calls = 0;
  const ask = async () => {
    calls += 1;
    page.request(String(calls), call);
    if (calls === 1) await background.decide('allow-always');
    const end = await page.settled(String(calls));
    return end.type === 'error' ? end.error.code : end.type;
  };
  for (let count = 0; count < 5; count += 1) expect(await ask()).toBe('unavailable');
  return { background, ask };
}

test('a page is told the same at once, nothing is sent and nothing is held, and the call after half a minute is answered', async () => {
  const { background, ask } = await failing();
  background.backend.answer = () => Response.json({ choices: [{ message: { content: 'Back.' }, finish_reason: 'stop' }] });
  expect(await ask()).toBe('unavailable');
  expect(background.backend.completions()).toHaveLength(5);
  expect((await background.screen().call('overview', {})).running).toEqual([]);
  // The person finds it all the same.
  const calls = await background.database.activity.toArray();
  expect(calls.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 6 }, () => 'unavailable'));
  expect(calls[5]).toMatchObject({ connectionId: calls[0]?.connectionId, model: calls[0]?.model, error: calls[0]?.error });
  const later = performance.now() + 30 * second;
  vi.spyOn(performance, 'now').mockReturnValue(later);
  expect(await ask()).toBe('end');
  expect(background.backend.completions()).toHaveLength(6);
});

test('Test of the person tells that it is back, and pages ask it again', async () => {
  const { background, ask } = await failing();
  background.backend.answer = () => Response.json({ choices: [{ message: { content: 'Back.' }, finish_reason: 'stop' }] });
  const [connection] = await background.database.connections.toArray();
  await background.screen().call('connection-test', { id: connection?.id as never });
  expect(await ask()).toBe('end');
});

test('while it is left alone, the fallback of a site answers at once', async () => {
  const { background, ask } = await failing();
  const [first] = await background.database.connections.toArray();
  const fetchOf = background.backend.otherwise;
  background.backend.otherwise = (request) =>
    request.url.startsWith('http://127.0.0.1:9090/v1/chat')
      ? Response.json({ choices: [{ message: { content: 'Instead.' }, finish_reason: 'stop' }] })
      : fetchOf?.(request);
  const screen = background.screen();
  const { id: fallback } = await screen.call('connection-add', {
    providerId: 'openai-compatible',
    baseUrl: 'http://127.0.0.1:9090',
  });
  await screen.call('connection-use', { id: first?.id as never });
  const site = await background.database.sites.toArray();
  const subject = site[0]?.subject as never;
  const rule = { fallback: [fallback], onlyThisComputer: false, asksEveryTime: false, mapped: [] };
  await screen.call('site-rule-set', { subject, rule, choosesModel: false } as never);
  const sent = () => background.backend.completions().filter(({ url }) => url.startsWith('http://127.0.0.1:8080')).length;
  const before = sent();
  expect(await ask()).toBe('end');
  expect(sent()).toBe(before);
});

test('what was not sent is noted without a model where the connection has none', async () => {
  const { background, ask } = await failing();
  const [connection] = await background.database.connections.toArray();
  const { defaultModel: _, ...without } = connection as NonNullable<typeof connection>;
  await background.database.connections.put(without);
  // What the background writes itself lets it look at all of them again.
  await background.screen().call('connection-duplicate', { id: without.id });
  expect(await ask()).toBe('unavailable');
  const calls = await background.database.activity.toArray();
  expect(calls.at(-1)).toMatchObject({ outcome: 'unavailable', model: '' });
});

test('what was not sent to a connection that is gone by then is noted nowhere', async () => {
  const { background, ask } = await failing();
  const [paused] = await background.database.connections.toArray();
  const [site] = await background.database.sites.toArray();
  const fetchOf = background.backend.otherwise;
  const reached = vi.fn();
  let fail: (() => void) | undefined;
  background.backend.otherwise = (request) => {
    if (!request.url.startsWith('http://127.0.0.1:9090/v1/chat')) return fetchOf?.(request);
    reached();
    return new Promise((resolve) => {
      fail = () => resolve(Response.json({ error: { message: 'No.' } }, { status: 500, headers: { 'x-should-retry': 'false' } }));
    });
  };
  const screen = background.screen();
  const { id: first } = await screen.call('connection-add', {
    providerId: 'openai-compatible',
    baseUrl: 'http://127.0.0.1:9090',
  });
  const rule = { connection: first, fallback: [paused?.id], onlyThisComputer: false, asksEveryTime: false, mapped: [] };
  await screen.call('site-rule-set', { subject: site?.subject, rule, choosesModel: false } as never);
  const asked = ask();
  await eventually(async () => expect(reached).toHaveBeenCalled());
  await screen.call('connection-remove', { id: paused?.id as never });
  fail?.();
  expect(await asked).toBe('unavailable');
  const calls = await background.database.activity.toArray();
  expect(calls).toHaveLength(6);
  expect(calls.at(-1)).toMatchObject({ connectionId: first });
});
