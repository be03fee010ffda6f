/** Every screen as it is built: nothing wider than the window at 320 px, and nothing that axe finds, in light and dark. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { examine } from '../support/examine';
import { respondJson, startFaultServer } from '../support/faultd';
import { browserNames, delay, type Oriel, openOriel, settled, start } from './support/oriel';
import { atUsualPort } from './support/usual-port';

const openAll = (page: TestPage) =>
  page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name);
  });
  afterAll(() => oriel?.close());

  const screen = (path: string) => oriel.browser.newPage(oriel.browser.extensionUrl(path));

  test('with nothing connected', async () => {
    for (const path of ['popup.html', 'options.html', 'options.html#sites', 'options.html#security', 'options.html#about']) {
      const page = await screen(path);
      await page.waitForRole(path === 'popup.html' ? 'main' : 'navigation');
      await examine(page);
      await page.close();
    }
  });

  test('the dialog for a new connection, for each provider', async () => {
    const page = await screen('options.html#connections/add');
    for (const provider of ['OpenAI', 'OpenRouter', 'OpenAI-compatible server']) {
      await page.select('Provider', provider);
      await page.waitForRole('button', 'Connect');
      await examine(page);
    }
    await page.close();
  });

  test('everything under Advanced, and what is wrong with it', async () => {
    const page = await screen('options.html#connections/add');
    for (const provider of ['KoboldCPP', 'OpenAI-compatible server']) {
      await page.select('Provider', provider);
      await page.waitForRole('button', 'Connect');
      await openAll(page);
      await page.fill('Top P', '95');
      await page.click('button', 'Connect');
      await page.waitForText(/A number from 0 to 1\./);
      await examine(page);
    }
    await page.close();
  });

  test('"Find local servers" lists a server at a usual port, and connects it', async () => {
    const { server, port } = await atUsualPort((at) => startFaultServer({ port: at }));
    try {
      server.on('GET', '/v1/models', respondJson(200, { object: 'list', data: [{ id: 'tiny', object: 'model' }] }));
      const page = await screen('options.html#connections');
      await page.click('button', 'Find local servers');
      await page.waitForText(`127.0.0.1:${port}`);
      await page.waitForText(/Offers tiny/);
      await examine(page);
      // Others may answer too, on the machine of whoever runs this.
      const found = [...(await page.text()).matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, at]) => Number(at));
      await page.click('button', 'Connect', { nth: found.indexOf(port) });
      await page.waitForText(/Model: tiny/);
      await page.click('button', 'Remove', { nth: 0 });
      await page.waitForText(/Connect your first model/);
      await page.close();
    } finally {
      await server.close();
    }
  });

  test('a card, then a refusal, a failure and a connection that needs attention', async () => {
    await oriel.connect();
    const site = await oriel.visit('a-rather-long-name-of-a-site.with-many-parts.localhost');
    const call = await start(site, { prompt: `A long text ${'that wraps '.repeat(40)}` });
    const approval = await oriel.browser.waitForPage('approval.html');
    await approval.waitForRole('button', 'Always allow');
    // Until its buttons live, it looks as if it faded in.
    await delay(1200);
    await examine(approval);
    await approval.click('button', 'More');
    await approval.click('button', 'Show request');
    await approval.waitForText(/that wraps/);
    await examine(approval);
    await approval.click('button', 'Change who answers', { within: { role: 'group', name: /^Answered by/ } });
    await approval.click('button', 'Edit');
    await approval.waitForRole('textbox', 'User');
    await examine(approval);
    const popup = await oriel.popup();
    await popup.waitForRole('button', 'Always allow');
    await delay(1200);
    await examine(popup);
    await popup.close();

    const elsewhere = await startFaultServer();
    oriel.backend.fault.on('POST', '/v1/chat/completions', [{ type: 'redirect', to: elsewhere.url, status: 302 }]);
    // The click that brings the window to the front is no yes.
    await approval.click('button', 'More');
    await delay(900);
    await approval.click('button', 'Allow this visit');
    expect(await settled(site, call)).toMatchObject({ state: 'rejected' });
    await elsewhere.close();
    for (const path of ['popup.html', 'options.html#connections', 'options.html#sites']) {
      const page = await screen(path);
      await page.waitForText(path.endsWith('sites') ? /localhost/ : /pointed to another address/);
      await examine(page);
      if (path.endsWith('sites')) {
        await page.click('button', 'Rules');
        await page.waitForRole('dialog', /^Rules for/);
        await examine(page);
        await openAll(page);
        await examine(page);
      }
      await page.close();
    }
    await site.close();
  });
});
