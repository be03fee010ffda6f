/** Who answers a site: its rules, whoever stands in, what never leaves this computer, and what a grant does not hold. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OpenAiServer, startOpenAiServer } from '../support/servers/openai-server';
import { answerApproval, browserNames, callOf, type Oriel, openOriel, settled, start } from './support/oriel';
import { changeRules } from './support/rules';

/** A name of the local network as far as Oriel knows; the browsers are told that it is this machine. */
const networkHost = 'modelbox.home';
const launch = {
  chromiumArguments: [`--host-resolver-rules=MAP *.test 127.0.0.1, MAP ${networkHost} 127.0.0.1`],
  firefoxPreferences: { 'network.dns.localDomains': networkHost },
};

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;
  let second: OpenAiServer;

  beforeAll(async () => {
    oriel = await openOriel(name, { answer: () => 'from the first' }, launch);
    second = await startOpenAiServer({ answer: () => 'from the second' });
    await oriel.connect({ name: 'First' });
    await oriel.connect({ name: 'Second', address: second.baseUrl });
  });
  afterAll(async () => {
    await second?.close();
    await oriel?.close();
  });

  test('a site of this computer only is not answered over the network, whichever connection is active', async () => {
    const address = second.baseUrl.replace('127.0.0.1', networkHost);
    await oriel.connect({ name: 'Network', address });
    await oriel.grant('home.localhost');
    await changeRules(oriel, 'home.localhost', async (settings) => {
      await settings.select('Connection', 'Network');
      await settings.click('checkbox', 'This computer only');
    });
    const before = [oriel.backend.chats.length, second.chats.length];
    const page = await oriel.visit('home.localhost');
    const refused = await settled(page, await start(page, { prompt: 'a secret of this house' }));
    expect(refused).toMatchObject({ state: 'rejected', error: 'PERMISSION_DENIED' });
    expect([oriel.backend.chats.length, second.chats.length]).toEqual(before);
    // Where one on this computer stands in, it answers; the one on the network is not even tried.
    await changeRules(oriel, 'home.localhost', (settings) => settings.select('Add a connection', 'First'));
    const answered = await settled(page, await start(page, { prompt: 'and now' }));
    expect(answered).toMatchObject({ state: 'resolved', value: [{ text: 'from the first' }] });
    expect(second.chats.length).toBe(before[1]);
    await page.close();
  });

  test('the grant of a site that was answered here does not reach further: what goes over the network is asked anew', async () => {
    await oriel.grant('near.localhost');
    await changeRules(oriel, 'near.localhost', (settings) => settings.select('Connection', 'Network'));
    const page = await oriel.visit('near.localhost');
    const before = second.chats.length;
    const call = await start(page, { prompt: 'further away' });
    const approval = await oriel.browser.waitForPage('approval.html');
    await approval.waitForText(/Until now this site was answered on this computer/);
    expect(second.chats.length).toBe(before);
    await answerApproval(oriel.browser, 'Allow this visit');
    expect(await settled(page, call)).toMatchObject({ state: 'resolved', value: [{ text: 'from the second' }] });
    await page.close();
  });

  test('whoever stands in answers when the first one is down, once and as a whole', async () => {
    await oriel.grant('chain.localhost');
    await changeRules(oriel, 'chain.localhost', (settings) => settings.select('Add a connection', 'Second'));
    const page = await oriel.visit('chain.localhost');
    expect(await settled(page, await start(page, { prompt: 'up' }))).toMatchObject({ value: [{ text: 'from the first' }] });
    await oriel.backend.close();
    const before = second.chats.length;
    const call = await start(page, { prompt: 'down' }, {}, { streams: true });
    expect(await settled(page, call, 30_000)).toMatchObject({ state: 'resolved', value: [{ text: 'from the second' }] });
    const { stream } = await callOf(page, call);
    expect(stream.map(([result]) => result?.text).join('')).toBe('from the second');
    expect(second.chats.length).toBe(before + 1);
    await page.close();
  });
});

describe.runIf(browserNames.includes('chromium'))('chromium', () => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel('chromium', {}, { rawLifetime: true });
    await oriel.connect();
    await oriel.grant('modest.localhost');
  });
  afterAll(() => oriel?.close());

  test('T35 a grant of text by the chosen model gives no other model, no tools and no pictures', async () => {
    const page = await oriel.visit('modest.localhost');
    const wish = { model: 'test-model-large', tools: [{ type: 'function', function: { name: 'x' } }] };
    expect(await settled(page, await start(page, { prompt: 'large' }, wish))).toMatchObject({ state: 'resolved' });
    expect(oriel.backend.chats.at(-1)).toMatchObject({ model: 'test-model' });
    expect(oriel.backend.chats.at(-1)).not.toHaveProperty('tools');
    const picture = [{ type: 'image_url', image_url: { url: oriel.pages.url('/x.png') } }];
    const before = oriel.backend.chats.length;
    const refused = await settled(page, await start(page, { messages: [{ role: 'user', content: picture }] }));
    expect(refused).toMatchObject({ state: 'rejected', error: 'INVALID_REQUEST' });
    expect(oriel.backend.chats.length).toBe(before);
    // What the person gives on purpose, it has.
    await changeRules(oriel, 'modest.localhost', (settings) => settings.click('checkbox', 'Let the site choose the model'));
    await settled(page, await start(page, { prompt: 'large' }, wish));
    expect(oriel.backend.chats.at(-1)).toMatchObject({ model: 'test-model-large' });
    await page.close();
  });

  test('T17 what is too large is refused before it leaves the page’s process, and the largest is let through', async () => {
    const page = await oriel.visit('modest.localhost');
    const outcome = (input: string) =>
      page.evaluate<unknown, []>(`ai.generateText(${input}).then(([{ text }]) => text.length, (error) => error)`);
    // Tabs that were closed are events of their own.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await oriel.browser.killBackground();
    for (const input of [
      "{ prompt: 'x'.repeat(9 * 2 ** 20) }",
      "{ prompt: 'x'.repeat(65 * 2 ** 20) }",
      "{ messages: Array(10000).fill({ role: 'user', content: 'x' }) }",
    ])
      expect([input, await outcome(input)]).toEqual([input, 'INVALID_REQUEST']);
    expect(await oriel.browser.backgroundRuns()).toBe(false);
    oriel.backend.set({ answer: ({ messages }) => 'x'.repeat(String(messages[0]?.content).length / 2 ** 10) });
    expect(await outcome("{ prompt: 'x'.repeat(2 ** 20) }")).toBe(2 ** 10);
    await page.close();
  });
});
