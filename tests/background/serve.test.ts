import { beforeEach, expect, test, vi } from 'vitest';
import { limits } from '../../protocol/limits';
import type { PageEvent } from '../../protocol/page-messages';
import { uiOperations } from '../../protocol/ui-inputs';
import type { Wire } from '../protocol/support/wire';
import { type Background, createBackground } from './support/background';
import { dumpOf } from './support/database';
import { eventually } from './support/eventually';
import { senderOf, uiSender } from './support/pages';
import { uiInputs } from './support/ui-inputs';

const generate = { type: 'generate', request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] } };
const currentModel = { type: 'current-model' };
const site = { top: 'https://site.test' as never };

let background: Background;
beforeEach(() => {
  background = createBackground();
});

const eventsOf = ({ frames }: Pick<Wire, 'frames'>, type: PageEvent['type']) =>
  frames.flatMap((frame) => (frame.type === 'event' && (frame.event as PageEvent).type === type ? [frame.event] : []));

const stateOfAll = async () => (await dumpOf(background.database)) + JSON.stringify([...background.browser.session.entries]);

test.each(uiOperations)('T7 %s does not exist for a page, and does nothing', async (type) => {
  await background.connect();
  const [connection] = (await background.screen().call('overview', {})).connections;
  const before = await stateOfAll();
  const asked = background.backend.sent.length;
  const page = background.page();
  const input = { ...(uiInputs[type] as object), ...('id' in (uiInputs[type] as object) && { id: connection?.id }) };
  page.request('1', { type, input });
  expect(await page.settled('1')).toEqual({ v: 1, type: 'error', id: '1', error: { code: 'invalid-request' } });
  await new Promise((resolve) => setImmediate(resolve));
  expect(page.frames).toHaveLength(1);
  expect(await stateOfAll()).toBe(before);
  expect(background.backend.sent).toHaveLength(asked);
});

test.each([generate, currentModel])('T7 the page’s $type does not exist for the interface', async (call) => {
  await background.connect();
  const wire = background.page(uiSender());
  wire.request('1', call);
  expect(await wire.settled('1')).toMatchObject({ type: 'error', error: { code: 'invalid-request' } });
  expect(background.backend.completions()).toEqual([]);
});

test('T6 a page that names its port like the interface is a page', async () => {
  const wire = background.page({ ...senderOf() });
  wire.request('1', { type: 'sites', input: {} });
  expect(await wire.settled('1')).toMatchObject({ error: { code: 'invalid-request' } });
});

test.each([
  ['a sandboxed frame', { ...senderOf(), origin: 'null' }],
  ['a file', { ...senderOf(), origin: 'file://' }],
  ['a prerendered document', { ...senderOf(), documentLifecycle: 'prerender' }],
  ['another extension', { ...senderOf(), id: 'other' }],
])('T2 %s is refused at once, learns no model, and nobody is asked', async (_name, sender) => {
  await background.connect();
  const wire = background.page(sender);
  wire.request('1', generate);
  wire.request('2', currentModel);
  wire.request('3', { type: 'overview', input: {} });
  expect(await wire.settled('1')).toEqual({ v: 1, type: 'error', id: '1', error: { code: 'not-allowed' } });
  expect(await wire.settled('2')).toEqual({ v: 1, type: 'end', id: '2', value: 'default' });
  expect(await wire.settled('3')).toMatchObject({ error: { code: 'invalid-request' } });
  expect((await background.screen().call('overview', {})).approvals).toEqual([]);
});

test('T45 the name of the model is the same word for everybody without a grant', async () => {
  const ask = async (id: string) => {
    const page = background.page();
    page.request(id, currentModel);
    return page.settled(id);
  };
  const before = await ask('1');
  await background.connect();
  expect(await ask('1')).toEqual(before);
  expect(before).toEqual({ v: 1, type: 'end', id: '1', value: 'default' });
  expect((await background.screen().call('overview', {})).approvals).toEqual([]);
});

test('a site with a grant learns the name of the model', async () => {
  await background.connect();
  const page = background.page();
  page.request('1', generate);
  await background.decide('allow-visit');
  await page.settled('1');
  page.request('2', currentModel);
  expect(await page.settled('2')).toMatchObject({ value: 'm-1' });
});

test('without a connection even a site with a grant gets the fixed word', async () => {
  await background.connect();
  const page = background.page();
  page.request('1', generate);
  await background.decide('allow-visit');
  await page.settled('1');
  const [connection] = (await background.screen().call('overview', {})).connections;
  await background.screen().call('connection-remove', { id: connection?.id ?? ('' as never) });
  page.request('2', currentModel);
  expect(await page.settled('2')).toMatchObject({ value: 'default' });
});

