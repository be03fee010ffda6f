/** Money as people see it: a budget that is set, asked about when it is used up, added to or not. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerApproval, browserNames, callOf, delay, type Oriel, openOriel, settled, start, until } from './support/oriel';

const seconds = 1000;

async function setTokens(oriel: Oriel, site: string, tokens: number) {
  const sites = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#sites'));
  const row = { role: 'group', name: new RegExp(`Budget of .*${site.replaceAll('.', '\\.')}`) };
  await sites.waitForText(new RegExp(site));
  await sites.click('button', 'Edit budget', { within: row });
  await sites.fill('Tokens', String(tokens));
  await sites.click('button', 'Save');
  await sites.waitForNoRole('dialog');
  await sites.close();
}

async function allowed(oriel: Oriel, host: string) {
  const page = await oriel.visit(host);
  const call = await start(page, { prompt: 'first' }, { maxTokens: 5 });
  await answerApproval(oriel.browser, 'Always allow');
  await settled(page, call);
  return page;
}

async function answerMoney(oriel: Oriel, heading: RegExp, button: string) {
  const card = await oriel.browser.waitForPage('approval.html', 10 * seconds);
  await card.waitForRole('heading', heading);
  // The buttons are dead at first.
  await delay(800);
  await card.click('button', button);
  await card.waitForClose(5 * seconds);
}

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name, { answer: () => 'word '.repeat(20) });
    await oriel.connect();
  });
  afterAll(() => oriel?.close());

  test('T39 at the limit the person is asked; Stop refuses the call, Add lets the next through', async () => {
    const page = await allowed(oriel, 'spender.localhost');
    await setTokens(oriel, 'spender.localhost', 200);
    const chats = oriel.backend.chats.length;
    const refused = await start(page, { prompt: 'much' }, { maxTokens: 180 });
    await answerMoney(oriel, /spender\.localhost:\d+ has used today's 200 tokens/, 'Stop');
    expect(await settled(page, refused)).toMatchObject({ state: 'rejected', error: 'PAYMENT_REQUIRED' });
    expect(oriel.backend.chats).toHaveLength(chats);

    const added = await start(page, { prompt: 'much' }, { maxTokens: 180 });
    await answerMoney(oriel, /has used today's 200 tokens/, 'Add 200 tokens');
    expect(await settled(page, added)).toMatchObject({ state: 'resolved' });
    expect(oriel.backend.chats).toHaveLength(chats + 1);
    const sites = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#sites'));
    await sites.waitForText(/Today: \d+ tokens of 400 tokens used/);
    await sites.close();
    await page.close();
  });

  test('an answer longer than its money stops in the middle; what has arrived stays', async () => {
    const page = await allowed(oriel, 'long.localhost');
    await setTokens(oriel, 'long.localhost', 100);
    const chats = oriel.backend.chats.length;
    oriel.backend.set({ answer: () => 'characters '.repeat(300), chunkDelayMs: 5 });
    // This server takes no notice of the limit.
    const call = await start(page, { prompt: 'go on' }, { maxTokens: 30 }, { streams: true });
    await until(async () => oriel.backend.chats.length > chats);
    oriel.backend.set({ answer: () => 'word '.repeat(20), chunkDelayMs: 0 });
    await answerMoney(oriel, /long\.localhost:\d+ asks for more than today's 100 tokens/, 'Stop');
    const { state, stream } = await settled(page, call);
    expect(state).toBe('rejected');
    expect(stream.map(([result]) => result?.text ?? '').join('')).toMatch(/^(characters ?){10,}/);
    await page.close();
  });

  test('a chat with a site that is always allowed shows one card and no other', async () => {
    const page = await allowed(oriel, 'chat.localhost');
    for (let message = 0; message < 18; message += 1) {
      expect(await settled(page, await start(page, { prompt: `message ${message}` }))).toMatchObject({ state: 'resolved' });
    }
    const open = await Promise.all((await oriel.browser.pages()).map((each) => each.url()));
    expect(open.filter((url) => url.includes('approval.html'))).toEqual([]);
    await page.close();
  });
});

test('T39 killed in mid-stream, a call counts with what was held back, once', { timeout: 90 * seconds }, async () => {
  const [name] = browserNames;
  if (!name) throw new Error('There is no browser.');
  const oriel = await openOriel(name, { answer: () => 'word '.repeat(300) }, { rawLifetime: true });
  try {
    await oriel.connect();
    const page = await allowed(oriel, 'killed.localhost');
    await setTokens(oriel, 'killed.localhost', 5000);
    oriel.backend.set({ chunkDelayMs: 50 });
    const call = await start(page, { prompt: 'go on' }, { maxTokens: 1000 }, { streams: true });
    await until(async () => (await callOf(page, call)).stream.length > 2);
    await oriel.browser.killBackground();
    expect(await settled(page, call, 5 * seconds)).toMatchObject({ state: 'rejected' });
    const used = async () => {
      const sites = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#sites'));
      await sites.waitForText(/of 5,000 tokens used/);
      const [, count = ''] = /Today: ([\d,]+) tokens of 5,000 tokens used/.exec(await sites.text()) ?? [];
      await sites.close();
      return Number(count.replace(',', ''));
    };
    const first = await used();
    expect(first).toBeGreaterThan(1000);
    expect(first).toBeLessThan(1200);
    await oriel.browser.killBackground();
    expect(await used()).toBe(first);
  } finally {
    await oriel.close();
  }
});
