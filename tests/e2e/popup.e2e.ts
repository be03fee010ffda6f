/** What the popup says of the tab that it is opened over, by what is really in its page. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examine } from '../support/examine';
import { browserNames, type Oriel, openOriel } from './support/oriel';
import { api, bystander } from './support/own-page';

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name);
    await oriel.connect();
  });
  afterAll(() => oriel?.close());

  test('over a page that did not ask yet it says so: Oriel is there', async () => {
    const site = await oriel.visit('quiet.localhost');
    const popup = await oriel.popupOverLastTab();
    await popup.waitForText('No site in this tab has asked for a model.');
    expect(await popup.text()).not.toContain('cannot be used');
    await popup.close();
    await site.close();
  });

  test('over a page that no extension may be in it says that, and over one from before Oriel came it offers to reload it', async () => {
    const closed = await bystander(oriel);
    const popup = await oriel.popupOverLastTab();
    await popup.waitForText(/Oriel cannot be used on this page/);
    await examine(popup);
    const tabId = Number(new URL(await popup.url()).searchParams.get('tab'));
    // As the background notes it when it is installed; one that starts later reads it.
    await closed.evaluate(`${api}.storage.session.set({ 'tabs-before': [${tabId}] })`);
    await oriel.browser.killBackground();
    await popup.goto(await popup.url());
    await popup.waitForRole('button', 'Reload this tab');
    await examine(popup);
    await closed.evaluate('window.isOld = true');
    await popup.click('button', 'Reload this tab');
    await expect.poll(() => closed.evaluate('window.isOld === true'), { timeout: 5000 }).toBe(false);
    await closed.close();
  });
});
