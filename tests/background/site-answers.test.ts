/** What a page may learn without an answer of a model, spoken to over its port. */
import { beforeEach, expect, test } from 'vitest';
import type { Part } from '../../protocol/generate';
import type { Wire } from '../protocol/support/wire';
import { type Background, createBackground } from './support/background';
import { senderOf } from './support/pages';

const messages = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }];
const generate = { type: 'generate', request: { messages } };
const site = { top: 'https://site.test' as never };

let background: Background;
let page: Wire;
let count = 0;
beforeEach(() => {
  background = createBackground();
  page = background.page();
});

const ask = async (call: unknown, wire = page) => {
  count += 1;
  wire.request(`${count}`, call);
  const frame = await wire.settled(`${count}`);
  return frame.type === 'end' ? frame.value : frame;
};
const capabilities = () => ask({ type: 'capabilities' });
const models = () => ask({ type: 'models' });

/** The list of the server, as OpenRouter writes such lists. */
const describe = (...list: object[]) => {
  background.backend.list = () => Response.json({ data: list });
};
const big = {
  id: 'm-1',
  context_length: 200_000,
  architecture: { input_modalities: ['text', 'image'] },
  supported_parameters: ['tools', 'structured_outputs'],
  top_provider: { max_completion_tokens: 9000 },
};

const allow = async (...scopes: string[]) => {
  count += 1;
  page.request(`${count}`, { type: 'connect', scopes });
  await background.decide('allow-visit');
  return page.settled(`${count}`);
};

const cards = async () => (await background.screen().call('overview', {})).approvals;

test('T45 before a permission the answers are the same, whatever is connected, and nobody is asked', async () => {
  const look = async () => [await capabilities(), await models()];
  const before = await look();
  describe(big);
  await background.connect();
  expect(await look()).toEqual(before);
  expect(before).toEqual([{ state: 'ask' }, [{ id: 'default' }]]);
  expect(await cards()).toEqual([]);
});

test('a site with a permission learns what its model can do', async () => {
  describe(big);
  await background.connect();
  expect(await allow()).toMatchObject({
    type: 'end',
    value: {
      state: 'allowed',
      scopes: ['generate', 'models.read'],
      model: { id: 'm-1', contextTokens: 200_000, maxOutputTokens: 9000, inputs: ['text', 'image'] },
    },
  });
  expect(await capabilities()).toMatchObject({ model: { capabilities: ['tools', 'json-schema'] } });
});

test('no price, no name of a connection and no address is in any of it', async () => {
  describe({ ...big, pricing: { prompt: '0.000001', completion: '0.000002' } });
  await background.connect();
  await allow('models.choose');
  const told = JSON.stringify([await capabilities(), await models()]);
  expect(told).toContain('m-1');
  for (const secret of ['pric', '1000000', '127.0.0.1', 'OpenAI', 'connection', 'loaded']) expect(told).not.toContain(secret);
});

test('without the permission to read names a model has the fixed one, and a context that many have', async () => {
  describe({ ...big, id: 'm-1' }, { id: 'm-2', context_length: 5000 });
  const { id } = await background.connect();
  await allow();
  // Nothing in the interface takes the name away; a card of a later version might not give it.
  const visits = background.browser.session.entries.get('visits') as Record<string, { grant: { scopes: string[] } }>;
  for (const visit of Object.values(visits)) visit.grant.scopes = ['generate'];
  background.restart();
  page = background.page();
  await background.screen().call('models', { id });
  expect(await capabilities()).toMatchObject({ scopes: ['generate'], model: { id: 'default', contextTokens: 128_000 } });
  expect(JSON.stringify(await models())).not.toContain('m-1');
  await background.screen().call('model-use', { id, model: 'm-2' });
  expect(await capabilities()).toMatchObject({ model: { id: 'default', contextTokens: 5000 } });
  describe({ id: 'm-3' });
  await background.screen().call('models', { id });
  await background.screen().call('model-use', { id, model: 'm-3' });
  expect(await capabilities()).toEqual({ state: 'allowed', scopes: ['generate'], model: { id: 'default' } });
});