test('a changed model is told to documents with a grant, and to no other', async () => {
  const { id } = await background.connect();
  const granted = background.page();
  granted.request('1', generate);
  await background.decide('allow-visit');
  await granted.settled('1');
  const stranger = background.page(senderOf({ origin: 'https://other.test', documentId: 'document-2', tabId: 2 }));
  stranger.request('1', currentModel);
  await stranger.settled('1');
  await background.screen().call('model-use', { id, model: 'm-2' });
  await eventually(() => expect(eventsOf(granted, 'model-changed')).toEqual([{ type: 'model-changed', model: 'm-2' }]));
  await new Promise((resolve) => setImmediate(resolve));
  expect(stranger.frames.filter(({ type }) => type === 'event')).toEqual([]);
  expect(eventsOf(granted, 'model-changed')).toHaveLength(1);
});

test('a permission that is given, widened and taken back is told to the documents of its site, and to no other', async () => {
  await background.connect();
  const page = background.page();
  const beside = background.page(senderOf({ documentId: 'document-3', tabId: 3 }));
  const stranger = background.page(senderOf({ origin: 'https://other.test', documentId: 'document-2', tabId: 2 }));
  for (const one of [beside, stranger]) {
    one.request('1', currentModel);
    await one.settled('1');
  }
  const told = async (...states: readonly object[]) => {
    const expected = states.map((permission) => ({ type: 'permission-changed', permission }));
    for (const one of [page, beside]) await eventually(() => expect(eventsOf(one, 'permission-changed')).toEqual(expected));
  };
  const given = { state: 'allowed', scopes: ['generate', 'models.read'], model: { id: 'm-1' } };
  const wider = { ...given, scopes: ['generate', 'models.read', 'tools'] };
  page.request('1', generate);
  await background.decide('allow-visit');
  await told(given);
  page.request('2', { type: 'connect', scopes: ['tools'] });
  await background.decide('allow-visit');
  await told(given, wider);
  await background.screen().call('site-set', { subject: site, action: 'revoke' });
  await told(given, wider, { state: 'ask' });
  expect(stranger.frames.filter(({ type }) => type === 'event')).toEqual([]);
});

test('T45 a refusal, a block and a mute are told to nobody', async () => {
  await background.connect();
  const page = background.page();
  for (const [id, decision] of [
    ['1', 'deny'],
    ['2', 'deny'],
  ] as const) {
    page.request(id, generate);
    await background.decide(decision);
    await page.settled(id);
  }
  await background.screen().call('site-set', { subject: site, action: 'block' });
  await new Promise((resolve) => setImmediate(resolve));
  expect(page.frames.filter(({ type }) => type === 'event')).toEqual([]);
});

test('a model that stays the same is told to nobody', async () => {
  const { id } = await background.connect();
  const page = background.page();
  page.request('1', generate);
  await background.decide('allow-visit');
  await page.settled('1');
  await background.screen().call('model-use', { id, model: 'm-1' });
  await background.screen().call('connection-update', { id, name: 'Renamed' });
  await new Promise((resolve) => setImmediate(resolve));
  expect(eventsOf(page, 'model-changed')).toEqual([]);
});

test('every open screen is shown every change', async () => {
  const screens = [background.screen(), background.screen()];
  await background.connect();
  for (const { overviews } of screens) {
    await eventually(() =>
      expect(overviews.at(-1)?.connections).toMatchObject([{ name: 'OpenAI-compatible server', state: { type: 'connected' } }]),
    );
  }
});

test('a page that is closed for nonsense is told nothing more, and others are served on', async () => {
  const { id } = await background.connect();
  const page = background.page();
  page.request('1', generate);
  await background.decide('allow-visit');
  await page.settled('1');
  for (let count = 0; count < limits.malformedFrames; count += 1) page.send('nonsense');
  expect(page.port.isConnected).toBe(false);
  await background.screen().call('model-use', { id, model: 'm-2' });
  expect(eventsOf(page, 'model-changed')).toEqual([]);
  const again = background.page();
  again.request('1', currentModel);
  expect(await again.settled('1')).toMatchObject({ value: 'm-2' });
});

test('a screen that is closed is shown nothing more, and the others are', async () => {
  const closing = background.page(uiSender());
  const staying = background.screen();
  closing.port.disconnect();
  await background.connect();
  await eventually(() => expect(staying.overviews.length).toBeGreaterThan(0));
  expect(closing.frames).toEqual([]);
});

