/** From nothing to an answer in German and in Chinese: every control is found by its translated name, and the screens hold its length. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { examine } from '../support/examine';
import { type Translated, translated } from './support/language';
import { browserNames, delay, type Oriel, openOriel, settled, start } from './support/oriel';

/** How long an approval's buttons are dead, and a little more. */
const inputDelay = 900;
const languages = [
  { locale: 'de', tag: 'de', price: /0,00\s\$/ },
  { locale: 'zh_CN', tag: 'zh-CN', price: /US\$0\.00/ },
];
const cases = browserNames.flatMap((name) => languages.map((language) => ({ name, ...language })));

const langOf = (page: TestPage): Promise<string> => page.evaluate(() => document.documentElement.lang);

describe.each(cases)('$name in $locale', ({ name, locale, tag, price }) => {
  let oriel: Oriel;
  let translation: Translated;

  beforeAll(async () => {
    translation = translated(name, locale);
    oriel = await openOriel(name, {}, { extension: translation.extension });
  });
  afterAll(async () => {
    await oriel?.close();
    translation?.remove();
  });

  const screen = (path: string) => oriel.browser.newPage(oriel.browser.extensionUrl(path));

  test('a server is connected, a site asks, is allowed and gets its answer', async () => {
    const { words } = translation;
    const options = await screen('options.html#connections/add');
    expect(await langOf(options)).toBe(tag);
    await options.select(words('form.provider'), words('provider.openAiCompatible'));
    await options.fill(words('form.name'), 'My server');
    await options.fill(words('form.address'), oriel.backend.baseUrl);
    await options.click('button', words('form.connect'));
    await options.waitForRole('heading', 'My server');
    await options.close();

    const site = await oriel.visit();
    const call = await start(site, { prompt: 'Hallo, 你好' });
    const approval = await oriel.browser.waitForPage('approval.html', 10_000);
    await approval.waitForRole('button', words('approval.allowVisit'));
    expect(await langOf(approval)).toBe(tag);
    for (const key of ['approval.deny', 'approval.allowAlways', 'approval.more']) {
      expect(await approval.hasRole('button', words(key)), key).toBe(true);
    }
    await delay(inputDelay);
    await examine(approval);
    const popup = await screen('popup.html');
    await popup.waitForText(words('popup.waiting'));
    await delay(inputDelay);
    await examine(popup);
    await popup.close();
    // The click that brings the window to the front is no yes.
    await approval.click('button', words('approval.more'));
    await delay(inputDelay);
    await approval.click('button', words('approval.allowVisit'));
    expect(await settled(site, call)).toMatchObject({ state: 'resolved' });

    const after = await oriel.popupOverLastTab();
    await after.waitForText(words('thisSite.stateVisit'));
    expect(await langOf(after)).toBe(tag);
    await examine(after);
    await after.click('button', words('thisSite.revoke'));
    await after.waitForText(words('thisSite.stateNone'));
    await after.close();
  });

  test('money is written as this language does', async () => {
    const options = await screen('options.html#usage');
    await options.waitForText(translation.words('usage.byPlace'));
    expect(await options.text()).toMatch(price);
    await options.close();
  });

  test('no page is wider than its window, and axe finds nothing', async () => {
    for (const path of ['connections', 'connections/add', 'sites', 'usage', 'activity', 'security', 'about']) {
      const page = await screen(`options.html#${path}`);
      // A dialog takes what is behind it away.
      if (path.endsWith('add')) await page.waitForRole('button', translation.words('form.connect'));
      else await page.waitForRole('navigation', translation.words('options.navigation'));
      await examine(page);
      await page.close();
    }
    for (const path of ['welcome.html', 'sidepanel.html']) {
      const page = await screen(path);
      await page.waitForRole('main');
      await examine(page);
      await page.close();
    }
  });
});
