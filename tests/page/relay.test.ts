import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { offerPort, type PagePort } from '../../page/page-port';
import { startRelay } from '../../page/relay';
import { limits } from '../../protocol/limits';
import { createPorts, type FakePort } from '../protocol/support/ports';
import { createWindow, type FakeWindow } from './support/document';

type Frame = Readonly<Record<string, unknown>>;

/** Opened by the relay: the background's end, and what arrived there. */
interface Opened {
  readonly port: FakePort;
  readonly frames: Frame[];
  /** Gone without an answer. */
  die(): void;
}

let fake: FakeWindow;
let opened: Opened[];
let connectError: Error | undefined;
/** What happens in `connect` before the relay has the port. */
let onConnect: ((one: Opened) => void) | undefined;
let page: PagePort;
let told: Frame[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  fake = createWindow();
  opened = [];
  connectError = undefined;
  onConnect = undefined;
  told = [];
  startRelay({
    window: fake.window,
    connect() {
      if (connectError) throw connectError;
      const { near, far } = createPorts();
      const one: Opened = { port: far, frames: [], die: () => far.disconnect() };
      far.onMessage.addListener((message) => one.frames.push(message as Frame));
      opened.push(one);
      onConnect?.(one);
      return near;
    },
  });
  page = offerPort(fake.window);
  page.onmessage = ({ data }) => told.push(data);
});
afterEach(() => {
  vi.useRealTimers();
});

const call = { type: 'current-model' };
const request = (id: string, fields: object = {}) => page.postMessage({ v: 1, type: 'request', id, call, ...fields });
/** Messages of a MessageChannel arrive in tasks of their own. */
const turn = async () => {
  for (let count = 0; count < 3; count += 1) await new Promise((resolve) => setImmediate(resolve));
};
const background = () => {
  const one = opened.at(-1);
  if (!one) throw new Error('The relay opened no port.');
  return one;
};
const answer = (type: string, id: string, fields: object = {}) => background().port.postMessage({ v: 1, type, id, ...fields });
const requestsOf = ({ frames }: Opened) => frames.filter(({ type }) => type === 'request').map(({ id }) => id);
const failures = () => told.filter(({ type }) => type === 'error').map(({ id, error }) => [id, (error as Frame).code]);

test('no port is opened before the first call, and one for all calls', async () => {
  await turn();
  expect(opened).toEqual([]);
  request('1');
  request('2');
  await turn();
  expect(opened).toHaveLength(1);
  expect(requestsOf(background())).toEqual(['1', '2']);
});

test('a page that asks whether the relay is there is told, and nobody else is asked', async () => {
  page.postMessage({ v: 1, type: 'ping' });
  await turn();
  expect(told).toEqual([{ type: 'pong' }]);
  expect(opened).toEqual([]);
});

test('frames go both ways unchanged', async () => {
  request('1');
  page.postMessage({ v: 1, type: 'taken', id: '1', chars: 5 });
  await turn();
  expect(background().frames).toEqual([
    { v: 1, type: 'request', id: '1', call, activated: false },
    { v: 1, type: 'taken', id: '1', chars: 5 },
  ]);
  answer('parts', '1', { parts: [{ type: 'text-delta', text: 'x' }] });
  answer('end', '1', { value: 7 });
  background().port.postMessage({ v: 1, type: 'event', event: { type: 'model-changed', model: 'x' } });
  await turn();
  expect(told).toEqual([
    { v: 1, type: 'parts', id: '1', parts: [{ type: 'text-delta', text: 'x' }] },
    { v: 1, type: 'end', id: '1', value: 7 },
    { v: 1, type: 'event', event: { type: 'model-changed', model: 'x' } },
  ]);
});

test('the relay stamps whether the person used the document; what the page says of it counts nothing', async () => {
  request('1', { activated: true });
  await turn();
  fake.activation.hasBeenActive = true;
  request('2', { activated: false });
  await turn();
  expect(background().frames.map(({ activated }) => activated)).toEqual([false, true]);
});

test('a browser without userActivation counts as not used', async () => {
  Object.assign(fake.window, { navigator: {} });
  request('1');
  await turn();
  expect(background().frames[0]).toMatchObject({ activated: false });
});

test('what waits is sent again to the next background, and what ran is interrupted', async () => {
  request('waits');
  request('ran');
  await turn();
  answer('waiting', 'waits');
  answer('running', 'ran');
  await turn();
  fake.activation.hasBeenActive = true;
  background().die();
  await turn();
  expect(opened).toHaveLength(2);
  expect(background().frames).toEqual([{ v: 1, type: 'request', id: 'waits', call, activated: true }]);
  expect(failures()).toEqual([['ran', 'interrupted']]);
  answer('end', 'waits');
  await turn();
  expect(told.at(-1)).toMatchObject({ type: 'end', id: 'waits' });
});

test('what only waits at its backend is sent again as well, though its page was told how far it is', async () => {
  request('1');
  await turn();
  answer('parts', '1', { parts: [{ type: 'progress', stage: 'queued', position: 3 }] });
  await turn();
  background().die();
  await turn();
  expect(requestsOf(background())).toEqual(['1']);
  expect(failures()).toEqual([]);
});

test('what was answered or aborted is not sent again', async () => {
  request('answered');
  request('failed');
  request('aborted');
  await turn();
  answer('end', 'answered');
  answer('error', 'failed', { error: { code: 'not-allowed' } });
  page.postMessage({ v: 1, type: 'abort', id: 'aborted' });
  await turn();
  expect(background().frames.at(-1)).toMatchObject({ type: 'abort', id: 'aborted' });
  background().die();
  await turn();
  expect(opened).toHaveLength(1);
  expect(failures()).toEqual([['failed', 'not-allowed']]);
});

