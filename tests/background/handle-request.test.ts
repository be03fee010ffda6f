import 'fake-indexeddb/auto';
import Dexie from 'dexie';
import { beforeEach, expect, test, vi } from 'vitest';
import type { StreamPart } from '../../protocol/generate';
import { limits } from '../../protocol/limits';
import type { PageCall } from '../../protocol/page-messages';
import type { Wire } from '../protocol/support/wire';
import { answering, createSlowAnswer, failing } from './support/backend';
import { type Background, createBackground, serverKey } from './support/background';
import { dumpOf } from './support/database';
import { eventually } from './support/eventually';
import { senderOf } from './support/pages';

const generate = (text = 'Hi', fields: object = {}): PageCall => ({
  type: 'generate',
  request: { messages: [{ role: 'user', content: [{ type: 'text', text }] }], ...fields },
});

let background: Background;
beforeEach(() => {
  background = createBackground();
});

const partsOf = (wire: Wire, id = '1'): StreamPart[] =>
  wire.frames.flatMap((frame) => (frame.type === 'parts' && frame.id === id ? frame.parts : []));
const textOf = (wire: Wire, id = '1') =>
  partsOf(wire, id)
    .map((part) => (part.type === 'text-delta' ? part.text : ''))
    .join('');
const states = (wire: Wire) => wire.frames.flatMap(({ type }) => (type === 'waiting' || type === 'running' ? type : []));
const errorOf = async (wire: Wire, id = '1') => {
  const frame = await wire.settled(id);
  return frame.type === 'error' ? frame.error : undefined;
};

test('a site is asked for, allowed for the visit, answered, and not asked for again', async () => {
  await background.connect();
  const page = background.page();
  page.request('1', generate());
  await background.decide('allow-visit');
  expect(await page.settled('1')).toEqual({ v: 1, type: 'end', id: '1' });
  expect(textOf(page)).toBe('Hello there.');
  expect(states(page)).toEqual(['waiting', 'running']);
  page.request('2', generate());
  await page.settled('2');
  expect(textOf(page, '2')).toBe('Hello there.');
  expect(background.backend.completions()).toHaveLength(2);
});

test('where the code that speaks to backends cannot be loaded the call fails, and the next one tries again', async () => {
  let isMissing = false;
  const background = createBackground({
    onDemand: (parts) => ({
      ...parts,
      async backends() {
        if (isMissing) throw new Error('backends.js could not be loaded.');
        return parts.backends();
      },
    }),
  });
  await background.connect();
  isMissing = true;
  background.restart();
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const page = background.page();
  page.request('1', generate());
  expect(await errorOf(page)).toEqual({ code: 'unknown' });
  isMissing = false;
  page.request('2', generate());
  await background.decide('allow-visit');
  expect(await page.settled('2')).toMatchObject({ type: 'end' });
});

test('the first request of a background is answered, though the library of the database never comes', async () => {
  let isMissing = false;
  const background = createBackground({
    onDemand: (parts) => ({ ...parts, database: () => (isMissing ? new Promise(() => undefined) : parts.database()) }),
  });
  await background.connect();
  const before = background.page();
  before.request('1', generate());
  await background.decide('allow-visit');
  expect(await before.settled('1')).toMatchObject({ type: 'end' });
  isMissing = true;
  background.restart();
  const page = background.page();
  page.request('2', generate());
  expect(await page.settled('2')).toMatchObject({ type: 'end' });
  expect(background.backend.completions()).toHaveLength(2);
});

test('a call to a server that never told its models, and does not now, stands in Activity with its reason', async () => {
  background.backend.list = () => failing(401, { message: 'No such key' });
  await background.connect();
  const page = background.page();
  page.request('1', generate());
  await background.decide('allow-visit');
  expect(await errorOf(page)).toEqual({ code: 'unavailable' });
  expect(background.backend.completions()).toEqual([]);
  expect(await background.database.activity.toArray()).toMatchObject([
    { outcome: 'unavailable', model: '', error: { code: 'unavailable', fault: 'auth' } },
  ]);
});

test('the parts begin with the start and end with the finish', async () => {
  await background.connect();
  const page = background.page();
  page.request('1', generate());
  await background.decide('allow-request');
  await page.settled('1');
  expect(partsOf(page).map(({ type }) => type)).toEqual(
    ['start', 'text-delta', 'usage', 'finish'].sort((a, b) => order(page, a) - order(page, b)),
  );
  expect(partsOf(page)[0]).toMatchObject({ type: 'start', warnings: [] });
  expect(partsOf(page).some(({ type }) => type === 'finish')).toBe(true);
});

