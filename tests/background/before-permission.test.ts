/** What a page learns before it is allowed anything: the same, whatever is connected, locked or broken (security.md 5.2). */
import { expect, test } from 'vitest';
import { limits } from '../../protocol/limits';
import type { Wire } from '../protocol/support/wire';
import { failing } from './support/backend';
import { type Background, createBackground, serverAddress } from './support/background';
import { eventually } from './support/eventually';
import { protection } from './support/vault';

const generate = { type: 'generate', request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] } };
const site = { top: 'https://site.test' as never };

/** The first part may still act on the sites, which the locked vault refuses; the second one leaves the state as it is to be. */
const states: Readonly<Record<string, (background: Background, before: () => Promise<unknown>) => Promise<unknown>>> = {
  'nothing is connected': async (_background, before) => before(),
  'one server is connected': async (background, before) => {
    await background.connect();
    await before();
  },
  'five are connected': async (background, before) => {
    for (let port = 0; port < 5; port += 1)
      await background
        .screen()
        .call('connection-add', { providerId: 'openai-compatible', baseUrl: `http://127.0.0.1:${8000 + port}` });
    await before();
  },
  'the server is down': async (background, before) => {
    background.backend.list = () => Promise.reject(new TypeError('fetch failed'));
    background.backend.answer = () => Promise.reject(new TypeError('fetch failed'));
    await background.screen().call('connection-add', { providerId: 'openai-compatible', baseUrl: serverAddress });
    await before();
  },
  'the key is refused': async (background, before) => {
    background.backend.list = () => failing(401, { message: 'no' });
    await background.connect();
    await before();
  },
  'the vault is unlocked': async (background, before) => {
    await background.connect();
    await background.screen().call('vault-protect', { next: protection(1) });
    await before();
  },
  'the vault is locked': async (background, before) => {
    await background.connect();
    await background.screen().call('vault-protect', { next: protection(1) });
    await before();
    await background.screen().call('vault-lock', {});
  },
};

/** What a page can do, and what it is told. */
const scripts: Readonly<
  Record<
    string,
    { before?: (background: Background) => Promise<unknown>; ask: (page: Wire, background: Background) => Promise<unknown> }
  >
> = {
  'asks for the model': {
    async ask(page) {
      page.request('1', { type: 'current-model' });
      await page.settled('1');
    },
  },
  'asks what can be done, for the models, and how long a request is': {
    async ask(page) {
      page.request('1', { type: 'capabilities' });
      page.request('2', { type: 'capabilities', session: 'one' });
      page.request('3', { type: 'models' });
      page.request('4', { type: 'measure', ...generate.request });
      for (const id of ['1', '2', '3', '4']) await page.settled(id);
    },
  },
  'asks for permission alone and waits': {
    async ask(page) {
      page.request('1', { type: 'connect', scopes: ['tools'] }, false);
      await page.until(({ type }) => type === 'waiting');
      await new Promise((resolve) => setTimeout(resolve, 30));
    },
  },
  'asks for an answer that cannot be checked': {
    async ask(page) {
      page.request('1', {
        type: 'generate',
        request: { ...generate.request, responseFormat: { type: 'regexp', source: '(?=a)', flags: '' } },
      });
      await page.settled('1');
    },
  },
  'asks for an answer and waits': {
    async ask(page) {
      page.request('1', generate, false);
      await page.until(({ type }) => type === 'waiting');
      // Whatever else would follow without the person.
      await new Promise((resolve) => setTimeout(resolve, 30));
    },
  },
  'asks, and the person closes the window': {
    async ask(page, background) {
      const { browser } = background;
      page.request('1', generate);
      await eventually(() => expect(browser.windows.size).toBe(1));
      // As the window does, where it has a card to show.
      const [card] = (await background.screen().call('overview', {})).approvals;
      if (card) await background.screen().call('approval-shown', { id: card.id });
      await browser.closeWindow(1);
      await page.settled('1');
    },
  },
  'asks, and gives up': {
    async ask(page) {
      page.request('1', generate);
      await page.until(({ type }) => type === 'waiting');
      page.send({ v: 1, type: 'abort', id: '1' });
      await page.settled('1');
    },
  },
  'asks although it is blocked': {
    before: (background) => background.screen().call('site-set', { subject: site, action: 'block' }),
    async ask(page) {
      page.request('1', generate);
      await page.settled('1');
    },
  },
  'asks too often at once': {
    async ask(page) {
      for (let call = 0; call <= limits.queuePerSubject; call += 1) page.request(`${call}`, generate, false);
      await page.until(({ type }) => type === 'error');
      await eventually(() =>
        expect(page.frames.filter(({ type }) => type === 'waiting')).toHaveLength(limits.queuePerSubject + 1),
      );
    },
  },
  'asks nonsense': {
    async ask(page) {
      page.request('1', { type: 'vault-lock', input: {} });
      await page.settled('1');
    },
  },
};

const told = async (script: string, state: string) => {
  const { before, ask } = scripts[script] ?? {};
  const background = createBackground();
  await states[state]?.(background, async () => before?.(background));
  const page = background.page();
  await ask?.(page, background);
  // Which of the calls that came at once is told what, and in which order, hangs on chance.
  return page.frames.map((frame) => JSON.stringify({ ...frame, id: undefined })).sort();
};

test.each(Object.keys(scripts))('T45 a site without permission that %s is told the same in every state', async (script) => {
  const expected = await told(script, 'nothing is connected');
  expect(expected.length).toBeGreaterThan(0);
  for (const state of Object.keys(states)) expect(await told(script, state), state).toEqual(expected);
});
