/** The main flows by keyboard alone, and what a screen reader is given on the way. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { browserNames, delay, type Oriel, openOriel, settled, start, until } from './support/oriel';

/** How long an approval's buttons are dead, and a little more. */
const inputDelay = 900;

/** Where the keyboard is: `button Connect`, `input Name`. */
const focusOf = (page: TestPage): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLInputElement | null;
    if (!element) return '';
    const label = [...(element.labels ?? [])].map(({ textContent }) => textContent).join(' ');
    const name = element.getAttribute('aria-label') ?? (label || element.textContent);
    return `${element.localName} ${name?.replace(/\s+/g, ' ').trim()}`;
  });

/** Presses Tab until it is there; says what it met where it never is. */
async function tabTo(page: TestPage, wanted: string | RegExp, key = 'Tab'): Promise<void> {
  const met: string[] = [];
  for (let presses = 0; presses < 40; presses += 1) {
    const focus = await focusOf(page);
    if (typeof wanted === 'string' ? focus === wanted : wanted.test(focus)) return;
    met.push(focus);
    await page.press(key);
  }
  throw new Error(`${key} never reaches ${wanted}. It met: ${met.join(' | ')}`);
}

/** What a screen reader is given, whatever port the site has this time. */
const tree = async (page: TestPage) => (await page.accessibilityTree?.())?.map((line) => line.replace(/:\d+/, ':PORT'));

async function type(page: TestPage, text: string): Promise<void> {
  for (const letter of text) await page.press(letter);
}

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name);
  });
  afterAll(() => oriel?.close());

  const screen = (path: string) => oriel.browser.newPage(oriel.browser.extensionUrl(path));
  const card = async () => {
    const approval = await oriel.browser.waitForPage('approval.html', 10_000);
    await approval.waitForRole('button', "Don't allow");
    await delay(inputDelay);
    return approval;
  };

  test('connects a server', async () => {
    const page = await screen('options.html#connections');
    await page.waitForRole('button', 'Add connection');
    await tabTo(page, 'button Add connection');
    await page.press('Enter');
    await page.waitForRole('dialog', 'Add connection');
    await tabTo(page, /^select Provider/);
    await type(page, 'OpenAI-c');
    await page.waitForRole('textbox', 'Server address');
    await tabTo(page, 'input Server address');
    await type(page, oriel.backend.baseUrl);
    await tabTo(page, 'button Connect');
    await page.press('Enter');
    await page.waitForRole('heading', new URL(oriel.backend.baseUrl).host);
    await page.waitForNoRole('dialog');
    await page.close();
  });

  test('a dialog keeps the keyboard, gives it back, and Escape closes it', async () => {
    const page = await screen('options.html#connections');
    await page.waitForRole('button', 'Add connection');
    await tabTo(page, 'button Add connection');
    await page.press('Enter');
    await page.waitForRole('dialog', 'Add connection');
    await page.press('Escape');
    await page.waitForNoRole('dialog');
    // The browser gives it back after the dialog has gone.
    await until(async () => (await focusOf(page)) === 'button Add connection');
    await page.close();
  });

  test('every page of the options is reached', async () => {
    const page = await screen('options.html#connections');
    await page.waitForRole('navigation');
    for (const title of ['Sites', 'Usage', 'Activity', 'Security', 'About']) {
      await tabTo(page, `a ${title}`);
      await page.press('Enter');
      await until(async () => (await page.names('heading')).some((heading) => heading === title || heading === 'Oriel'));
      await until(async () => (await page.url()).endsWith(`#${title.toLowerCase()}`));
    }
    await page.close();
  });

  test('a call is refused with Escape and allowed with Tab and Enter', async () => {
    const site = await oriel.visit('keys.localhost');
    const first = await start(site, { prompt: 'hello' });
    const refusing = await card();
    expect(await focusOf(refusing)).toBe("button Don't allow");
    await refusing.press('Escape');
    await refusing.waitForClose();
    expect(await settled(site, first)).toMatchObject({ state: 'rejected' });
    const second = await start(site, { prompt: 'hello' });
    const allowing = await card();
    await tabTo(allowing, 'button Allow this visit');
    await allowing.press('Enter');
    await allowing.waitForClose();
    expect(await settled(site, second)).toMatchObject({ state: 'resolved' });
  });

  test('in the popup a model is searched, starred and chosen, and the site loses its permission', async () => {
    const popup = await oriel.popupOverLastTab();
    await popup.waitForRole('combobox', 'Model');
    await popup.waitForRole('button', 'Revoke');
    await tabTo(popup, /^input Model/);
    await popup.press('ArrowDown');
    await popup.waitForRole('option', /test-model-large/);
    await type(popup, 'large');
    await popup.waitForText(/1 of \d+ models/);
    await popup.press('Shift+Enter');
    await popup.waitForRole('option', /Favourite/);
    await popup.press('Enter');
    await popup.waitForNoRole('listbox', 'Model');
    expect(await popup.evaluate<string, []>('document.activeElement.value')).toBe('test-model-large');
    await tabTo(popup, 'button Revoke');
    await popup.press('Enter');
    await popup.waitForText('Asks before each visit');
    await tabTo(popup, 'a Settings', 'Shift+Tab');
    await popup.close();
  });

  test('a screen reader is given the popup and the approval with their names, states and order', async ({ skip }) => {
    if (name === 'firefox') return skip('WebDriver BiDi gives no accessibility tree');
    const site = await oriel.visit('reader.localhost');
    const call = await start(site, { prompt: 'hello' });
    const approval = await card();
    expect(await tree(approval)).toMatchInlineSnapshot(`
        [
          "main",
          "status (live polite)",
          "article "http://reader.localhost:PORT wants to use your AI"",
          "heading "http://reader.localhost:PORT wants to use your AI" (level 1)",
          "group "Answered by test-model-large · 127.0.0.1:PORT · on this computer"",
          "button "Change who answers"",
          "group "Free"",
          "button "Change the budget"",
          "button "Don't allow" (focused)",
          "button "Allow this visit"",
          "button "Always allow"",
          "group",
          "DisclosureTriangle "More"",
        ]
      `);
    const popup = await oriel.popupOverLastTab();
    await popup.waitForRole('button', 'Always allow');
    await delay(inputDelay);
    expect(await tree(popup)).toMatchInlineSnapshot(`
        [
          "banner",
          "heading "Oriel" (level 1)",
          "link "Open chat"",
          "link "Settings"",
          "main",
          "heading "Waiting for you" (level 2)",
          "list "Waiting for you"",
          "listitem (level 1)",
          "article "http://reader.localhost:PORT wants to use your AI"",
          "heading "http://reader.localhost:PORT wants to use your AI" (level 3)",
          "group "Answered by test-model-large · 127.0.0.1:PORT · on this computer"",
          "button "Change who answers"",
          "group "Free"",
          "button "Change the budget"",
          "button "Don't allow" (focused)",
          "button "Allow this visit"",
          "button "Always allow"",
          "group",
          "DisclosureTriangle "More"",
          "combobox "Active connection"",
          "option "127.0.0.1:PORT"",
          "combobox "Model"",
          "region "This site"",
          "heading "This site" (level 2)",
        ]
      `);
    await popup.close();
    await approval.press('Escape');
    await settled(site, call);
  });
});