const order = (page: Wire, type: string) => partsOf(page).findIndex((part) => part.type === type);

test('what is sent is what was asked, to the address and with the key of the connection', async () => {
  await background.connect();
  const page = background.page();
  page.request('1', generate('Hi', { temperature: 0.5, maxOutputTokens: 9 }));
  await background.decide('allow-request');
  await page.settled('1');
  const [sent] = background.backend.completions();
  expect(sent?.url).toBe('http://127.0.0.1:8080/v1/chat/completions');
  expect(sent?.headers.authorization).toBe(`Bearer ${serverKey}`);
  expect(sent?.body).toMatchObject({ model: 'm-1', temperature: 0.5, messages: [{ role: 'user', content: 'Hi' }] });
});

test('the person’s model answers, whatever model the page names, and the page is told', async () => {
  await background.connect();
  const page = background.page();
  page.request('1', generate('Hi', { model: '../../evil?x#y' }));
  await background.decide('allow-request');
  await page.settled('1');
  expect(partsOf(page)[0]).toMatchObject({ type: 'start', warnings: [{ type: 'model-replaced', asked: '../../evil?x#y' }] });
  expect(background.backend.completions()[0]).toMatchObject({
    url: 'http://127.0.0.1:8080/v1/chat/completions',
    body: { model: 'm-1' },
  });
});

test('a page is told what became of what it asked for, and nothing of the person’s own settings', async () => {
  await background.screen().call('connection-add', {
    ...{ providerId: 'openai', key: 'sk-1234567890ab', defaultModel: 'gpt-x' },
    options: { samplers: { topK: 5 } },
  });
  const page = background.page();
  page.request('1', generate('Hi', { minP: 0.2, topK: undefined }));
  await background.decide('allow-request');
  await page.settled('1');
  expect(partsOf(page)[0]).toMatchObject({ warnings: [{ type: 'parameter-dropped', parameter: 'minP' }] });
  await vi.waitFor(async () => {
    const [noted] = await background.database.activity.toArray();
    expect(noted?.warnings).toEqual(['topK', 'minP'].map((parameter) => ({ type: 'parameter-dropped', parameter })));
  });
});

test('the page’s own name of the person’s model is no replacement', async () => {
  await background.connect();
  const page = background.page();
  page.request('1', generate('Hi', { model: 'm-1' }));
  await background.decide('allow-request');
  await page.settled('1');
  expect(partsOf(page)[0]).toMatchObject({ warnings: [] });
});

test.each(['deny', 'never'] as const)('%s sends nothing', async (decision) => {
  await background.connect();
  const page = background.page();
  page.request('1', generate());
  await background.decide(decision);
  expect(await errorOf(page)).toEqual({ code: 'not-allowed' });
  expect(background.backend.completions()).toEqual([]);
});

test('a blocked site is refused without asking', async () => {
  await background.connect();
  await background.screen().call('site-set', { subject: { top: senderOf().origin as never }, action: 'block' });
  const page = background.page();
  page.request('1', generate());
  expect(await errorOf(page)).toEqual({ code: 'not-allowed' });
  expect(states(page)).toEqual([]);
});

const siteSet = (action: 'block' | 'unblock' | 'revoke') =>
  background.screen().call('site-set', { subject: { top: senderOf().origin as never }, action });

/** A site that is always allowed, has asked before, and asks with this id. */
const asksAgain = async () => {
  await background.connect();
  const page = background.page();
  page.request('0', generate());
  await background.decide('allow-always');
  await page.settled('0');
  let count = 0;
  const ask = async () => {
    count += 1;
    page.request(`${count}`, generate());
    return errorOf(page, `${count}`);
  };
  expect(await ask()).toBeUndefined();
  return { page, ask };
};

test('what the person takes from a site is seen by its very next request, also where it was kept in memory', async () => {
  const { page, ask } = await asksAgain();
  await siteSet('block');
  expect(await ask()).toEqual({ code: 'not-allowed' });
  await siteSet('unblock');
  page.request('asked', generate());
  await background.decide('allow-always');
  expect(await page.settled('asked')).toMatchObject({ type: 'end' });
  await siteSet('revoke');
  page.request('again', generate());
  await background.card();
  expect(background.backend.completions()).toHaveLength(3);
});

