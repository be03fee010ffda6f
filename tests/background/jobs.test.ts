/** Answers that a backend works on without us: what becomes of them when the background dies, the page goes, or the person says stop. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createJobs } from '../../background/jobs';
import type { StreamPart } from '../../protocol/generate';
import { toConnectionId, toRequestId } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import type { Wire } from '../protocol/support/wire';
import { createArea } from './support/area';
import { type Background, createBackground } from './support/background';
import { eventually } from './support/eventually';
import { type Horde, playHorde } from './support/horde';
import { createHolds } from './support/keep-alive';
import { pageOf, senderOf } from './support/pages';
import { keyFrom, protection } from './support/vault';

const generate = {
  type: 'generate',
  request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Name a river.' }] }] },
} as const;
const subject = { top: senderOf().origin as never };

let background: Background;
let horde: Horde;
beforeEach(() => {
  background = createBackground();
  horde = playHorde(background.backend);
});
afterEach(() => {
  vi.useRealTimers();
});

const connect = (key?: string) => background.screen().call('connection-add', { providerId: 'ai-horde', key });
const partsOf = (wire: Wire): StreamPart[] => wire.frames.flatMap((frame) => (frame.type === 'parts' ? frame.parts : []));
const textOf = (wire: Wire) => partsOf(wire).flatMap((part) => (part.type === 'text-delta' ? part.text : []));
const runs = (wire: Wire) => wire.frames.filter(({ type }) => type === 'running').length;
const usedToday = async () => (await background.screen().call('budgets', { sites: [] })).all.usedToday;
const running = async () => (await background.screen().call('overview', {})).running;

/** Asks, is allowed this one time, and waits in the queue of the volunteers. */
async function waiting() {
  const page = background.page();
  page.request('1', generate);
  await background.decide('allow-request');
  await eventually(() => expect(partsOf(page)).not.toEqual([]));
  return page;
}

/** Waits, and then its background dies in the middle of a poll. */
async function died(): Promise<void> {
  await waiting();
  background.restart();
}

/** As the relay does: what waited is sent again. */
function back(): Wire {
  const page = background.page();
  page.request('1', generate);
  return page;
}

test('an answer that is being worked on outlives the background: ordered once, allowed once, counted once, given once', async () => {
  await connect();
  const before = await waiting();
  expect(runs(before)).toBe(0);
  background.restart();
  const { tokens } = await usedToday();
  expect(tokens).toBeGreaterThan(0);
  const page = back();
  await eventually(() => expect(partsOf(page)).not.toEqual([]));
  background.restart();
  horde.state = 'done';
  const again = back();
  expect(await again.settled('1')).toEqual({ v: 1, type: 'end', id: '1' });
  expect(textOf(again)).toEqual(['The Danube.']);
  expect([textOf(before), textOf(page)]).toEqual([[], []]);
  expect(runs(again)).toBe(1);
  expect(horde.orders()).toBe(1);
  expect(horde.cancelled()).toBe(0);
  expect((await background.screen().call('overview', {})).approvals).toEqual([]);
  expect((await usedToday()).tokens).toBe(tokens);
  await eventually(async () => expect(await background.database.activity.count()).toBe(1));
  expect(background.browser.session.entries.get('jobs')).toEqual([]);
});

test('the call after it is asked for and ordered as any other', async () => {
  await connect();
  await died();
  horde.state = 'done';
  await back().settled('1');
  const page = background.page();
  page.request('2', generate);
  await background.decide('allow-request');
  expect(await page.settled('2')).toMatchObject({ type: 'end' });
  expect(horde.orders()).toBe(2);
});

test('two at once, of a site with a budget, are ordered and answered each', async () => {
  await connect();
  await background.screen().call('budget-set', { subject, budget: { period: 'day', tokens: 1_000_000 } });
  horde.state = 'done';
  const page = background.page();
  page.request('1', generate);
  await background.decide('allow-visit');
  await page.settled('1');
  for (const id of ['2', '3']) page.request(id, generate);
  for (const id of ['2', '3']) expect(await page.settled(id)).toMatchObject({ type: 'end' });
  expect(horde.orders()).toBe(3);
});

