/** The person limits Oriel to some sites: what that keeps away is named, with the way to give it, in the connection form and after it. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FaultServer, respondJson, startFaultServer } from '../support/faultd';
import { browserNames, type Oriel, openOriel } from './support/oriel';
import { api } from './support/own-page';
import { setAccess } from './support/site-access';

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;
  /** It answers, but says nothing of other origins, as most servers at home do. */
  let server: FaultServer;

  beforeAll(async () => {
    server = await startFaultServer();
    server.on('GET', '/v1/models', () => respondJson(200, { data: [{ id: 'm', object: 'model' }] }));
    oriel = await openOriel(name);
  });
  afterAll(async () => {
    await oriel?.close();
    await server?.close();
  });

  test('a server that is there is not said to be off where the browser keeps Oriel away from it', async () => {
    await setAccess(oriel, false);
    const options = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#connections/add'));
    expect(await options.evaluate(`${api}.permissions.contains({ origins: ['http://127.0.0.1/*'] })`)).toBe(false);
    await options.select('Provider', 'OpenAI-compatible server');
    await options.fill('Name', 'Mine');
    await options.fill('Server address', `http://127.0.0.1:${server.port}/v1`);
    await options.click('button', 'Connect');
    await options.waitForText(`Your browser does not let Oriel reach 127.0.0.1:${server.port}.`);
    await options.waitForText(name === 'firefox' ? 'Open about:addons' : 'set Site access to “On all sites”');

    await setAccess(oriel, true);
    await options.click('button', 'Connect');
    await options.waitForRole('heading', 'Mine');

    await setAccess(oriel, false);
    await options.click('button', 'Test');
    await options.waitForText(`Your browser does not let Oriel reach 127.0.0.1:${server.port}.`);
    await server.close();
    await setAccess(oriel, true);
    await options.click('button', 'Test');
    await options.waitForText(`Nothing answers at 127.0.0.1:${server.port}.`);
    await options.close();
  });

  test('over a page that the person keeps Oriel away from, the popup says that it cannot be used there', async () => {
    const said = async () => {
      const page = await oriel.visit('kept-away.localhost');
      const hasOriel = await page.evaluate('"ai" in window');
      const popup = await oriel.popupOverLastTab();
      await popup.waitForText(hasOriel ? 'No site in this tab has asked for a model.' : 'Oriel cannot be used on this page.');
      await popup.close();
      await page.close();
      return hasOriel;
    };
    await setAccess(oriel, false);
    expect(await said()).toBe(false);
    await setAccess(oriel, true);
    expect(await said()).toBe(true);
  });
});