test('the context that the person gives a model is what pages count with, where its server has not loaded less', async () => {
  describe({ id: 'm-1' }, { id: 'm-2', context_length: 5000 });
  const { id } = await background.connect();
  const screen = background.screen();
  const set = (contextTokens: number) =>
    screen.call('connection-update', {
      id,
      options: { models: { 'm-1': { contextTokens }, 'm-2': { contextTokens } } },
    } as never);
  await set(8000);
  await allow('models.choose');
  expect(await models()).toEqual([
    { id: 'm-1', contextTokens: 8000 },
    { id: 'm-2', contextTokens: 5000 },
  ]);
  await set(4000);
  expect(await models()).toEqual([
    { id: 'm-1', contextTokens: 4000 },
    { id: 'm-2', contextTokens: 4000 },
  ]);
  expect(await capabilities()).toMatchObject({ model: { contextTokens: 4000 } });
  // One that its server does not list.
  await screen.call('connection-update', { id, defaultModel: 'm-9', options: { contextTokens: 3000 } } as never);
  expect(await capabilities()).toMatchObject({ model: { id: 'm-9', contextTokens: 3000 } });
});

test('who may choose a model and not read its name sees the one that answers', async () => {
  await background.connect();
  await allow('models.choose');
  const visits = background.browser.session.entries.get('visits') as Record<string, { grant: { scopes: string[] } }>;
  for (const visit of Object.values(visits)) visit.grant.scopes = ['generate', 'models.choose'];
  background.restart();
  page = background.page();
  expect(await models()).toEqual([{ id: 'default' }]);
});

test('a site that may not choose sees the one model that answers it, and one that may sees them all', async () => {
  await background.connect();
  await allow();
  expect(await models()).toEqual([{ id: 'm-1' }]);
  await allow('models.choose');
  expect(await models()).toEqual([{ id: 'm-1' }, { id: 'm-2' }]);
});

test('a site that was allowed some models sees those, and the one that answers it', async () => {
  background.backend.models = ['m-1', 'm-2', 'm-3'];
  await background.connect();
  await allow('models.choose');
  const visits = background.browser.session.entries.get('visits') as Record<string, { grant: { models: string[] } }>;
  for (const visit of Object.values(visits)) visit.grant.models = ['m-3'];
  background.restart();
  page = background.page();
  expect(await models()).toEqual([{ id: 'm-1' }, { id: 'm-3' }]);
});

test('a backend that does not tell its list has one model to offer', async () => {
  await background.connect();
  await allow('models.choose');
  background.backend.list = () => Promise.reject(new TypeError('fetch failed'));
  expect(await models()).toEqual([{ id: 'm-1' }]);
});

test('where the model is not known yet it has the fixed name', async () => {
  background.backend.list = () => Promise.reject(new TypeError('fetch failed'));
  await background.connect();
  await allow();
  expect(await capabilities()).toMatchObject({ state: 'allowed', model: { id: 'default' } });
});

test.each(['block', 'revoke'] as const)('after %s a site knows nothing again', async (action) => {
  await background.connect();
  await allow('models.choose');
  await background.screen().call('site-set', { subject: site, action });
  expect(await capabilities()).toEqual({ state: 'ask' });
  expect(await models()).toEqual([{ id: 'default' }]);
});

test('where nothing is connected any more, the next call asks again', async () => {
  const { id } = await background.connect();
  await allow();
  await background.screen().call('connection-remove', { id });
  expect(await capabilities()).toEqual({ state: 'ask' });
});

const measure = (...content: Part[]) => ask({ type: 'measure', messages: [{ role: 'user', content }] });

test('a measure is an estimate that needs no permission, no connection and no backend', async () => {
  expect(await measure({ type: 'text', text: 'x'.repeat(42) })).toEqual({ tokens: 10.5, estimated: true });
  await background.connect();
  const sent = background.backend.sent.length;
  expect(await measure({ type: 'text', text: 'x'.repeat(42) })).toEqual({ tokens: 10.5, estimated: true });
  expect(await measure({ type: 'image', mediaType: 'image/png', data: 'AAAA' })).toMatchObject({ tokens: 1000 });
  expect(background.backend.sent).toHaveLength(sent);
  expect(await cards()).toEqual([]);
});

test('a sandboxed document is told what everybody is told', async () => {
  await background.connect();
  const wire = background.page({ ...senderOf(), origin: 'null' });
  expect(await ask({ type: 'capabilities' }, wire)).toEqual({ state: 'ask' });
  expect(await ask({ type: 'models' }, wire)).toEqual([{ id: 'default' }]);
  expect(await ask({ type: 'connect', scopes: [] }, wire)).toMatchObject({ error: { code: 'not-allowed' } });
});

// Permission without an answer.

