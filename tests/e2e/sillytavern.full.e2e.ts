/**
 * SillyTavern from npm's registry with the extension of `adapters/sillytavern/` in it: its own page, its own server, its own code; a person's Oriel in the
 * browser: connecting, as its README tells people to. What a chat sends and shows is tested in node (tests/adapters/sillytavern.test.ts).
 */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { missingSillyTavern, type SillyTavern, startSillyTavern } from '../support/sillytavern';
import { answerApproval, browserNames, delay, type Oriel, openOriel, until } from './support/oriel';

/** What SillyTavern's page has for its extensions. */
interface OfPage {
  readonly $: (selector: string) => { val(value: string | number): { trigger(event: string): void } };
}
declare const window: OfPage;

const missing = missingSillyTavern();

/** Firefox was not tried. */
const browsers = browserNames.filter((name) => name === 'chromium');

describe.each(browsers)('%s', (name) => {
  let oriel: Oriel;
  let tavern: SillyTavern;
  let page: TestPage;

  beforeAll(async () => {
    if (missing !== undefined) return;
    tavern = await startSillyTavern('adapters/sillytavern');
    oriel = await openOriel(name, { models: ['tavern-model'] });
    await oriel.connect();
    page = await openTavern(tavern.origin);
  }, 300_000);
  afterAll(async () => {
    await oriel?.close();
    tavern?.close();
  });
  beforeEach(({ skip }) => {
    if (missing !== undefined) skip(missing);
  });

  /** Waits for SillyTavern, gives the name that it asks for, and chooses what the README says under "API Connections". */
  async function openTavern(origin: string): Promise<TestPage> {
    const opened = await oriel.browser.newPage(origin);
    await opened.waitForText(/SillyTavern is aimed at advanced users|Temporary Chat/, 60_000);
    await delay(1000);
    if (await opened.hasRole('textbox', 'Type a message, or /? for help')) await delay(500);
    await opened.evaluate("document.querySelector('.popup-button-ok')?.click()");
    await delay(500);
    await opened.click('button', 'API Connections', { nth: 0 });
    // Its lists have no names that a screen reader could say.
    await opened.evaluate(() => {
      window.$('#main_api').val('openai').trigger('change');
      window.$('#chat_completion_source').val('custom').trigger('change');
    });
    await opened.fill('Example: http://localhost:1234/v1', 'https://oriel.invalid/v1');
    await opened.evaluate(() => window.$('#custom_api_url_text').val('https://oriel.invalid/v1').trigger('input'));
    return opened;
  }

  const toasts = (from: TestPage) => from.evaluate<string, []>("document.querySelector('#toast-container')?.innerText ?? ''");
  test('"Connect" asks the person in Oriel, and then lists what answers', async () => {
    await page.click('button', 'Connect');
    await answerApproval(oriel.browser, 'Always allow');
    await page.waitForText('Valid');
    expect(
      await page.evaluate("[...document.querySelectorAll('#model_custom_select option')].map(({ value }) => value)"),
    ).toEqual(['', 'tavern-model']);
    expect(await page.evaluate("document.querySelector('#custom_model_id').value")).toBe('tavern-model');
    await page.click('button', 'API Connections', { nth: 0 });
  });

  test('after Oriel’s refusal of a site that came unencrypted, the person is told why', async () => {
    const plain = await openTavern(tavern.origin.replace('127.0.0.1', 'tavern.test'));
    await plain.click('button', 'Connect');
    await until(async () => /Oriel answers SillyTavern over https/.test(await toasts(plain)));
    await plain.close();
  });
});