test('the very next request goes to the connection that was chosen, and to its address as it was changed', async () => {
  const { ask } = await asksAgain();
  const screen = background.screen();
  const [first] = (await screen.call('overview', {})).connections;
  const second = await screen.call('connection-add', { providerId: 'openai-compatible', baseUrl: 'http://127.0.0.1:9090' });
  await screen.call('connection-use', { id: second.id });
  await ask();
  await screen.call('connection-update', { id: second.id, baseUrl: 'http://127.0.0.1:9191' });
  await ask();
  await screen.call('connection-use', { id: first?.id as never });
  await ask();
  const hosts = background.backend.completions().map(({ url }) => new URL(url).port);
  expect(hosts.slice(-3)).toEqual(['9090', '9191', '8080']);
});

test('where a block could not be written the person hears of it, and the next one holds for the very next request', async () => {
  const { ask } = await asksAgain();
  const full = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('The disk is full.', 'QuotaExceededError');
  });
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await expect(siteSet('block')).rejects.toThrow();
  full.mockRestore();
  // What was taken in the visit is gone; what lasts is as it was.
  expect(await ask()).toBeUndefined();
  await siteSet('block');
  expect(await ask()).toEqual({ code: 'not-allowed' });
});

test('plain http is refused without asking, and asked for after Use here', async () => {
  await background.connect();
  const page = background.page(senderOf({ origin: 'http://nas' }));
  page.request('1', generate());
  expect(await errorOf(page)).toEqual({ code: 'not-allowed' });
  await background.screen().call('site-set', { subject: { top: 'http://nas' as never }, action: 'use-here' });
  page.request('2', generate());
  expect(await background.card()).toMatchObject({ insecure: true });
});

test('with nothing connected the card has nobody who answers; once connected and allowed, the same call goes on', async () => {
  const page = background.page();
  page.request('1', generate());
  const card = await background.card();
  expect(card.answeredBy).toBeUndefined();
  expect(states(page)).toEqual(['waiting']);
  const { id, digest } = card;
  await expect(background.screen().call('approval-decide', { id, digest, decision: 'allow-visit' })).rejects.toMatchObject({
    code: 'invalid-state',
  });
  await background.connect();
  expect((await background.card()).answeredBy).toMatchObject({
    model: 'm-1',
    cost: { type: 'free' },
    connection: { place: 'this-computer' },
  });
  await background.decide('allow-visit');
  await page.settled('1');
  expect(textOf(page)).toBe('Hello there.');
});

test('a grant without a connection asks as well', async () => {
  await background.connect();
  const page = background.page();
  page.request('1', generate());
  await background.decide('allow-visit');
  await page.settled('1');
  const [connection] = (await background.screen().call('overview', {})).connections;
  if (!connection) throw new Error('There is a connection.');
  await background.screen().call('connection-remove', { id: connection.id });
  page.request('2', generate());
  expect((await background.card()).answeredBy).toBeUndefined();
});

test('an abort while it waits withdraws the card, and nothing is sent', async () => {
  await background.connect();
  const page = background.page();
  page.request('1', generate());
  await background.card();
  page.send({ v: 1, type: 'abort', id: '1' });
  expect(await errorOf(page)).toEqual({ code: 'aborted' });
  expect((await background.screen().call('overview', {})).approvals).toEqual([]);
  expect(background.backend.completions()).toEqual([]);
});

const running = async (page: Wire) => {
  const slow = createSlowAnswer();
  background.backend.answer = slow.answer;
  page.request('1', generate());
  await background.decide('allow-visit');
  await page.until(({ type }) => type === 'running');
  await eventually(() => expect(background.backend.completions()).toHaveLength(1));
  slow.send('Hel');
  await page.until(({ type }) => type === 'parts');
  return slow;
};

