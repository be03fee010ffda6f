import { test } from 'vitest';
import type { TestPage } from '../support/browser';
import { startKoboldCppServer } from '../support/servers/koboldcpp-server';
import { startOllamaServer } from '../support/servers/ollama-server';
import { delay, openOriel, start } from './support/oriel';

const shoot = async (page: TestPage, name: string, only?: number[]) => {
  for (const dark of [false, true])
    for (const width of only ?? [320, 700, 1200]) {
      await page.setViewport(width, 800);
      const h = await page.evaluate<number, []>(
        'Math.max(500, Math.min(2600, document.querySelector(".welcome")?.scrollHeight ?? 800))',
      );
      await page.screenshot(`/tmp/shots/${name}-${width}-${dark ? 'dark' : 'light'}.png`, { dark, width, height: h });
    }
  await page.setViewport(1200, 900);
};
test('shots', async () => {
  const ollama = await startOllamaServer({ port: 11434 } as never).catch(() => undefined);
  const kobold = await startKoboldCppServer({ password: 'sesame', port: 5001 } as never).catch(() => undefined);
  console.log(ollama?.fault.port, kobold?.fault.port);
  const o = await openOriel('chromium', {}, { firstRun: true });
  try {
    const page = await o.browser.waitForPage('welcome.html');
    await page.waitForRole('heading', 'Welcome to Oriel');
    await shoot(page, '1-start');
    await page.click('button', 'On this computer');
    await delay(3000);
    await shoot(page, '2-computer');
    await page.click('button', 'Sign in');
    await shoot(page, '3-signin');
    await page.click('button', 'I have a key or a server');
    await shoot(page, '4-key');
    await page.fill('Key or address', 'sk-ant-0123456789012345');
    await shoot(page, '4b-anthropic');
    await page.fill('Key or address', 'sk-0123456789012345');
    await page.click('button', 'Connect');
    await shoot(page, '4c-ambiguous');
    await page.fill('Key or address', '127.0.0.1:1');
    await page.click('button', 'Connect');
    await page.waitForText(/Nothing answers/);
    await shoot(page, '4d-nothing');
    await page.click('button', 'AI Horde');
    await shoot(page, '5-horde');
    const site = await o.visit('writer.localhost');
    await start(site, { prompt: 'Tell me' });
    await o.browser.waitForPage('approval.html');
    await page.waitForText(/waits for an answer/);
    await shoot(page, '6-waits');
    await page.click('button', 'I have a key or a server');
    o.backend.set({ apiKey: 'right-0123456789' });
    await page.fill('Key or address', o.backend.baseUrl);
    await page.click('button', 'Connect');
    await page.waitForText(/does not answer yet/);
    await shoot(page, '7-unfinished');
    await page.fill('API key', 'right-0123456789');
    await page.click('button', 'Connect');
    await page.waitForText(/is connected/);
    await delay(900);
    await shoot(page, '8-card');
    await page.click('button', 'Allow this visit');
    await page.waitForText(/gets its answer now/);
    await shoot(page, '9-back');
    await page.click('button', 'Send');
    await page.waitForText(/You said/);
    await delay(500);
    await shoot(page, '10-answer');
  } finally {
    await o.close();
    await ollama?.close();
    await kobold?.close();
  }
}, 120000);
