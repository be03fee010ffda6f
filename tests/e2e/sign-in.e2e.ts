/** Signing in with OpenRouter as people do: the button, the provider's page, and a key that spends no more than was said. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OpenRouterServer, startOpenRouterServer } from '../support/servers/openrouter-server';
import { startVendors, type Vendors } from '../support/vendors';
import { answerApproval, browserNames, type Oriel, openOriel, settled, start } from './support/oriel';

describe.each(browserNames)('%s', (name) => {
  let vendors: Vendors;
  let openRouter: OpenRouterServer;
  let oriel: Oriel;

  beforeAll(async () => {
    openRouter = await startOpenRouterServer();
    vendors = await startVendors(new Map([['openrouter.ai', openRouter.fault.port]]));
    oriel = await openOriel(name, {}, { vendors });
  });
  afterAll(async () => {
    await oriel?.close();
    await vendors?.close();
    await openRouter?.close();
  });

  test('T76 signing in gives a key with the limit that was asked for, and it answers a page', async () => {
    const options = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#connections/add'));
    await options.select('Provider', 'OpenRouter');
    await options.click('button', 'Sign in with OpenRouter');
    const theirs = await oriel.browser.waitForPage('openrouter.ai/auth', 10_000);
    await theirs.click('link', 'Authorize');
    await options.waitForText(/\$5\.00 left of \$5\.00 a month/, 10_000);
    const [terms] = [...openRouter.keys.values()];
    expect(terms).toMatchObject({ limit: 5, limit_reset: 'monthly' });
    // No page of Oriel holds the key.
    const [key = 'none'] = openRouter.keys.keys();
    expect(await options.evaluate(() => document.documentElement.outerHTML)).not.toContain(key);
    await options.close();
    const page = await oriel.visit();
    const call = await start(page, { prompt: 'Hi' });
    await answerApproval(oriel.browser, 'Allow this visit');
    expect(await settled(page, call)).toMatchObject({ state: 'resolved' });
    await page.close();
  });

  test('a sign-in that is closed says so, and saves nothing', async () => {
    const before = openRouter.keys.size;
    const options = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#connections/add'));
    await options.select('Provider', 'OpenRouter');
    await options.click('button', 'Sign in with OpenRouter');
    const theirs = await oriel.browser.waitForPage('openrouter.ai/auth', 10_000);
    await theirs.close();
    await options.waitForText(/You are not signed in/, 10_000);
    expect(openRouter.keys.size).toBe(before);
    await options.close();
  });
});