// M14
test.each<[string, (page: Wire, port: { disconnect(): void }) => unknown]>([
  ['an abort', (page) => page.send({ v: 1, type: 'abort', id: '1' })],
  ['a page that goes', (_page, port) => port.disconnect()],
  ['Stop everything', () => background.screen().call('run-stop-all', {})],
  [
    'revoking the site',
    () => background.screen().call('site-set', { subject: { top: 'https://site.test' as never }, action: 'revoke' }),
  ],
  [
    'blocking the site',
    () => background.screen().call('site-set', { subject: { top: 'https://site.test' as never }, action: 'block' }),
  ],
])('%s closes the socket', async (_name, stop) => {
  await background.connect();
  const page = background.page();
  await running(page);
  await stop(page, page.port);
  await eventually(() => expect(background.backend.completions()[0]?.signal?.aborted).toBe(true));
  await eventually(async () => expect((await background.screen().call('overview', {})).running).toEqual([]));
});

test.each(['revoke', 'block'] as const)(
  'T44 %s in a private window leaves what the site does in ordinary ones alone',
  async (action) => {
    await background.connect();
    const page = background.page();
    const slow = await running(page);
    const inPrivate = background.page(senderOf({ isPrivate: true, documentId: 'document-2' }));
    inPrivate.request('1', generate());
    await background.card();
    const waiting = background.page(senderOf({ origin: 'https://second.test', documentId: 'document-3' }));
    waiting.request('1', generate());
    const subjects = async () => (await background.screen().call('overview', {})).approvals.map(({ subject }) => subject.top);
    await eventually(async () => expect(await subjects()).toHaveLength(2));
    await background.screen().call('site-set', { subject: { top: 'https://second.test' as never }, isPrivate: true, action });
    await background.screen().call('site-set', { subject: { top: 'https://site.test' as never }, isPrivate: true, action });
    expect(await subjects()).toEqual(action === 'block' ? ['https://second.test'] : ['https://site.test', 'https://second.test']);
    slow.send('lo');
    slow.end();
    expect(await page.settled('1')).toMatchObject({ type: 'end' });
    expect(textOf(page)).toBe('Hello');
  },
);

test('Stop ends one request and tells the page that it was aborted', async () => {
  await background.connect();
  const page = background.page();
  await running(page);
  const [run] = (await background.screen().call('overview', {})).running;
  expect(run).toMatchObject({ subject: { top: 'https://site.test' }, model: 'm-1', connectionName: 'OpenAI-compatible server' });
  await background.screen().call('run-stop', { id: run?.id ?? '' });
  expect(await errorOf(page)).toEqual({ code: 'aborted' });
  await eventually(async () => expect((await background.database.activity.toArray())[0]).toMatchObject({ outcome: 'aborted' }));
});

test('what arrived before an answer broke off is delivered', async () => {
  await background.connect();
  const page = background.page();
  background.backend.answer = () =>
    new Response('data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n', {
      headers: { 'content-type': 'text/event-stream' },
    });
  page.request('1', generate());
  await background.decide('allow-request');
  expect(await errorOf(page)).toEqual({ code: 'interrupted' });
  expect(textOf(page)).toBe('Hel');
});

test('of a backend’s error a page learns the code, and the person the whole story', async () => {
  await background.connect();
  const page = background.page();
  background.backend.answer = () =>
    failing(401, { message: `Incorrect API key: ${serverKey.slice(0, 4)}`, code: 'invalid_api_key' });
  page.request('1', generate());
  await background.decide('allow-visit');
  expect(await errorOf(page)).toEqual({ code: 'unavailable' });
  expect(JSON.stringify(page.frames)).not.toContain('Incorrect');
  const overview = await background.screen().call('overview', {});
  expect(overview.failures[0]).toMatchObject({
    error: { fault: 'auth', status: 401 },
    connectionName: 'OpenAI-compatible server',
  });
  expect(overview.connections[0]?.state).toMatchObject({ type: 'needs-attention', error: { fault: 'auth' } });
  background.backend.answer = () => answering('Hi');
  page.request('2', generate());
  await page.settled('2');
  await vi.waitFor(async () =>
    expect((await background.screen().call('overview', {})).connections[0]?.state).toEqual({ type: 'connected' }),
  );
});

test('the page has the end of its answer before the books are closed, and then they are', async () => {
  await background.connect();
  const page = background.page();
  page.request('1', generate());
  await background.decide('allow-visit');
  await page.settled('1');
  const { activity } = background.database;
  await vi.waitFor(async () => expect(await activity.count()).toBe(1));
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const blocking = activity.db.transaction('rw', activity, () => Dexie.waitFor(held));
  page.request('2', generate());
  expect(await page.settled('2')).toMatchObject({ type: 'end' });
  letGo();
  await blocking;
  await vi.waitFor(async () => expect(await activity.count()).toBe(2));
});

