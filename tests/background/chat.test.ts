/** The person's own questions, over the port of the chat as it is. */
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { StreamPart } from '../../protocol/generate';
import { type ConnectionId, toOrigin } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import { parsePageFrame } from '../../protocol/page-messages';
import { chatSubject } from '../../protocol/ui-messages';
import type { Wire } from '../protocol/support/wire';
import { createSlowAnswer, failing } from './support/backend';
import { type Background, createBackground, type Screen, serverKey } from './support/background';
import { eventually } from './support/eventually';
import { uiSender } from './support/pages';
import { protection } from './support/vault';

let background: Background;
let screen: Screen;
let panel: Wire;
let connection: ConnectionId;
beforeEach(async () => {
  background = createBackground();
  screen = background.screen();
  ({ id: connection } = await background.connect());
  panel = background.page(uiSender('sidepanel.html'));
});

const chat = (text = 'Hi', fields: object = {}) => ({
  type: 'chat',
  input: {
    connection,
    model: 'm-1',
    messages: [{ role: 'user', content: [{ type: 'text', text }] }],
    isPrivate: false,
    ...fields,
  },
});
const partsOf = (id: string) =>
  panel.frames.flatMap((frame): readonly StreamPart[] => (frame.type === 'parts' && frame.id === id ? frame.parts : []));
const textOf = (id: string) =>
  partsOf(id)
    .map((part) => (part.type === 'text-delta' ? part.text : ''))
    .join('');
const rows = () => background.database.activity.toArray();
const overview = () => screen.call('overview', {});

/** An answer that has begun and waits for the test. */
async function midstream() {
  const slow = createSlowAnswer();
  background.backend.answer = slow.answer;
  panel.request('1', chat());
  await eventually(() => expect(background.backend.completions()).toHaveLength(1));
  slow.send('Well');
  await eventually(() => expect(textOf('1')).toBe('Well'));
  return slow;
}

test('the person is answered in parts, with their key, and nobody is asked', async () => {
  panel.request('1', chat());
  expect(await panel.settled('1')).toEqual({ v: 1, type: 'end', id: '1' });
  expect(textOf('1')).toBe('Hello there.');
  expect(partsOf('1').map(({ type }) => type)).toEqual(['start', 'text-delta', 'usage', 'finish']);
  const [sent] = background.backend.completions();
  expect(sent?.headers.authorization).toBe(`Bearer ${serverKey}`);
  expect(sent?.body).toMatchObject({ model: 'm-1', messages: [{ role: 'user', content: 'Hi' }] });
  expect(background.browser.opened).toEqual([]);
  expect(await screen.call('sites', {})).toEqual([]);
});

test('the model that the panel names answers, and without one the one that is set', async () => {
  panel.request('1', chat('Hi', { model: 'm-2' }));
  await panel.settled('1');
  panel.request('2', chat('Hi', { model: undefined }));
  await panel.settled('2');
  expect(background.backend.completions().map(({ body }) => (body as { model: string }).model)).toEqual(['m-2', 'm-1']);
});

test('a connection that is gone says so', async () => {
  panel.request('1', chat('Hi', { connection: 'gone' }));
  expect(await panel.settled('1')).toMatchObject({ error: { code: 'invalid-request' } });
});

test('it is noted like any other call, under a name that no page can have', async () => {
  panel.request('1', chat());
  await panel.settled('1');
  await eventually(async () =>
    expect(await rows()).toMatchObject([{ subject: chatSubject, outcome: 'answered', usage: { outputTokens: 4 } }]),
  );
  expect(toOrigin(chatSubject.top)).toBeUndefined();
  await expect(screen.call('site-set', { subject: chatSubject, action: 'revoke' })).rejects.toMatchObject({
    code: 'invalid-request',
  });
});

test('T1 a page has no such call', () => {
  expect(parsePageFrame({ v: 1, type: 'request', id: '1', call: chat(), activated: true })).toBeUndefined();
  expect(parsePageFrame({ v: 1, type: 'request', id: '1', call: { type: 'chat' }, activated: true })).toBeUndefined();
});

test('of a private window no row is written', async () => {
  panel.request('1', chat('Hi', { isPrivate: true }));
  await panel.settled('1');
  await eventually(async () => expect((await overview()).running).toEqual([]));
  expect(await rows()).toEqual([]);
});

test('while it runs it is shown, and Stop ends it here and at the backend', async () => {
  await midstream();
  const [running] = (await overview()).running;
  expect(running).toMatchObject({ subject: chatSubject, model: 'm-1' });
  await screen.call('run-stop', { id: running?.id ?? '' });
  expect(await panel.settled('1')).toMatchObject({ error: { code: 'aborted' } });
  expect(background.backend.completions()[0]?.signal?.aborted).toBe(true);
});