test('where the background died before it knew what it had ordered, nothing is ordered again', async () => {
  await connect();
  horde.isDeaf = true;
  const page = background.page();
  page.request('1', generate);
  await background.decide('allow-request');
  await eventually(() => expect(horde.orders()).toBe(1));
  background.restart();
  expect(await back().settled('1')).toMatchObject({ type: 'error', error: { code: 'interrupted' } });
  expect(horde.orders()).toBe(1);
});

test('how far it is, the person sees in what runs, and the page is told', async () => {
  await connect();
  const page = await waiting();
  const progress = { type: 'progress', stage: 'queued', position: 3, seconds: 40 };
  expect(await running()).toMatchObject([{ model: 'any', progress }]);
  expect(partsOf(page)).toEqual([progress]);
});

test('another answers where the volunteers fail, although the page was told of their queue', async () => {
  const { id } = await connect();
  const other = await background.connect();
  const rule = { connection: id, fallback: [other.id], onlyThisComputer: false, asksEveryTime: false, mapped: [] };
  await background.screen().call('site-rule-set', { subject, rule, choosesModel: false });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const page = background.page();
  page.request('1', generate);
  await background.decide('allow-request');
  await eventually(async () => {
    await vi.advanceTimersByTimeAsync(1);
    expect(partsOf(page)).toMatchObject([{ type: 'progress' }]);
  });
  horde.state = 'faulted';
  await vi.advanceTimersByTimeAsync(limits.jobPoll);
  vi.useRealTimers();
  expect(await page.settled('1')).toMatchObject({ type: 'end' });
  expect(textOf(page).join('')).toBe('Hello there.');
});

test.each([
  ['aborts', (page: ReturnType<Background['page']>) => page.send({ v: 1, type: 'abort', id: '1' })],
  ['goes away', (page: ReturnType<Background['page']>) => page.port.disconnect()],
])('a page that %s leaves no work behind', async (_how, leave) => {
  await connect();
  leave(await waiting());
  await eventually(() => expect(horde.cancelled()).toBe(1));
  await eventually(() => expect(background.browser.session.entries.get('jobs')).toEqual([]));
});

test('the person’s Stop cancels the work', async () => {
  await connect();
  const page = await waiting();
  const [run] = await running();
  await background.screen().call('run-stop', { id: run?.id ?? '' });
  expect(await page.settled('1')).toMatchObject({ type: 'error', error: { code: 'aborted' } });
  await eventually(() => expect(horde.cancelled()).toBe(1));
});

test.each([
  ['blocks the site', () => background.screen().call('site-set', { subject, action: 'block' })],
  ['stops everything', () => background.screen().call('run-stop-all', {})],
])('T42 what an earlier background ordered does not go on where the person %s before the page is back', async (_name, stop) => {
  await connect();
  await died();
  await stop();
  expect(horde.cancelled()).toBe(1);
  expect(await back().settled('1')).toMatchObject({ type: 'error' });
  expect(horde.orders()).toBe(1);
});

test.each([
  ['another site is', { subject: { top: 'https://other.test' as never } }],
  ['T44 the site is in a private window', { subject, isPrivate: true }],
])('what a site ordered goes on where %s blocked', async (_who, site) => {
  await connect();
  await died();
  await background.screen().call('site-set', { ...site, action: 'block' });
  expect(horde.cancelled()).toBe(0);
});

test('another document does not get the answer of one that is gone', async () => {
  await connect();
  await died();
  horde.state = 'done';
  const other = background.page(senderOf({ documentId: 'document-2' }));
  other.request('1', generate);
  await background.card();
  expect(textOf(other)).toEqual([]);
});

test('where the vault was locked meanwhile, it goes on after the unlocking', async () => {
  await connect('key-CANARY-0123456789');
  await background.screen().call('vault-protect', { next: protection(1) });
  await died();
  await background.screen().call('vault-lock', {});
  horde.state = 'done';
  const page = back();
  await eventually(() => expect(background.browser.opened).toEqual(['approval.html']));
  await background.screen().call('vault-unlock', { key: keyFrom(1) });
  expect(await page.settled('1')).toMatchObject({ type: 'end' });
  expect(textOf(page)).toEqual(['The Danube.']);
  expect(horde.orders()).toBe(1);
});