test('a server that was off when it was connected is asked for its models at the first call', async () => {
  background.backend.list = () => Promise.reject(new TypeError('fetch failed'));
  await background.connect();
  const page = background.page();
  page.request('1', generate());
  await background.decide('allow-visit');
  expect(await errorOf(page)).toEqual({ code: 'unavailable' });
  background.backend.list = undefined;
  page.request('2', generate());
  await page.settled('2');
  expect(textOf(page, '2')).toBe('Hello there.');
});

test('a backend without any model is unavailable', async () => {
  background.backend.models = [];
  await background.connect();
  const page = background.page();
  page.request('1', generate());
  await background.decide('allow-visit');
  expect(await errorOf(page)).toEqual({ code: 'unavailable' });
});

test('a request waits in the queue over the death of the background, and goes on', async () => {
  await background.connect();
  background.page().request('1', generate());
  const before = await background.card();
  background.restart();
  const page = background.page();
  page.request('1', generate());
  expect((await background.card()).id).toBe(before.id);
  await background.decide('allow-request');
  await page.settled('1');
  expect(textOf(page)).toBe('Hello there.');
});

/** What has a budget is marked before it is sent. */
const withBudget = () =>
  background.screen().call('budget-set', {
    subject: { top: 'https://site.test' as never },
    budget: { period: 'day', tokens: 1_000_000 },
  });

test('a request that was sent before the background died is not sent a second time', async () => {
  await background.connect();
  await withBudget();
  await running(background.page());
  background.restart();
  const page = background.page();
  page.request('1', generate());
  expect(await errorOf(page)).toEqual({ code: 'interrupted' });
  expect(background.backend.completions()).toHaveLength(1);
});

test('of what costs nothing and has no budget nothing is marked: the relay is told before it is sent', async () => {
  await background.connect();
  const page = background.page();
  page.request('1', generate());
  await background.decide('allow-visit');
  await page.settled('1');
  const used = async () => (await background.screen().call('budgets', { sites: [] })).all.usedToday.tokens;
  await eventually(async () => expect(await used()).toBeGreaterThan(0));
  const set = vi.spyOn(background.browser.session, 'set');
  let told: readonly unknown[] = [];
  const { answer } = background.backend;
  background.backend.answer = (signal) => {
    told = states(page);
    return answer(signal);
  };
  page.request('2', generate());
  await page.settled('2');
  expect(told.at(-1)).toBe('running');
  expect(set.mock.calls.map(([key]) => key)).not.toContain('sent');
});

test('T96 a reader that takes nothing pauses the backend’s socket', async () => {
  await background.connect();
  const page = background.page();
  const slow = await running(page);
  const piece = 'x'.repeat(limits.window / 2);
  for (let index = 0; index < 6; index += 1) slow.send(piece);
  slow.end();
  await vi.waitFor(() => expect(textOf(page).length).toBeGreaterThan(limits.window));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(textOf(page).length).toBeLessThan(2.5 * limits.window);
  expect(page.of('1').every(({ type }) => type === 'parts')).toBe(true);
  page.port.onMessage.addListener(() =>
    queueMicrotask(() => page.send({ v: 1, type: 'taken', id: '1', chars: 10 * limits.window })),
  );
  page.send({ v: 1, type: 'taken', id: '1', chars: 10 * limits.window });
  await page.settled('1');
  expect(textOf(page)).toHaveLength(6 * piece.length + 3);
});

test('T113 a call leaves metadata and no word of its content', async () => {
  await background.connect();
  const page = background.page();
  page.request('1', generate('PRIVATE-WORDS'));
  await background.decide('allow-always');
  await page.settled('1');
  await eventually(async () => expect(await background.database.activity.count()).toBe(1));
  const [row] = await background.database.activity.toArray();
  expect(row).toMatchObject({ outcome: 'answered', model: 'm-1', usage: { inputTokens: 3, outputTokens: 4, estimated: false } });
  const everything = (await dumpOf(background.database)) + JSON.stringify([...background.browser.session.entries]);
  for (const word of ['PRIVATE-WORDS', 'Hello there', 'CANARY']) expect(everything).not.toContain(word);
});