test('a site may ask for permission alone: the card says for what, nothing is sent, and the next call goes on', async () => {
  await background.connect();
  page.request('c', { type: 'connect', scopes: ['image.in', 'tools'] });
  const card = await background.card();
  expect(card).toMatchObject({ wishes: ['tools', 'image.in'] });
  expect(await background.screen().call('approval-content', { id: card.id })).toEqual({ messages: [] });
  await background.decide('allow-always');
  expect(await page.settled('c')).toMatchObject({
    value: { state: 'allowed', scopes: ['generate', 'models.read', 'tools', 'image.in'] },
  });
  expect(background.backend.completions()).toEqual([]);
  await ask(generate);
  expect(background.backend.completions()).toHaveLength(1);
});

test('what a site holds already is not asked for again', async () => {
  await background.connect();
  await allow('image.in');
  expect(await ask({ type: 'connect', scopes: ['image.in'] })).toMatchObject({ state: 'allowed' });
  expect(await cards()).toEqual([]);
});

test('a wish that is refused is a refusal like any other', async () => {
  await background.connect();
  page.request('c', { type: 'connect', scopes: [] });
  await background.decide('deny');
  expect(await page.settled('c')).toMatchObject({ type: 'error', error: { code: 'not-allowed' } });
});

test('a site that is asked about each call is given nothing beforehand, and its wish goes through at once', async () => {
  await background.connect();
  const rule = { fallback: [], onlyThisComputer: false, asksEveryTime: true, mapped: [] };
  await background.screen().call('site-rule-set', { subject: site, rule, choosesModel: false });
  expect(await ask({ type: 'connect', scopes: ['tools'] })).toEqual({ state: 'ask' });
  expect(await cards()).toEqual([]);
});

// Sessions of a LanguageModel.

const inSession = (session: string) => ({ ...generate, session });

test('Only this request is for a session that one session, and for no other call of the site', async () => {
  await background.connect();
  page.request('1', inSession('a'));
  expect(await background.card()).toMatchObject({ isSession: true });
  await background.decide('allow-request');
  expect(await page.settled('1')).toMatchObject({ type: 'end' });
  expect(await ask(inSession('a'))).toBeUndefined();
  expect(background.backend.completions()).toHaveLength(2);
  for (const other of [inSession('b'), generate]) {
    page.request('2', other);
    await background.decide('deny');
    expect(await page.settled('2')).toMatchObject({ error: { code: 'not-allowed' } });
    await background.screen().call('site-set', { subject: site, action: 'ask-again' });
  }
});

test('a session of the same name in another document is another one', async () => {
  await background.connect();
  page.request('1', inSession('a'));
  await background.decide('allow-request');
  await page.settled('1');
  const other = background.page(senderOf({ documentId: 'document-2' }));
  other.request('1', inSession('a'));
  await background.decide('deny');
  expect(await other.settled('1')).toMatchObject({ error: { code: 'not-allowed' } });
});

test('a session that was allowed text is asked about images, and then holds both', async () => {
  await background.connect();
  const image = { role: 'user', content: [{ type: 'image', mediaType: 'image/png', data: 'AAAA' }] };
  page.request('1', inSession('a'));
  await background.decide('allow-request');
  await page.settled('1');
  page.request('2', { type: 'generate', request: { messages: [image] }, session: 'a' });
  expect(await background.card()).toMatchObject({ wishes: ['image.in'] });
  await background.decide('allow-request');
  await page.settled('2');
  expect(await ask({ type: 'capabilities', session: 'a' })).toMatchObject({ scopes: ['generate', 'models.read', 'image.in'] });
  expect(await capabilities()).toEqual({ state: 'ask' });
});

test('a session can be asked for before its first prompt', async () => {
  await background.connect();
  page.request('1', { type: 'connect', scopes: [], session: 'a' });
  await background.decide('allow-request');
  expect(await page.settled('1')).toMatchObject({ value: { state: 'allowed' } });
  expect(await ask(inSession('a'))).toBeUndefined();
});

test('T43 Revoke ends every session of the site, and This site shows that there is something to revoke', async () => {
  await background.connect();
  page.request('1', inSession('a'));
  await background.decide('allow-request');
  await page.settled('1');
  expect(await background.screen().call('tab-sites', { tabId: 1 })).toMatchObject([{ state: { type: 'visit' } }]);
  await background.screen().call('site-set', { subject: site, action: 'revoke' });
  page.request('2', inSession('a'));
  await background.decide('deny');
  expect(await page.settled('2')).toMatchObject({ error: { code: 'not-allowed' } });
});
