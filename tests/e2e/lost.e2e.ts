/** The browser has thrown the database away while the background was dead, as Chromium may after a full disk: the person is told. */

import { expect, test } from 'vitest';
import { browserNames, openOriel, until } from './support/oriel';
import { bystander } from './support/own-page';

test.each(browserNames)('%s: popup and Connections say that what was saved is gone, until that is read', async (name) => {
  const oriel = await openOriel(name, {}, { rawLifetime: true });
  const open = (path: string) => oriel.browser.newPage(oriel.browser.extensionUrl(path));
  try {
    await oriel.connect();
    const own = await bystander(oriel);
    await oriel.browser.killBackground();
    await own.evaluate(
      () =>
        new Promise<void>((resolve, reject) => {
          const request = indexedDB.deleteDatabase('oriel');
          request.onsuccess = () => resolve();
          request.onerror = () => reject(request.error);
          request.onblocked = () => reject(new Error('The background still has it.'));
        }),
    );
    const popup = await open('popup.html');
    await popup.waitForText('What Oriel had saved is gone');
    const options = await open('options.html#connections');
    await options.waitForText('What Oriel had saved is gone');
    await options.click('button', 'Dismiss');
    for (const page of [popup, options]) await until(async () => !(await page.text()).includes('is gone'));
    expect(await popup.hasRole('button', 'Set up a model')).toBe(true);
  } finally {
    await oriel.close();
  }
});
