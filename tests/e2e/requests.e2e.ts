/** The way of a request as people see it: connect, ask, approve or refuse, answer, switch. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerApproval, browserNames, callOf, delay, type Oriel, openOriel, settled, start, until } from './support/oriel';

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name);
    await oriel.connect();
  });
  afterAll(() => oriel?.close());

  test('a page gets a streamed answer after the person allows this visit, and is not asked about again', async () => {
    const page = await oriel.visit('localhost');
    expect(await page.evaluate('window.hadAi')).toBe(true);
    expect(await page.evaluate('window.ai.getCurrentModel()')).toBe('default');
    const first = await start(page, { messages: [{ role: 'user', content: 'one two three' }] }, {}, { streams: true });
    await answerApproval(oriel.browser, 'Allow this visit');
    const answered = await settled(page, first);
    expect(answered).toMatchObject({
      state: 'resolved',
      value: [{ message: { role: 'assistant', content: 'You said: one two three' } }],
    });
    expect(answered.stream.map(([result]) => result?.message?.content).join('')).toBe('You said: one two three');
    expect(answered.stream.every(([result, error]) => result?.isPartial && error === null)).toBe(true);

    const second = await start(page, { prompt: 'again' }, {}, { method: 'getCompletion' });
    expect(await settled(page, second)).toMatchObject({ state: 'resolved', value: { text: 'You said: again' } });
    expect(await page.evaluate('window.ai.getCurrentModel()')).toBe('test-model');
    await page.close();
  });

  test('deltas of a slow answer arrive one after the other, in order, and add up to the resolved text', async () => {
    const words = Array.from({ length: 30 }, (_, index) => `word${index} `).join('');
    oriel.backend.set({ answer: () => words, chunkDelayMs: 15 });
    const page = await oriel.visit('slow.localhost');
    const call = await start(page, { prompt: 'count' }, {}, { streams: true });
    await answerApproval(oriel.browser, 'Always allow');
    const { stream, value } = await settled(page, call);
    oriel.backend.set({ chunkDelayMs: 0, answer: (request) => `You said: ${String(request.messages.at(-1)?.content)}` });
    expect(stream.length).toBeGreaterThan(5);
    expect(stream.map(([result]) => result?.text).join('')).toBe(words);
    expect(value).toEqual([{ text: words }]);
    await page.close();

    const later = await oriel.visit('slow.localhost');
    const again = await start(later, { prompt: 'hello' });
    expect(await settled(later, again)).toMatchObject({ state: 'resolved' });
    await later.close();
  });

  test('several answers come as an array of their own texts', async () => {
    oriel.backend.set({ answer: (_request, choice) => `answer ${choice}` });
    const page = await oriel.visit('slow.localhost');
    const call = await start(page, { prompt: 'thrice' }, { numOutputs: 3 }, { method: 'getCompletion' });
    const { value } = await settled(page, call);
    oriel.backend.set({ answer: (request) => `You said: ${String(request.messages.at(-1)?.content)}` });
    expect(value).toHaveLength(3);
    await page.close();
  });

  test('"Only this request" allows this one and asks about the next', async () => {
    const page = await oriel.visit('once.localhost');
    const first = await start(page, { prompt: 'first' });
    await answerApproval(oriel.browser, 'Only this request', { inMore: true });
    expect(await settled(page, first)).toMatchObject({ state: 'resolved' });
    const second = await start(page, { prompt: 'second' });
    await answerApproval(oriel.browser, "Don't allow");
    expect(await settled(page, second)).toMatchObject({ state: 'rejected', error: 'PERMISSION_DENIED', isError: false });
    await page.close();
  });

  test('"Don\'t allow" refuses; after a second refusal the site is refused without asking until "Ask again"', async () => {
    const before = oriel.backend.chats.length;
    const page = await oriel.visit('refused.localhost');
    for (const prompt of ['one', 'two']) {
      const call = await start(page, { prompt }, {}, { streams: true });
      await answerApproval(oriel.browser, "Don't allow");
      const refused = await settled(page, call);
      expect(refused).toMatchObject({ state: 'rejected', error: 'PERMISSION_DENIED' });
      expect(refused.stream).toEqual([[null, 'PERMISSION_DENIED']]);
    }
    const third = await start(page, { prompt: 'three' });
    expect(await settled(page, third)).toMatchObject({ state: 'rejected', error: 'PERMISSION_DENIED' });
    expect((await oriel.browser.pages()).length).toBe((await withoutApproval(oriel)).length);
    expect(oriel.backend.chats.length).toBe(before);
    const popup = await oriel.popupOverLastTab();
    await popup.waitForText(/You said no at/);
    await popup.click('button', 'Ask again');
    await popup.waitForNoRole('button', 'Ask again');
    const fourth = await start(page, { prompt: 'four' });
    await popup.waitForRole('button', 'Allow this visit');
    await delay(900);
    await popup.click('button', 'Allow this visit');
    expect(await settled(page, fourth)).toMatchObject({ state: 'resolved' });
    await popup.close();
    await page.close();
  });

  test('closing the approval window refuses this call only', async () => {
    const page = await oriel.visit('closed.localhost');
    const call = await start(page, { prompt: 'close me' });
    const approval = await oriel.browser.waitForPage('approval.html');
    await approval.waitForRole('button', "Don't allow");
    await delay(300);
    await approval.close();
    expect(await settled(page, call)).toMatchObject({ state: 'rejected', error: 'PERMISSION_DENIED' });
    const next = await start(page, { prompt: 'once more' });
    await answerApproval(oriel.browser, 'Allow this visit');
    expect(await settled(page, next)).toMatchObject({ state: 'resolved' });
    await page.close();
  });

  test('"Never ask again" blocks the site, and Sites lists it', async () => {
    const page = await oriel.visit('never.localhost');
    const call = await start(page, { prompt: 'please' });
    await answerApproval(oriel.browser, 'Never ask again', { inMore: true });
    expect(await settled(page, call)).toMatchObject({ state: 'rejected', error: 'PERMISSION_DENIED' });
    const next = await start(page, { prompt: 'please?' });
    expect(await settled(page, next)).toMatchObject({ state: 'rejected', error: 'PERMISSION_DENIED' });
    const options = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#sites'));
    await options.waitForText(/never\.localhost/);
    await options.close();
    await page.close();
  });

  test('switching connection and model in the popup sends the next request there and tells the page', async () => {
    await oriel.connect({ name: 'Other' });
    const page = await oriel.visit('slow.localhost');
    await page.evaluate('window.ai.addEventListener((event, data) => window.events.push([event, data])) && undefined');
    expect(await page.evaluate('window.ai.getCurrentModel()')).toBe('test-model');
    const popup = await oriel.popup();
    await popup.select('Active connection', 'Other');
    // The Model box belongs to the connection that is shown: until the background has answered, that is the old one.
    await delay(1000);
    await popup.click('combobox', 'Model');
    await popup.fill('Model', 'test-model-large');
    await popup.press('Enter');
    expect(
      await until(async () => ((await page.evaluate('window.events.length')) ? page.evaluate('window.events') : undefined)),
    ).toEqual([['model_changed', { model: 'test-model-large' }]]);
    const call = await start(page, { prompt: 'who are you' });
    await settled(page, call);
    expect(oriel.backend.chats.at(-1)?.model).toBe('test-model-large');
    expect(await page.evaluate('window.ai.getCurrentModel()')).toBe('test-model-large');
    await popup.select('Active connection', 'My server');
    await until(async () => (await page.evaluate('window.events.length')) === 2);
    await popup.close();
    await page.close();
  });

  test('two tabs at once each get their own answer', async () => {
    oriel.backend.set({
      answer: (request) => `For ${String(request.messages.at(-1)?.content)}: ${'x '.repeat(40)}`,
      chunkDelayMs: 10,
    });
    const [left, right] = [await oriel.visit('slow.localhost'), await oriel.visit('slow.localhost')];
    const [first, second] = [
      await start(left, { prompt: 'left' }, {}, { streams: true }),
      await start(right, { prompt: 'right' }, {}, { streams: true }),
    ];
    await until(async () => (await callOf(left, first)).stream.length > 0 && (await callOf(right, second)).stream.length > 0);
    const answers = await Promise.all([settled(left, first), settled(right, second)]);
    oriel.backend.set({ chunkDelayMs: 0 });
    expect(answers.map(({ value }) => (value as { text: string }[])[0]?.text.slice(0, 9))).toEqual(['For left:', 'For right']);
    await left.close();
    await right.close();
  });

  test('with nothing connected the card offers to set one up, and the same call goes on once something is connected', async () => {
    const empty = await openOriel(name);
    try {
      const page = await empty.visit('localhost');
      const call = await start(page, { prompt: 'is anybody there' });
      const approval = await empty.browser.waitForPage('approval.html');
      await approval.waitForText(/localhost.* wants to use your AI\. Set one up\./s);
      await empty.connect();
      await approval.waitForRole('button', 'Allow this visit');
      // The click that brings the window to the front is no yes.
      await approval.click('button', 'More');
      await delay(900);
      await approval.click('button', 'Allow this visit');
      expect(await settled(page, call)).toMatchObject({ state: 'resolved', value: [{ text: 'You said: is anybody there' }] });
    } finally {
      await empty.close();
    }
  });
});

const withoutApproval = async ({ browser }: Oriel) => {
  const pages = await browser.pages();
  const urls = await Promise.all(pages.map((page) => page.url()));
  return urls.filter((url) => !url.includes('approval.html'));
};
