/** The screens with a contrast theme and without motion: what can be pressed keeps its edge, what has the focus or is chosen still shows it, nothing moves. */

import { expect, test } from 'vitest';
import { atRest, unmarked } from '../support/adapted';
import type { TestPage } from '../support/browser';
import { browserNames, type Oriel, openOriel, start } from './support/oriel';

/** In Chromium each page is told; Firefox is started so. */
const firefoxPreferences = { 'ui.prefersReducedMotion': 1, 'browser.display.document_color_use': 2 };

/** @returns what is wrong with it */
async function look(page: TestPage): Promise<string[]> {
  await page.emulateAdapted?.();
  expect(await page.evaluate(() => matchMedia('(forced-colors: active) and (prefers-reduced-motion: reduce)').matches)).toBe(
    true,
  );
  const folder = process.env.ORIEL_SHOTS;
  if (folder) {
    const name = (await page.url())
      .split('/')
      .at(-1)
      ?.replace(/[^a-z]+/g, '-');
    await page.screenshot(`${folder}/adapted-${name}.png`);
  }
  return [...(await page.evaluate(unmarked)), ...(await page.evaluate(atRest))];
}

const screens: readonly [path: string, ready: (page: TestPage, oriel: Oriel) => Promise<void>][] = [
  ['options.html#connections', (page) => page.waitForRole('button', 'Test')],
  ['options.html#connections/add', (page) => page.click('button', 'Advanced')],
  ['options.html#sites', (page) => page.waitForRole('button', 'Edit budget')],
  ['options.html#usage', (page) => page.waitForRole('radio', 'This month')],
  ['options.html#activity', (page) => page.waitForText('No call yet')],
  ['options.html#security', (page) => page.waitForRole('button', 'Export')],
  ['sidepanel.html', (page) => page.waitForRole('textbox', 'Message')],
];

test.each(browserNames)('%s', async (name) => {
  const oriel = await openOriel(name, {}, { firstRun: true, firefoxPreferences });
  try {
    const welcome = await oriel.browser.waitForPage('welcome.html', 15_000);
    await welcome.click('button', 'I have a key or a server');
    expect(await look(welcome)).toEqual([]);
    await welcome.close();
    await oriel.connect();
    for (const [path, ready] of screens) {
      const page = await oriel.browser.newPage(oriel.browser.extensionUrl(path));
      await ready(page, oriel);
      expect(await look(page), path).toEqual([]);
      await page.close();
    }
    const site = await oriel.visit('contrast.localhost');
    await start(site, { prompt: 'hello' });
    const approval = await oriel.browser.waitForPage('approval.html', 10_000);
    await approval.waitForRole('button', 'Always allow');
    await approval.click('button', 'More');
    expect(await look(approval)).toEqual([]);
    const popup = await oriel.popupOverLastTab();
    await popup.waitForRole('button', 'Always allow');
    expect(await look(popup)).toEqual([]);
    await popup.click('combobox', 'Model');
    await popup.waitForRole('option', /test-model-large/);
    expect(await popup.evaluate(unmarked)).toEqual([]);
  } finally {
    await oriel.close();
  }
});