// T44
test('T106 an answer that is there stays one where no note of it can be taken, and that is logged', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await background.connect();
  // Its mark is what cannot be taken away.
  await withBudget();
  const page = background.page();
  const slow = createSlowAnswer();
  background.backend.answer = slow.answer;
  page.request('1', generate());
  await background.decide('allow-visit');
  await eventually(() => expect(background.backend.completions()).toHaveLength(1));
  slow.send('Hello');
  // What tests before this one made it say is not meant.
  error.mockClear();
  background.browser.session.failNext();
  slow.end();
  expect(await page.settled('1')).toMatchObject({ type: 'end' });
  expect(textOf(page)).toBe('Hello');
  await eventually(() => expect(error).toHaveBeenCalled());
  error.mockRestore();
});

test('a private window leaves nothing that lasts, not even with Always', async () => {
  await background.connect();
  const page = background.page(senderOf({ origin: 'https://secret.test', isPrivate: true }));
  page.request('1', generate());
  await background.decide('allow-always');
  await page.settled('1');
  expect(textOf(page)).toBe('Hello there.');
  expect(await dumpOf(background.database)).not.toContain('secret.test');
  background.browser.closeTab(1);
  page.request('2', generate());
  await background.card();
});

test('two calls with the same text are two cards, each answered by itself', async () => {
  await background.connect();
  const page = background.page();
  page.request('1', generate());
  await background.card();
  page.request('2', generate());
  await background.decide('allow-request');
  await page.settled('1');
  expect(page.of('2')).toEqual([]);
  await background.decide('deny');
  expect(await errorOf(page, '2')).toEqual({ code: 'not-allowed' });
  expect(background.backend.completions()).toHaveLength(1);
});

test('the window opens for a document that the person used, and the badge counts', async () => {
  await background.connect();
  background.page().request('1', generate(), false);
  await background.card();
  expect(background.browser.opened).toEqual([]);
  expect(background.browser.badges.at(-1)).toBe('1');
  background.page(senderOf({ documentId: 'document-2' })).request('1', generate(), true);
  await eventually(() => expect(background.browser.opened).toEqual(['approval.html']));
});

test('closing the approval window refuses the call that it shows', async () => {
  await background.connect();
  const page = background.page();
  page.request('1', generate());
  const { id } = await background.card();
  await eventually(() => expect(background.browser.opened).toHaveLength(1));
  await background.screen().call('approval-shown', { id });
  await background.browser.closeWindow(1);
  expect(await errorOf(page)).toEqual({ code: 'not-allowed' });
});

test('the person can read the full text of what waits', async () => {
  await background.connect();
  background.page().request('1', generate('The full text.'));
  const { id } = await background.card();
  expect(await background.screen().call('approval-content', { id })).toEqual({
    messages: [{ role: 'user', content: [{ type: 'text', text: 'The full text.' }] }],
  });
});

test('a private network’s server is asked without our Origin only where it is on this computer', async () => {
  await background.connect();
  await background.screen().call('connection-add', { providerId: 'openai-compatible', baseUrl: 'http://192.168.1.5:1234' });
  expect(background.browser.rules.at(-1)).toEqual([{ origin: 'http://127.0.0.1:8080' }]);
});

test('what the person set for connection, model and site fills what the page left open, the nearer before the farther', async () => {
  await background.connect();
  const screen = background.screen();
  const [connection] = (await screen.call('overview', {})).connections;
  if (!connection) throw new Error('There is no connection.');
  const own = { samplers: { topP: 0.2 }, stop: ['model'] };
  await screen.call('connection-update', {
    id: connection.id,
    options: {
      samplers: { temperature: 1.5, topP: 0.1, seed: 7 },
      stop: ['connection'],
      models: { [connection.defaultModel ?? '']: own },
    },
  });
  await screen.call('site-rule-set', {
    subject: { top: 'https://site.test' as never },
    rule: { fallback: [], onlyThisComputer: false, asksEveryTime: false, mapped: [], settings: { samplers: { seed: 8 } } },
    choosesModel: false,
  });
  const page = background.page();
  page.request('1', generate('Hi', { temperature: 0.5 }));
  await background.decide('allow-request');
  await page.settled('1');
  expect(background.backend.completions()[0]?.body).toMatchObject({
    temperature: 0.5,
    top_p: 0.2,
    seed: 8,
    stop: ['connection', 'model'],
  });
});

// What is more than text, and the form of the answer.

const formed = (responseFormat: object, text = 'When?') => generate(text, { responseFormat });
const date = { type: 'regexp', source: '^\\d{4}-\\d{2}$', flags: '' };