test('a site’s calls in two tabs are its own, whatever their ids', async () => {
  await background.connect();
  const one = background.page(senderOf({ tabId: 1, documentId: 'document-1' }));
  const two = background.page(senderOf({ tabId: 2, documentId: 'document-2' }));
  one.request('1', generate);
  await background.card();
  two.request('1', generate);
  await eventually(async () => expect((await background.screen().call('overview', {})).approvals).toHaveLength(2));
  one.send({ v: 1, type: 'abort', id: '1' });
  expect(await one.settled('1')).toMatchObject({ error: { code: 'aborted' } });
  await background.decide('allow-request');
  expect(await two.settled('1')).toMatchObject({ type: 'end' });
});

test('T4 a frame inside another site is asked for as the pair, and its own grant does not count there', async () => {
  await background.connect();
  const alone = background.page(senderOf({ origin: 'https://widget.test' }));
  alone.request('1', generate);
  await background.decide('allow-always');
  await alone.settled('1');
  const embedded = background.page(
    senderOf({ origin: 'https://widget.test', top: 'https://site.test', documentId: 'document-2' }),
  );
  embedded.request('1', generate);
  expect((await background.card()).subject).toEqual({ top: 'https://site.test', frame: 'https://widget.test' });
  await background.decide('deny');
  expect(await embedded.settled('1')).toMatchObject({ error: { code: 'not-allowed' } });
});

test('the engine’s context is served by nobody: it serves', async () => {
  const wire = background.page(uiSender('offscreen.html'));
  wire.request('1', { type: 'overview', input: {} });
  await new Promise((resolve) => setImmediate(resolve));
  expect(wire.frames).toEqual([]);
});

test('what nobody foresaw is an unknown error to the page, without a word of it, and goes to the log', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await background.connect();
  vi.spyOn(background.browser.session, 'get').mockRejectedValue(new RangeError('CANARY'));
  background.restart();
  const page = background.page();
  page.request('1', generate);
  expect(await page.settled('1')).toEqual({ v: 1, type: 'error', id: '1', error: { code: 'unknown' } });
  expect(JSON.stringify(error.mock.calls)).toContain('RangeError');
  expect(JSON.stringify([page.frames, error.mock.calls])).not.toContain('CANARY');
  error.mockRestore();
});

test('the visit ends when the tab is closed', async () => {
  await background.connect();
  const page = background.page();
  page.request('1', generate);
  await background.decide('allow-visit');
  await page.settled('1');
  expect(await background.screen().call('tab-sites', { tabId: 1 })).toMatchObject([{ subject: site, state: { type: 'visit' } }]);
  background.browser.closeTab(1);
  await eventually(async () => expect(await background.screen().call('sites', {})).toEqual([]));
});

test('a page’s LanguageModel is told who answers, nothing of the model before a permission, and is then listed in the popup', async () => {
  await background.connect();
  const page = background.page();
  page.request('1', { type: 'language-model' });
  expect(await page.settled('1')).toMatchObject({ type: 'end', value: { site: { state: 'ask' } } });
  const screen = background.screen();
  expect(await screen.call('tab-sites', { tabId: senderOf().tab?.id ?? 0 })).toMatchObject([{ subject: site }]);
  await screen.call('site-set', { subject: site, action: 'use-browser' });
  page.request('2', { type: 'language-model' });
  expect(await page.settled('2')).toMatchObject({ value: { by: 'browser', site: { state: 'ask' } } });
  const nobody = background.page({ ...senderOf(), origin: 'null' });
  nobody.request('1', { type: 'language-model' });
  expect(await nobody.settled('1')).toMatchObject({ value: { site: { state: 'ask' } } });
});

test('a document with a permission hears that somebody else answers its LanguageModel, and no other does', async () => {
  await background.connect();
  const page = background.page();
  page.request('1', generate);
  await background.decide('allow-always');
  await page.settled('1');
  const stranger = background.page(senderOf({ origin: 'https://other.test', documentId: 'document-2', tabId: 2 }));
  stranger.request('1', { type: 'language-model' });
  await stranger.settled('1');
  for (const top of [site.top, 'https://other.test' as never])
    await background.screen().call('site-set', { subject: { top }, action: 'use-oriel' });
  await eventually(() => expect(page.frames).toContainEqual({ v: 1, type: 'event', event: { type: 'language-model-changed' } }));
  expect(stranger.frames.some((frame) => frame.type === 'event')).toBe(false);
});
