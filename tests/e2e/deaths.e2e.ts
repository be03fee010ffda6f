/** Deaths at bad moments: of the background before the first byte, of a tab in mid-stream, of the extension under its pages, of the store. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserNames, callOf, delay, type Oriel, openOriel, settled, start, until } from './support/oriel';

const api = '(globalThis.browser ?? chrome)';

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name, {}, { rawLifetime: true });
    await oriel.connect();
    await oriel.grant();
  });
  afterAll(() => oriel?.close());

  const saying = async (text: string) => {
    const page = await oriel.visit('localhost');
    const call = await settled(page, await start(page, { prompt: 'and now' }));
    expect(call).toMatchObject({ state: 'resolved', value: [{ text }] });
    await page.close();
  };

  test('T101 killed before the first byte: the call is cut short and not sent twice, and the next one works', async () => {
    oriel.backend.set({ answer: () => 'late', headDelayMs: 20_000 });
    const page = await oriel.visit('localhost');
    const call = await start(page, { prompt: 'silent' });
    await until(async () => oriel.backend.chats.some(({ messages }) => messages.at(-1)?.content === 'silent'));
    const request = oriel.backend.fault.requests.length - 1;
    await oriel.browser.killBackground();
    expect(await settled(page, call, 3000)).toMatchObject({ state: 'rejected', error: expect.stringContaining('cut short') });
    await oriel.backend.fault.closedAfter(request);
    oriel.backend.set({ answer: () => 'fine again', headDelayMs: 0 });
    await saying('fine again');
    expect(oriel.backend.chats.filter(({ messages }) => messages.at(-1)?.content === 'silent')).toHaveLength(1);
    await page.close();
  });

  test('T103 a tab that the browser discards in mid-stream closes the socket', async () => {
    oriel.backend.set({ answer: () => 'word '.repeat(400), chunkDelayMs: 50, headDelayMs: 0 });
    const own = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html'));
    const tabIds = () => own.evaluate<number[], []>(`${api}.tabs.query({}).then((tabs) => tabs.map(({ id }) => id))`);
    const before = await tabIds();
    const page = await oriel.visit('localhost');
    const tabId = (await tabIds()).find((id) => !before.includes(id));
    const call = await start(page, { prompt: 'go on' }, {}, { streams: true });
    await until(async () => (await callOf(page, call)).stream.length > 2);
    const request = oriel.backend.fault.requests.length - 1;
    const front = await oriel.browser.newPage(oriel.pages.url('/', 'front.localhost'));
    const discarded = await own.evaluate<number, []>(`${api}.tabs.discard(${tabId}).then((tab) => tab?.id ?? ${tabId})`);
    await oriel.backend.fault.closedAfter(request);
    await own.evaluate(`${api}.tabs.remove(${discarded})`);
    await front.close();
    await own.close();
    oriel.backend.set({ answer: () => 'fine again', chunkDelayMs: 0 });
    await saying('fine again');
  });

  test('T109 a store of a newer Oriel is left alone: the popup says so, calls settle, and it begins anew only when told to', async () => {
    oriel.backend.set({ answer: () => 'as before', chunkDelayMs: 0 });
    const own = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#connections'));
    await own.waitForRole('heading', 'My server');
    // The next version, whose store has one table more.
    const version = () => `indexedDB.databases().then((all) => all.find(({ name }) => name === 'oriel').version)`;
    await own.evaluate(`new Promise((resolve, reject) => {
      const opening = indexedDB.open('oriel', 990);
      opening.onupgradeneeded = () => opening.result.createObjectStore('later', { keyPath: 'id' }).put({ id: 'LATER' });
      opening.onsuccess = () => resolve(opening.result.close());
      opening.onerror = () => reject(opening.error);
    })`);
    await oriel.browser.killBackground();
    await own.waitForText('A newer Oriel saved this');
    const page = await oriel.visit('localhost');
    expect(await settled(page, await start(page, { prompt: 'now' }))).toMatchObject({ state: 'rejected' });
    expect(await own.evaluate(version())).toBe(990);
    await own.click('button', 'Start anew');
    await delay(100);
    await own.click('button', 'Start anew', { within: { role: 'dialog' } });
    await own.waitForRole('heading', 'My server');
    await own.waitForText('Some of what was saved cannot be read');
    expect(await own.evaluate(version())).toBeLessThan(990);
    // What was allowed for good still is.
    await saying('as before');
    await page.close();
    await own.close();
  });

  test('T105 the extension is reloaded under an open page: what runs is rejected, later calls say so, and nothing hangs', async () => {
    oriel.backend.set({ answer: () => 'word '.repeat(400), chunkDelayMs: 50 });
    const page = await oriel.visit('localhost');
    const call = await start(page, { prompt: 'go on' }, {}, { streams: true });
    await until(async () => (await callOf(page, call)).stream.length > 2);
    const request = oriel.backend.fault.requests.length - 1;
    const own = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html'));
    await own.evaluate(`void setTimeout(() => ${api}.runtime.reload(), 200)`);
    // Chromium's relay says so at once; that of Firefox is gone, and the page finds out.
    expect(await settled(page, call, 15_000)).toMatchObject({ state: 'rejected' });
    await oriel.backend.fault.closedAfter(request);
    for (const prompt of ['later', 'and later'])
      expect(await settled(page, await start(page, { prompt }), 15_000)).toMatchObject({ state: 'rejected' });
  });
});
