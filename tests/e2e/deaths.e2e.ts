/** Deaths at bad moments: of the background before the first byte and while it settles, of a tab in mid-stream, of the extension under its pages, of the store. */

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

  test('T101 killed while it settles: the call settles all the same, what it came to is counted once, and the next one works', async () => {
    oriel.backend.set({ answer: () => 'one two three four', chunkDelayMs: 0, headDelayMs: 0 });
    const books = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#about'));
    const { origin } = new URL(oriel.pages.url('/', 'localhost'));
    const tokens = async () => (await books.evaluate(readAccount, origin)).tokens;
    const page = await oriel.visit('localhost');
    /** The most that a call may come to before it is settled; what it came to is less. */
    const maxTokens = 500;
    // From when the backend has said everything: while the books are written, and after.
    for (const pause of [0, 4, 12, 40]) {
      const before = await tokens();
      const asked = oriel.backend.fault.requests.length;
      const call = await start(page, { prompt: `settles ${pause}` }, { maxTokens });
      await until(async () => oriel.backend.fault.requests[asked]?.answeredAt !== undefined);
      await delay(pause);
      await oriel.browser.killBackground();
      const { state, value, error } = await settled(page, call, 5000);
      if (state === 'resolved') expect(value).toEqual([{ text: 'one two three four' }]);
      else expect(error).toContain('cut short');
      const counted = (await tokens()) - before;
      expect(counted, `killed ${pause} ms after the answer`).toBeGreaterThan(4);
      expect(counted, `killed ${pause} ms after the answer`).toBeLessThan(maxTokens + 50);
      const sent = oriel.backend.chats.filter(({ messages }) => messages.at(-1)?.content === `settles ${pause}`);
      expect(sent).toHaveLength(1);
    }
    // The next background, which finds what the last one left, counts nothing again.
    const after = await tokens();
    await saying('one two three four');
    expect((await tokens()) - after).toBeLessThan(100);
    await page.close();
    await books.close();
  });

  test('T103 a tab whose process dies in mid-stream closes the socket, and works again once it is loaded anew', async () => {
    oriel.backend.set({ answer: () => 'word '.repeat(400), chunkDelayMs: 50, headDelayMs: 0 });
    const page = await oriel.visit('localhost');
    const call = await start(page, { prompt: 'go on' }, {}, { streams: true });
    await until(async () => (await callOf(page, call)).stream.length > 2);
    const request = oriel.backend.fault.requests.length - 1;
    await page.crash?.();
    await oriel.backend.fault.closedAfter(request);
    await page.close();
    oriel.backend.set({ answer: () => 'fine again', chunkDelayMs: 0 });
    await saying('fine again');
    const popup = await oriel.popup();
    await popup.waitForRole('region', 'This site');
    expect(await popup.hasRole('button', 'Stop everything')).toBe(false);
    await popup.close();
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

/** What a site has used, in all its days. Runs in a page of the extension, where the database is. */
async function readAccount(origin: string): Promise<{ tokens: number }> {
  const done = <Value>(request: IDBRequest<Value>) =>
    new Promise<Value>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await done(indexedDB.open('oriel'));
  const account = await done(database.transaction('accounts').objectStore('accounts').get(origin));
  database.close();
  const days: { tokens: number }[] = Object.values(account?.days ?? {});
  return { tokens: days.reduce((sum, { tokens }) => sum + tokens, 0) };
}