test('the page is told that its port is gone', async () => {
  request('1');
  await turn();
  answer('end', '1');
  background().die();
  await turn();
  expect(told.at(-1)).toEqual({ type: 'disconnected' });
});

test('a call after a lost port opens the next one', async () => {
  request('1');
  await turn();
  answer('end', '1');
  background().die();
  request('2');
  await turn();
  expect(opened).toHaveLength(2);
  expect(requestsOf(background())).toEqual(['2']);
});

test(`T105 after ${limits.reconnects} reconnects without an answer the call is given up`, async () => {
  request('1');
  await turn();
  for (let count = 0; count <= limits.reconnects; count += 1) background().die();
  await turn();
  expect(opened).toHaveLength(1 + limits.reconnects);
  expect(failures()).toEqual([['1', 'interrupted']]);
});

test('an answer in between starts the count anew', async () => {
  request('1');
  await turn();
  for (let count = 0; count < 3 * limits.reconnects; count += 1) {
    answer('waiting', '1');
    background().die();
  }
  await turn();
  expect(failures()).toEqual([]);
  expect(opened).toHaveLength(1 + 3 * limits.reconnects);
});

test('frames of a port that is not the current one are ignored', async () => {
  request('1');
  await turn();
  const old = background();
  fake.pageshow(true);
  request('2');
  await turn();
  old.port.postMessage({ v: 1, type: 'end', id: '2' });
  old.die();
  await turn();
  expect(told.filter(({ type }) => type === 'end')).toEqual([]);
  expect(opened).toHaveLength(2);
});

// M16
test('T105 a relay whose extension is gone settles the call as invalid-state, and tries again next time', async () => {
  connectError = new Error('Extension context invalidated.');
  request('1');
  await turn();
  expect(failures()).toEqual([['1', 'invalid-state']]);
  connectError = undefined;
  request('2');
  await turn();
  expect(requestsOf(background())).toEqual(['2']);
});

test('an extension that goes while calls wait settles them all', async () => {
  request('1');
  request('2');
  await turn();
  connectError = new Error('Extension context invalidated.');
  background().die();
  await turn();
  expect(failures()).toEqual([
    ['1', 'invalid-state'],
    ['2', 'invalid-state'],
  ]);
  expect(vi.getTimerCount()).toBe(0);
});

const pings = () => background().frames.filter(({ type }) => type === 'ping').length;

test('the background is pinged while something is in flight, and only then', async () => {
  request('1');
  await turn();
  vi.advanceTimersByTime(2 * limits.relayPing);
  expect(pings()).toBe(2);
  answer('running', '1');
  await turn();
  vi.advanceTimersByTime(limits.relayPing);
  expect(pings()).toBe(3);
  answer('end', '1');
  await turn();
  vi.advanceTimersByTime(10 * limits.relayPing);
  expect(pings()).toBe(3);
  expect(vi.getTimerCount()).toBe(0);
});

test.each<[string, () => unknown]>([
  ['an abort', () => page.postMessage({ v: 1, type: 'abort', id: '1' })],
  ['an error', () => answer('error', '1', { error: { code: 'timeout' } })],
  ['the back/forward cache', () => fake.pageshow(true)],
  [
    'the death of the background in the middle of an answer',
    () => {
      answer('running', '1');
      background().die();
    },
  ],
])('after %s nothing pings', async (_name, end) => {
  request('1');
  await turn();
  expect(vi.getTimerCount()).toBe(1);
  end();
  await turn();
  expect(vi.getTimerCount()).toBe(0);
});

test('a document that is put aside or goes closes its port, so that nothing runs on unread', async () => {
  request('1');
  await turn();
  fake.window.dispatchEvent(new Event('pagehide'));
  expect(background().port.isConnected).toBe(false);
  await turn();
  expect(opened).toHaveLength(1);
});

// M17
test('T15 a document that comes back from the back/forward cache has its calls settled, and can call again', async () => {
  request('1');
  request('2');
  await turn();
  answer('running', '2');
  fake.pageshow(true);
  await turn();
  expect(failures()).toEqual([
    ['1', 'aborted'],
    ['2', 'aborted'],
  ]);
  expect(told.some(({ type }) => type === 'disconnected')).toBe(true);
  request('3');
  await turn();
  expect(opened).toHaveLength(2);
  expect(requestsOf(background())).toEqual(['3']);
});

test('a document that is shown for the first time settles nothing', async () => {
  request('1');
  await turn();
  fake.pageshow(false);
  await turn();
  expect(told).toEqual([]);
});

// T15: the port of a prerendered document would be nobody's for as long as it lives.
test('T15 what a prerendered document asks waits until it is shown', async () => {
  fake.prerendering = true;
  request('1');
  request('2');
  page.postMessage({ v: 1, type: 'abort', id: '2' });
  await turn();
  expect(opened).toEqual([]);
  fake.show();
  await turn();
  expect(requestsOf(background())).toEqual(['1']);
});

test('T18 calls beyond what one document may have open are turned away without a message to the background', async () => {
  for (let id = 0; id < limits.openPerDocument + 10; id += 1) request(String(id));
  await eventuallyTold(10);
  expect(told).toEqual(
    Array.from({ length: 10 }, (_, index) => ({
      v: 1,
      type: 'error',
      id: String(limits.openPerDocument + index),
      error: { code: 'rate-limited' },
    })),
  );
  expect(background().frames).toHaveLength(limits.openPerDocument);
});

const eventuallyTold = async (count: number) => {
  for (let turns = 0; told.length < count && turns < 100; turns += 1) await turn();
};
