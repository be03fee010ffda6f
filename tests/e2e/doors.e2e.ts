/** Every door of the first run by keys alone, and the card that leads there: nothing of it needs a mouse. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { startAnthropicServer } from '../support/servers/anthropic-server';
import { startHordeServer } from '../support/servers/horde-server';
import { startOllamaServer } from '../support/servers/ollama-server';
import { startOpenRouterServer } from '../support/servers/openrouter-server';
import { startVendors, type Vendors } from '../support/vendors';
import { begin, focusOf, tabTo } from './support/first-run';
import { browserNames, delay, type Oriel, openOriel, settled, start, until } from './support/oriel';
import { atUsualPort } from './support/usual-port';

const claudeKey = 'sk-ant-api03-0123456789abcdef';

/** Tabs to it and presses Enter. */
async function enter(page: TestPage, focus: string): Promise<void> {
  await tabTo(page, focus);
  await page.press('Enter');
}

/** The heading has the focus, so that the next Tab is in what it is about. */
const isConnected = async (page: TestPage, name: string) => {
  await page.waitForRole('heading', `${name} is connected`);
  await until(async () => (await focusOf(page)) === `h1 ${name} is connected`);
};

describe.each(browserNames)('%s', (name) => {
  let vendors: Vendors;
  let oriel: Oriel;
  const hosts = new Map<string, number>();

  beforeAll(async () => {
    vendors = await startVendors(hosts);
    oriel = await openOriel(name, {}, { vendors });
  });
  afterAll(async () => {
    await oriel?.close();
    await vendors?.close();
  });

  test('a server on this computer', async () => {
    const { server, port } = await atUsualPort((at) => startOllamaServer({ port: at }));
    try {
      const page = await begin(oriel);
      await enter(page, 'button On this computer');
      await page.waitForText(`Ollama at 127.0.0.1:${port}`);
      const found = [...(await page.text()).matchAll(/ at 127\.0\.0\.1:(\d+)/g)].map(([, at]) => Number(at));
      for (let place = 0; place <= found.indexOf(port); place += 1) await tabTo(page, 'button Connect');
      await page.press('Enter');
      await isConnected(page, 'Ollama');
      await page.close();
    } finally {
      await server.close();
    }
  });

  test('signing in', async () => {
    const openRouter = await startOpenRouterServer();
    hosts.set('openrouter.ai', openRouter.fault.port);
    try {
      const page = await begin(oriel);
      await enter(page, 'button Sign in');
      await until(async () => (await focusOf(page)) === 'h3 Sign in');
      await enter(page, 'button Sign in with OpenRouter');
      const theirs = await oriel.browser.waitForPage('openrouter.ai/auth', 10_000);
      await theirs.waitForRole('link', 'Authorize');
      await enter(theirs, 'a Authorize');
      await isConnected(page, 'OpenRouter');
      await page.close();
    } finally {
      hosts.delete('openrouter.ai');
      await openRouter.close();
    }
  });

  test('a key', async () => {
    const claude = await startAnthropicServer({ apiKey: claudeKey });
    hosts.set('api.anthropic.com', claude.fault.port);
    try {
      const page = await begin(oriel);
      await enter(page, 'button I have a key or a server');
      await until(async () => (await focusOf(page)) === 'input Key or address');
      for (const key of claudeKey) await page.press(key);
      await page.waitForText(/A key from Anthropic Claude\./);
      await enter(page, 'button Connect');
      await isConnected(page, 'Anthropic Claude');
      await page.close();
    } finally {
      hosts.delete('api.anthropic.com');
      await claude.close();
    }
  });

  test('AI Horde', async () => {
    const horde = await startHordeServer();
    hosts.set('aihorde.net', horde.fault.port);
    try {
      const page = await begin(oriel);
      await enter(page, 'button AI Horde');
      await until(async () => (await focusOf(page)) === 'h3 AI Horde');
      await enter(page, 'button Use AI Horde');
      await isConnected(page, 'AI Horde');
      await page.close();
    } finally {
      hosts.delete('aihorde.net');
      await horde.close();
    }
  });

  test('"Set one up" of a card, and the same call is answered', async () => {
    await begin(oriel).then((page) => page.close());
    const site = await oriel.visit('by-keys.localhost');
    const call = await start(site, { prompt: 'by keys' });
    const approval = await oriel.browser.waitForPage('approval.html', 10_000);
    await approval.waitForRole('button', 'Set one up');
    await enter(approval, 'button Set one up');
    const page = await oriel.browser.waitForPage('welcome.html', 10_000);
    await page.waitForText(/by-keys\.localhost:\d+ waits for an answer\./);
    await enter(page, 'button I have a key or a server');
    await until(async () => (await focusOf(page)) === 'input Key or address');
    for (const key of oriel.backend.baseUrl.replace('http://', '').replace('/v1', '')) await page.press(key);
    await page.press('Enter');
    await page.waitForRole('button', 'Allow this visit', { timeoutMs: 10_000 });
    // Its buttons are dead at first.
    await delay(900);
    await enter(page, 'button Allow this visit');
    expect(await settled(site, call)).toMatchObject({ state: 'resolved', value: [{ text: 'You said: by keys' }] });
    await site.close();
  });
});
