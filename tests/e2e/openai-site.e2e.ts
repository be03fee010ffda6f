/** A front end that knows nothing of Oriel and lets one type the base URL of OpenAI's API: it works where the person switched that on, and nowhere else is anything touched. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { answerApproval, browserNames, type Oriel, openOriel, until } from './support/oriel';
import { api } from './support/own-page';

const frontEnd = `<!doctype html><meta charset="utf-8"><title>A front end</title>
<label>Base URL <input id="base"></label><label>Message <input id="message"></label><button id="send">Send</button><output id="answer"></output>
<script>
  const native = fetch;
  window.pieces = 0;
  document.querySelector('#send').onclick = async () => {
    const answer = document.querySelector('#answer');
    answer.textContent = '';
    try {
      const response = await fetch(document.querySelector('#base').value + '/chat/completions', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: 'Bearer sk-none' },
        body: JSON.stringify({ model: 'gpt-4o', stream: true, messages: [{ role: 'user', content: document.querySelector('#message').value }] }),
      });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ''; ; ) {
        const { value, done } = await reader.read();
        if (done) break;
        window.pieces += 1;
        const lines = (rest + value).split('\\n');
        rest = lines.pop();
        for (const line of lines) {
          if (!line.startsWith('data: ') || line === 'data: [DONE]') continue;
          answer.textContent += JSON.parse(line.slice(6)).choices[0]?.delta.content ?? '';
        }
      }
    } catch (error) {
      answer.textContent = 'Failed: ' + error.name;
    }
  };
</script>`;

const label = 'Answer OpenAI requests here';

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name, { answer: () => 'Streamed in several pieces.', chunkDelayMs: 200 });
    oriel.pages.page('/front', frontEnd);
    oriel.pages.page('/other', 'Something else');
    await oriel.connect();
  });
  afterAll(() => oriel?.close());

  const answerOf = (page: TestPage) => page.evaluate<string, []>("document.querySelector('#answer').textContent");
  const send = async (page: TestPage) => {
    await page.fill('Base URL', 'https://oriel.invalid/v1');
    await page.fill('Message', 'Hello');
    await page.click('button', 'Send');
  };
  const isTouched = (page: TestPage) =>
    page.evaluate<boolean, []>('!/native code/.test(Function.prototype.toString.call(window.fetch))');

  const switchTo = async (isOn: boolean) => {
    const popup = await oriel.popupOverLastTab();
    await popup.waitForRole('checkbox', label);
    await popup.click('checkbox', label);
    await popup.waitForText(/Reload the page/);
    expect(await popup.evaluate("document.querySelector('input[type=checkbox]').checked")).toBe(isOn);
    await popup.close();
  };

  test('before it is switched on, the address leads nowhere and no function of the page is touched', async () => {
    const page = await oriel.browser.newPage(oriel.pages.url('/front', 'localhost'));
    await send(page);
    await until(async () => (await answerOf(page)) === 'Failed: TypeError');
    expect(await isTouched(page)).toBe(false);
    await switchTo(true);
    // A page that is open keeps its functions until it is loaded again.
    expect(await isTouched(page)).toBe(false);
    await page.close();
  });

  test('then the front end works unmodified: it asks like every page, and its answer streams', async () => {
    const page = await oriel.browser.newPage(oriel.pages.url('/front', 'localhost'));
    await send(page);
    await answerApproval(oriel.browser, 'Always allow');
    await until(async () => (await answerOf(page)) === 'Streamed in several pieces.');
    expect(await page.evaluate<number, []>('window.pieces')).toBeGreaterThan(2);
    expect(oriel.backend.chats.at(-1)).toMatchObject({ messages: [{ role: 'user', content: 'Hello' }] });
    // All other requests go where they went.
    expect(await page.evaluate("fetch('/other').then((response) => response.text())")).toContain('Something else');
    expect(await page.evaluate("fetch(new URL('/other', location.href)).then(({ status }) => status)")).toBe(200);
    expect(
      await page.evaluate(
        "fetch(new Request('https://oriel.invalid/v1/models')).then((response) => response.json()).then(({ object }) => object)",
      ),
    ).toBe('list');
    await page.close();
  });

  test('on every other site nothing is touched', async () => {
    const page = await oriel.browser.newPage(oriel.pages.url('/front', '127.0.0.1'));
    expect(await isTouched(page)).toBe(false);
    await send(page);
    await until(async () => (await answerOf(page)) === 'Failed: TypeError');
    await page.close();
  });

  test('switched off, the script is gone from the browser, and from the site when it is loaded again', async () => {
    const page = await oriel.browser.newPage(oriel.pages.url('/front', 'localhost'));
    expect(await isTouched(page)).toBe(true);
    await switchTo(false);
    await page.goto(oriel.pages.url('/front', 'localhost'));
    expect(await isTouched(page)).toBe(false);
    const settings = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html'));
    expect(await settings.evaluate(`${api}.scripting.getRegisteredContentScripts()`)).toEqual([]);
    await settings.close();
    await page.close();
  });
});