test('what no page comes back for is cancelled after a while, at the next start', async () => {
  await connect();
  await waiting();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  background.restart();
  await eventually(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
  await vi.advanceTimersByTimeAsync(limits.jobReturn - 1);
  expect(horde.cancelled()).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  await eventually(() => expect(horde.cancelled()).toBe(1));
  expect(background.browser.session.entries.get('jobs')).toEqual([]);
});

test('the anonymous key is sent where the person saved none, and theirs where they did', async () => {
  await connect();
  await connect('key-CANARY-0123456789');
  const keys = background.backend.sent.map(({ headers }) => headers.apikey);
  expect([keys[0], keys.at(-1)]).toEqual(['0000000000', 'key-CANARY-0123456789']);
  expect(background.backend.sent.every(({ headers }) => !('authorization' in headers))).toBe(true);
});

test('an order asks for no more than what the list said that a volunteer serves', async () => {
  await connect();
  const page = background.page();
  page.request('1', {
    ...generate,
    request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'word '.repeat(2500) }] }] },
  });
  await background.decide('allow-request');
  await eventually(() => expect(horde.orders()).toBe(1));
  const order = background.backend.sent.find(({ method }) => method === 'POST');
  expect(order?.body).toMatchObject({ params: { max_context_length: 4096 } });
});

test('a test tells the kudos, and does not fail where they cannot be had', async () => {
  const { id, ...added } = await connect('key-CANARY-0123456789');
  expect(added).toMatchObject({ type: 'connected', balance: { type: 'kudos', kudos: 540 } });
  horde.kudos = Number.NaN;
  const test = await background.screen().call('connection-test', { id });
  expect(test).toMatchObject({ type: 'connected' });
  expect(test).not.toHaveProperty('balance.kudos');
});

const record = {
  key: 'document-1 1',
  subject,
  choice: { connection: toConnectionId('c'), place: 'volunteers' },
  id: 'job',
} as const;

test('a job of a connection that is gone, or of a backend that cannot be told, is forgotten', async () => {
  const session = createArea();
  const cancel = vi.fn(() => Promise.reject(new Error('gone')));
  const list = vi.fn(async () => [{ id: record.choice.connection }] as never);
  await session.set('jobs', [record]);
  const jobs = createJobs({ session, keepAlive: createHolds(), connections: { list, provider: () => ({ cancel }) as never } });
  await jobs.drop();
  expect(cancel).toHaveBeenCalledWith('job', expect.any(AbortSignal));
  await session.set('jobs', [record]);
  const later = createJobs({ session, keepAlive: createHolds(), connections: { list: async () => [], provider: vi.fn() } });
  await later.drop();
  expect(session.entries.get('jobs')).toEqual([]);
});

test('the background lives while it waits for the pages of another', async () => {
  vi.useFakeTimers();
  const session = createArea();
  const holds = createHolds();
  await session.set('jobs', [record]);
  const jobs = createJobs({ session, keepAlive: holds, connections: { list: async () => [], provider: vi.fn() } });
  const tidied = jobs.tidy();
  await vi.advanceTimersByTimeAsync(1);
  expect(holds.count).toBe(1);
  const taken = await jobs.take(pageOf(), toRequestId('1'), record.choice);
  expect(taken.id).toBe('job');
  await vi.advanceTimersByTimeAsync(limits.jobReturn);
  await tidied;
  expect(holds.count).toBe(0);
  // Its page came back for it.
  expect(session.entries.get('jobs')).toEqual([record]);
  await taken.end();
  expect(session.entries.get('jobs')).toEqual([]);
});

test('an answer that is there is not lost because its note stays', async () => {
  const session = createArea();
  const jobs = createJobs({ session, keepAlive: createHolds(), connections: { list: async () => [], provider: vi.fn() } });
  const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const job = await jobs.take(pageOf(), toRequestId('1'), record.choice);
  session.failNext();
  await job.end();
  expect(logged).toHaveBeenCalled();
});