/** A page that may do whatever its calls take. */
async function allowedFor(call: PageCall): Promise<Wire> {
  const page = background.page();
  page.request('first', call);
  await background.decide('allow-always');
  await page.settled('first');
  return page;
}

test('an answer in the form that a page asked for is delivered once it is checked', async () => {
  await background.connect();
  background.backend.answer = () => answering('2026', '-11');
  const page = await allowedFor(formed(date));
  expect(textOf(page, 'first')).toBe('2026-11');
  expect(background.backend.completions()).toHaveLength(1);
  background.backend.answer = () => answering('In November.');
  page.request('2', formed(date));
  expect(await errorOf(page, '2')).toEqual({ code: 'invalid-answer' });
  expect(textOf(page, '2')).toBe('');
  expect(background.backend.completions()).toHaveLength(3);
});

test.each([
  ['a schema that cannot be checked', formed({ type: 'json-schema', schema: { type: 'tuple' } })],
  ['an expression that cannot be checked', formed({ type: 'regexp', source: '(?=a)', flags: '' })],
])('%s is refused before anybody is asked', async (_name, call) => {
  await background.connect();
  const page = background.page();
  page.request('1', call);
  expect(await errorOf(page)).toEqual({ code: 'not-supported' });
  expect((await background.screen().call('overview', {})).approvals).toEqual([]);
  expect(background.backend.completions()).toEqual([]);
});

const shows = (...kinds: ('image' | 'audio')[]): PageCall => ({
  type: 'generate',
  request: {
    messages: [
      {
        role: 'user',
        content: kinds.map((kind) => ({ type: kind, mediaType: kind === 'image' ? 'image/png' : 'audio/wav', data: 'AAAA' })),
      },
    ],
  },
});

test.each([['image'], ['audio']] as const)('%s is not sent to a model that is known not to take it', async (kind) => {
  background.backend.list = () => Response.json({ data: [{ id: 'm-1', architecture: { input_modalities: ['text'] } }] });
  await background.connect();
  const page = await allowedFor(shows(kind));
  expect(await errorOf(page, 'first')).toEqual({ code: 'not-supported' });
  expect(background.backend.completions()).toEqual([]);
});

test('an image goes to a model that takes it, and to one of which nobody said', async () => {
  background.backend.list = () =>
    Response.json({ data: [{ id: 'm-1', architecture: { input_modalities: ['text', 'image'] } }, { id: 'm-2' }] });
  const { id } = await background.connect();
  const page = await allowedFor(shows('image'));
  await background.screen().call('model-use', { id, model: 'm-2' });
  page.request('2', shows('image'));
  await page.settled('2');
  expect(
    JSON.stringify(background.backend.completions().map(({ body }) => body)).match(/data:image\/png;base64,AAAA/g),
  ).toHaveLength(2);
});

test('a call that is refused before it was sent leaves no mark of having been sent', async () => {
  await background.connect();
  await withBudget();
  await background.database.connections.toCollection().modify((record) => {
    record.known = { id: record.defaultModel ?? '', name: 'Reads no images', inputs: ['text'] };
  });
  background.restart();
  const page = background.page();
  page.request('1', {
    type: 'generate',
    request: { messages: [{ role: 'user', content: [{ type: 'image', mediaType: 'image/png', data: 'iVBORw0KGgo=' }] }] },
  });
  await background.decide('allow-request');
  expect(await errorOf(page)).toEqual({ code: 'not-supported' });
  expect(background.backend.completions()).toEqual([]);
  expect(await background.browser.session.get('sent')).toEqual([]);
});

test('T35 a site that may send text is asked about images, and a person who edits the words of a request sends its tools along', async () => {
  await background.connect();
  const page = await allowedFor(generate());
  page.request('2', generate('Mine', { tools: [{ name: 'find', parameters: {} }] }));
  const { id, digest, wishes } = await background.card();
  expect(wishes).toEqual(['tools']);
  const messages = [{ role: 'user', content: [{ type: 'text', text: 'Yours' }] }] as const;
  await background.screen().call('approval-decide', { id, digest, decision: 'allow-visit', messages });
  await page.settled('2');
  expect(background.backend.completions().at(-1)?.body).toMatchObject({
    messages: [{ content: 'Yours' }],
    tools: [{ function: { name: 'find' } }],
  });
});