test('Stop everything ends it, and what waits for its turn too', async () => {
  await midstream();
  for (let index = 2; index <= limits.runsPerSubject; index += 1) panel.request(`${index}`, chat());
  panel.request('last', chat());
  await panel.until((frame) => frame.type === 'waiting' && frame.id === 'last');
  await eventually(() => expect(background.backend.completions()).toHaveLength(limits.runsPerSubject));
  await screen.call('run-stop-all', {});
  for (const id of ['1', 'last']) expect(await panel.settled(id)).toMatchObject({ error: { code: 'aborted' } });
  expect(background.backend.completions()).toHaveLength(limits.runsPerSubject);
});

test("the panel's own stop, and its end, close the backend's connection", async () => {
  await midstream();
  panel.send({ v: 1, type: 'abort', id: '1' });
  await eventually(() => expect(background.backend.completions()[0]?.signal?.aborted).toBe(true));
  const closing = background.page(uiSender('sidepanel.html'));
  closing.request('1', chat());
  await eventually(() => expect(background.backend.completions()).toHaveLength(2));
  closing.port.disconnect();
  await eventually(() => expect(background.backend.completions()[1]?.signal?.aborted).toBe(true));
});

test('what a backend refuses is told in full, and stands among the problems of the popup', async () => {
  background.backend.answer = () => failing(402, { message: 'No credit' });
  panel.request('1', chat());
  expect(await panel.settled('1')).toMatchObject({ error: { fault: 'payment', status: 402, detail: 'No credit' } });
  await eventually(async () => expect((await overview()).failures).toMatchObject([{ subject: chatSubject }]));
});

/** Of all sites together: so many tokens a day. */
const allow = (tokens: number) => screen.call('budget-set', { subject: null, budget: { period: 'day', tokens } });

test('it counts in the budget of all together, and in no site’s', async () => {
  await allow(limits.answerTokens * 2);
  panel.request('1', chat());
  await panel.settled('1');
  await eventually(async () => expect((await screen.call('budgets', { sites: [] })).all.usedToday).toMatchObject({ tokens: 7 }));
  expect((await background.database.accounts.toArray()).map(({ key }) => key)).toEqual(['*']);
});

test('at that budget it is refused at once, before anything is sent, and no window opens', async () => {
  await allow(10);
  panel.request('1', chat());
  const refused = await panel.settled('1');
  expect(refused).toMatchObject({ error: { code: 'payment-required' } });
  expect(refused).not.toHaveProperty('error.fault');
  expect(background.backend.completions()).toEqual([]);
  expect(background.browser.opened).toEqual([]);
  expect((await overview()).approvals).toEqual([]);
});

test('an answer that grows beyond it ends there, and what has come stays', async () => {
  await allow(limits.answerTokens + 200);
  const slow = await midstream();
  slow.send('word '.repeat(limits.answerTokens * 2));
  expect(await panel.settled('1')).toMatchObject({ error: { code: 'payment-required' } });
  expect(textOf('1')).toMatch(/^Wellword word/);
});

test('what the person has said Stop to for their sites holds for the chat too', async () => {
  await allow(10);
  const site = background.page();
  for (let index = 0; index < limits.budgetStops; index += 1) {
    site.request(`${index}`, {
      type: 'generate',
      request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] },
    });
    if (index === 0) await background.decide('allow-always');
    await eventually(async () => expect((await background.card()).question).toMatchObject({ scope: 'all' }));
    await background.decide('deny');
    await site.settled(`${index}`);
  }
  panel.request('1', chat());
  expect(await panel.settled('1')).toMatchObject({ error: { code: 'payment-required' } });
});

test('T32 the locked vault answers no question and shows no selection', async () => {
  await screen.call('vault-protect', { next: protection(1) });
  background.browser.askSelection(3, 'secret words');
  await screen.call('vault-lock', {});
  panel.request('1', chat());
  expect(await panel.settled('1')).toMatchObject({ error: { code: 'invalid-state' } });
  expect(JSON.stringify(await overview())).not.toContain('secret words');
  expect(background.backend.completions()).toEqual([]);
});

test('the entry of the page menu opens the chat of its window and hands it the selection, once', async () => {
  background.browser.askSelection(3, 'x'.repeat(limits.selectionChars + 5));
  expect(background.browser.panels).toEqual([3]);
  const selection = { windowId: 3, text: 'x'.repeat(limits.selectionChars) };
  await eventually(async () => expect((await overview()).selection).toEqual(selection));
  await screen.call('selection-taken', { windowId: 4 });
  expect((await overview()).selection).toEqual(selection);
  await screen.call('selection-taken', { windowId: 3 });
  expect((await overview()).selection).toBeUndefined();
  expect(background.backend.completions()).toEqual([]);
});

test('a browser that opens no panel keeps the selection for when the person does', async () => {
  const logged = vi.spyOn(console, 'error').mockReturnValue(undefined);
  onTestFinished(() => logged.mockRestore());
  background.browser.openPanel = () => Promise.reject(new Error('no gesture'));
  background.browser.askSelection(3, 'words');
  await eventually(async () => expect((await overview()).selection).toEqual({ windowId: 3, text: 'words' }));
  expect(logged).toHaveBeenCalledTimes(1);
});
