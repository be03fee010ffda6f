/** The list of connections as a person arranges it, by keyboard alone. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { examine } from '../support/examine';
import { browserNames, callOf, type Oriel, openOriel, settled, start, until } from './support/oriel';

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name);
  });
  afterAll(() => oriel?.close());

  const open = async () => {
    const page = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#connections'));
    await page.waitForRole('heading', 'Connections');
    return page;
  };
  const titles = async (page: TestPage) => (await page.names('article')).map((title) => title.trim());
  const focus = (page: TestPage) =>
    page.evaluate(() => {
      const { activeElement } = document;
      const row = activeElement?.closest('article')?.querySelector('h2')?.textContent;
      return [row, activeElement?.getAttribute('aria-label') ?? activeElement?.textContent].filter(Boolean).join(': ');
    });
  /** Tab by Tab, as a person without a pointer goes. */
  const tabTo = async (page: TestPage, place: string) => {
    for (let steps = 0; steps < 80; steps += 1) {
      if ((await focus(page)) === place) return;
      await page.press('Tab');
    }
    throw new Error(`No Tab leads to ${place}; the last place was ${await focus(page)}.`);
  };

  test('a duplicate stands after the first one, with its key; both are moved and the keyboard follows', async () => {
    await oriel.connect({ name: 'Work', key: 'sk-of-work-0123456789' });
    await oriel.connect({ name: 'Home' });
    const page = await open();
    expect(await titles(page)).toEqual(['Work', 'Home']);
    await tabTo(page, 'Work: Duplicate');
    await page.press('Enter');
    await page.waitForRole('heading', 'Work 2');
    expect(await titles(page)).toEqual(['Work', 'Work 2', 'Home']);
    await tabTo(page, 'Home: Move up');
    await page.press('Enter');
    await page.waitForText('Home is now 2 of 3.').catch(() => undefined);
    await until(async () => (await titles(page)).join() === 'Work,Home,Work 2');
    await until(async () => (await focus(page)) === 'Home: Move up');
    await page.press('Enter');
    await until(async () => (await titles(page)).join() === 'Home,Work,Work 2');
    await until(async () => (await focus(page)) === 'Home: Move up');
    await examine(page);
    await page.close();

    const again = await open();
    expect(await titles(again)).toEqual(['Home', 'Work', 'Work 2']);
    await again.click('button', 'Use', { nth: 1 });
    await again.close();
    await oriel.grant();
    expect(oriel.backend.fault.requests.at(-1)?.headers.authorization).toBe('Bearer sk-of-work-0123456789');
  });

  test('a removed connection comes back by Undo with its key, and answers again', async () => {
    const page = await open();
    await page.click('button', 'Remove', { nth: 2 });
    await page.waitForText('Work 2 was removed, and its key with it.');
    expect(await titles(page)).toEqual(['Home', 'Work']);
    await examine(page);
    // The keyboard stands on Undo already.
    await until(async () => (await focus(page)) === 'Undo');
    await page.press('Enter');
    await page.waitForText('It is back.');
    await until(async () => (await titles(page)).join() === 'Home,Work,Work 2');
    await page.close();
    const site = await oriel.visit('localhost');
    const call = await start(site, { prompt: 'again' });
    await settled(site, call);
    expect((await callOf(site, call)).state).toBe('resolved');
    expect(oriel.backend.fault.requests.at(-1)?.headers.authorization).toBe('Bearer sk-of-work-0123456789');
    await site.close();
  });

  test('export and import stand beside the connections', async () => {
    const page = await open();
    await page.click('button', 'Export');
    await page.waitForRole('dialog', 'Export to a file');
    await examine(page);
    await page.press('Escape');
    await page.click('button', 'Import');
    await page.waitForRole('dialog', 'Import a file');
    await page.close();
  });
});
