/**
 * Front ends of others, unmodified, from npm's registry: they take the base URL of OpenAI's API and know nothing of Oriel (docs/front-ends.md). The person
 * switched Oriel on for the site.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchPackage } from '../support/fetched-package';
import { answerApproval, browserNames, type Oriel, openOriel, until } from './support/oriel';

const chat = fetchPackage('deep-chat', '2.4.2');
const agent = fetchPackage('page-agent', '1.12.4');

const chatPage = `<!doctype html><meta charset="utf-8"><title>Deep Chat</title><deep-chat></deep-chat>
<script type="module">
  import './front-end.js';
  const chat = document.querySelector('deep-chat');
  chat.directConnection = { openAI: { key: 'any', completions: { model: 'gpt-4o' } } };
  chat.connect = { url: 'https://oriel.invalid/v1/chat/completions', stream: true };
  window.send = (text) => void chat.submitUserMessage({ text });
  window.said = () => chat.getMessages().map(({ role, text }) => role + ': ' + text).join('\\n');
</script>`;

const agentPage = `<!doctype html><meta charset="utf-8"><title>Page Agent</title><h1>A page</h1>
<script src="front-end.js?autoInit=false"></script>
<script>
  let result = '';
  window.send = async (task) => {
    const agent = new PageAgent({ model: 'gpt-4o', baseURL: 'https://oriel.invalid/v1', apiKey: 'any', language: 'en-US' });
    result = (await agent.execute(task)).data;
  };
  window.said = () => result;
</script>`;

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name, {
      models: ['front-model'],
      chunkDelayMs: 20,
      answer: ({ tools }) => {
        const done = { action: { done: { text: 'Nothing was to do.', success: true } } };
        const goals = { evaluation_previous_goal: 'none', memory: 'none', next_goal: 'none' };
        return tools?.[0]
          ? { toolCalls: [{ name: tools[0].function.name, arguments: { ...goals, ...done } }] }
          : 'Streamed to the end.';
      },
    });
    await oriel.connect();
  });
  afterAll(() => oriel?.close());

  test.for([
    ['Deep Chat 2.4.2', 'localhost', chat, 'dist/deepChat.bundle.js', chatPage, 'user: Hello\nai: Streamed to the end.'],
    ['Page Agent 1.12.4', '127.0.0.1', agent, 'dist/iife/page-agent.demo.js', agentPage, 'Nothing was to do.'],
  ] as const)('%s is answered by Oriel', async ([, host, found, file, html, said], { skip }) => {
    if ('missing' in found) return skip(found.missing);
    oriel.pages.page('/', html);
    oriel.pages.file('/front-end.js', readFileSync(join(found.path, file)), 'text/javascript');
    const url = oriel.pages.url('/', host);
    const before = await oriel.browser.newPage(url);
    const popup = await oriel.popupOverLastTab();
    await popup.click('checkbox', 'Answer OpenAI requests here');
    await popup.waitForText(/Reload the page/);
    await popup.close();
    await before.close();

    const page = await oriel.browser.newPage(url);
    await until(() => page.evaluate<boolean, []>("typeof window.send === 'function'"));
    await page.press('a');
    await page.evaluate("void send('Hello')");
    await answerApproval(oriel.browser, 'Allow this visit');
    await until(async () => (await page.evaluate<string, []>('window.said()')) === said);
    expect(oriel.backend.chats.at(-1)?.model).toBe('front-model');
    await page.close();
  });
});
