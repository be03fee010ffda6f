/** The chat in the built extension: its page opened in a tab, which both browsers can do headless. */

import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { examine } from '../support/examine';
import { momentOf, stopsWithin } from './support/limits';
import { browserNames, delay, type Oriel, openOriel, until } from './support/oriel';

const showcase = `Here is **all** of it, in *one* answer with \`inline code\`:

## Steps
1. First
2. Second, with a [link](https://example.com/path?with=query)
   - nested

> A quotation

| Name | Value |
|---|---|
| pi | 3.14159 |

\`\`\`ts
const answer = await window.ai.generateText({ prompt: 'a line of code that is longer than any panel is wide' });
\`\`\``;

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name);
  });
  afterAll(() => oriel?.close());

  const openChat = () => oriel.browser.newPage(oriel.browser.extensionUrl('sidepanel.html'));
  const ask = async (chat: TestPage, text: string) => {
    await chat.fill('Message', text);
    await chat.click('button', 'Send');
  };
  const lastChat = () => oriel.backend.chats.at(-1)?.messages.map(({ role, content }) => [role, content]);

  test('with nothing connected it says what to do', async () => {
    const chat = await openChat();
    await chat.waitForRole('button', 'Set up a model');
    expect(await chat.hasRole('textbox', 'Message')).toBe(false);
    await examine(chat);
    await chat.close();
  });

  test('a question is answered while it streams, the next one takes the conversation along, and no site got anything', async () => {
    await oriel.connect();
    oriel.backend.set({ chunkDelayMs: 40, answer: () => 'one two three four five six seven eight nine ten end.' });
    const chat = await openChat();
    await chat.waitForText(/Ask test-model/);
    await ask(chat, 'Count, please');
    await chat.waitForText(/one two/);
    expect(await chat.text()).not.toContain('end.');
    expect(await chat.hasRole('button', 'Stop')).toBe(true);
    await chat.waitForText(/end\./);
    await chat.waitForRole('button', 'Retry');
    oriel.backend.set({ chunkDelayMs: 0, answer: () => 'Again.' });
    await chat.select('Active connection', 'My server');
    await chat.fill('Model', 'test-model-large');
    await chat.click('option', /test-model-large/);
    await chat.waitForRole('textbox', 'Message');
    await ask(chat, 'And again');
    await chat.waitForText(/Again\./);
    expect(oriel.backend.chats.at(-1)?.model).toBe('test-model-large');
    expect(lastChat()).toEqual([
      ['user', 'Count, please'],
      ['assistant', 'one two three four five six seven eight nine ten end.'],
      ['user', 'And again'],
    ]);
    await chat.close();
    const sites = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#sites'));
    await sites.waitForRole('navigation');
    expect(await sites.text()).not.toMatch(/oriel:chat|Revoke/);
    await sites.close();
  });

  test('Stop closes the upstream socket and keeps what has come; so does closing the panel', async () => {
    oriel.backend.set({ chunkDelayMs: 50, answer: () => 'word '.repeat(400) });
    const chat = await openChat();
    await ask(chat, 'Go on and on');
    await chat.waitForText(/word word/);
    const popup = await oriel.popup();
    await popup.waitForText(/Chat/);
    await popup.waitForRole('button', 'Stop everything');
    await popup.close();
    const request = oriel.backend.fault.requests.length - 1;
    const since = await momentOf(chat, () => chat.click('button', 'Stop'));
    expect(await oriel.backend.fault.closedAfter(request, since)).toBeLessThan(stopsWithin);
    await chat.waitForText(/Stopped\./);
    expect(await chat.text()).toMatch(/word word/);
    await chat.click('button', 'Retry');
    await until(async () => oriel.backend.fault.requests.length > request + 1);
    await chat.waitForText(/word word/);
    const closing = performance.now();
    await chat.close();
    expect(await oriel.backend.fault.closedAfter(request + 1, closing)).toBeLessThan(stopsWithin);
  });

  test('an edited question replaces what came after it', async () => {
    oriel.backend.set({ chunkDelayMs: 0, answer: ({ messages }) => `Answer ${messages.length}` });
    const chat = await openChat();
    await ask(chat, 'First');
    await chat.waitForText(/Answer 1/);
    await ask(chat, 'Second');
    await chat.waitForText(/Answer 3/);
    await chat.click('button', 'Edit', { nth: 0 });
    await chat.fill('Your message', 'Changed');
    await chat.click('button', 'Send again');
    await until(async () => !(await chat.text()).includes('Second'));
    await chat.waitForText(/Answer 1/);
    expect(lastChat()).toEqual([['user', 'Changed']]);
    await chat.click('button', 'New conversation');
    await chat.waitForText(/Ask test-model/);
    await chat.close();
  });

  test('T61 what a model writes loads nothing; a link leads on only when it is clicked, and tells nobody where from', async () => {
    const at = (path: string) => oriel.pages.url(path, 'collector.localhost');
    const arrived = () => oriel.pages.requests.filter((request) => request.includes('collector'));
    const html = `<img src="${at('/html.png')}"><iframe src="${at('/frame')}"></iframe><link rel="prefetch" href="${at('/prefetch')}">`;
    // The attack works where a page takes the same words for markup.
    const victim = await oriel.visit('localhost');
    await victim.evaluate((markup: string) => document.body.insertAdjacentHTML('beforeend', markup), html);
    await until(async () => arrived().some((request) => request.includes('/html.png')));
    await victim.close();
    await delay(300);
    const before = arrived().length;

    oriel.backend.set({
      answer: () =>
        [
          html,
          `![cat](${at('/cat.png')})`,
          `[page](${at('/')})`,
          `<style>*{background:url(${at('/css')})}</style>`,
          'done.',
        ].join('\n\n'),
    });
    const chat = await openChat();
    await ask(chat, 'Show me');
    await chat.waitForText(/done\./);
    await delay(1000);
    expect(arrived()).toHaveLength(before);
    expect(await chat.evaluate(() => document.querySelectorAll('img, iframe, link[rel="prefetch"], style').length)).toBe(0);
    await chat.click('link', /^page/);
    const opened = await oriel.browser.waitForPage('collector.localhost');
    await opened.waitForRole('button', 'Use the page');
    expect(await opened.evaluate(() => [window.opener === null, document.referrer])).toEqual([true, '']);
    await opened.close();
    await chat.close();
  });

  test('an answer with everything in it: 320 px, light and dark, nothing that axe finds', async () => {
    oriel.backend.set({ answer: () => ({ text: showcase, reasoning: 'They want to see it all.' }) });
    const chat = await openChat();
    await ask(chat, 'Show me everything you can write, in one answer, please.');
    await chat.waitForText(/any panel is wide/);
    await chat.waitForRole('button', 'Retry');
    await examine(chat);
    await chat.click('button', 'Edit');
    await chat.waitForRole('button', 'Send again');
    await examine(chat);
    await chat.close();
  });

  test('what fails is said with the way to mend it', async () => {
    oriel.backend.fault.on('POST', '/v1/chat/completions', [
      { type: 'status', code: 401 },
      { type: 'write', data: '{"error":{"message":"Incorrect API key"}}' },
      { type: 'end' },
    ]);
    const chat = await openChat();
    await ask(chat, 'Hello');
    await chat.waitForRole('link', 'Fix');
    await examine(chat);
    await chat.close();
  });

  test('"Open chat" in the popup opens the panel beside the page, and the page menu has its entry', async () => {
    const options = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html'));
    /** Panels are no tabs: the extension itself is asked. */
    const panels = () =>
      options.evaluate(async () => {
        const api = (globalThis as unknown as { browser?: typeof chrome; chrome: typeof chrome }).browser ?? chrome;
        if (api.sidePanel)
          return (await api.runtime.getContexts({ contextTypes: ['SIDE_PANEL' as chrome.runtime.ContextType] })).length;
        return api.extension.getViews({ type: 'sidebar' as chrome.extension.ViewType }).length;
      });
    expect(await panels()).toBe(0);
    const popup = await oriel.popup();
    await popup.click('link', 'Open chat');
    await popup.waitForClose();
    await until(async () => (await panels()) === 1);
    // It throws where there is no such entry.
    await options.evaluate(async () => {
      const { contextMenus } = (globalThis as unknown as { browser?: typeof chrome; chrome: typeof chrome }).browser ?? chrome;
      await contextMenus.update('ask-selection', { contexts: ['selection'] });
    });
    await options.close();
  });
});
