/** The life and death of the background: long silences, long streams, and being killed at the worst moment. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stopsWithin } from './support/limits';
import { answerApproval, browserNames, callOf, delay, type Oriel, openOriel, settled, start, until } from './support/oriel';

const seconds = 1000;

// Each of these needs a browser of its own: one test's activity would keep the other's background alive.
describe.each(browserNames)('%s', { concurrent: true }, (name) => {
  /** Nothing attaches to the worker: it lives and dies as it does for people. */
  const open = async (backend: Parameters<typeof openOriel>[1]) => {
    const oriel = await openOriel(name, backend, { rawLifetime: true });
    await oriel.connect();
    const page = await oriel.visit('localhost');
    const call = await start(page, { prompt: 'grant' }, { maxTokens: 1 });
    await answerApproval(oriel.browser, 'Always allow');
    expect(await settled(page, call, 60 * seconds)).toMatchObject({ state: 'resolved' });
    return { oriel, page };
  };

  test('T78 a request that is silent for 45 s succeeds', { timeout: 120 * seconds }, async () => {
    const { oriel, page } = await open({ answer: () => 'at last' });
    try {
      oriel.backend.set({ headDelayMs: 45 * seconds });
      const call = await start(page, { prompt: 'think long' });
      expect(await settled(page, call, 60 * seconds)).toMatchObject({ state: 'resolved', value: [{ text: 'at last' }] });
    } finally {
      await oriel.close();
    }
  });

  test('T102 a stream of one chunk a second for 60 s survives', { timeout: 150 * seconds }, async () => {
    const { oriel, page } = await open({ answer: () => 'tick '.repeat(62) });
    try {
      oriel.backend.set({ chunkDelayMs: 1 * seconds });
      const call = await start(page, { prompt: 'count' }, {}, { streams: true });
      const { state, settledAfter = 0, stream } = await settled(page, call, 100 * seconds);
      expect(state).toBe('resolved');
      expect(settledAfter).toBeGreaterThan(55 * seconds);
      expect(stream.length).toBeGreaterThan(50);
    } finally {
      await oriel.close();
    }
  });
});

describe.each(browserNames)('%s, background killed', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name, {}, { rawLifetime: true });
    await oriel.connect();
  });
  afterAll(() => oriel?.close());

  test('T101 mid-stream: the promise rejects at once, the socket closes, and the next call works', async () => {
    const page = await oriel.visit('localhost');
    const grant = await start(page, { prompt: 'grant' });
    await answerApproval(oriel.browser, 'Always allow');
    await settled(page, grant);
    oriel.backend.set({ answer: () => 'word '.repeat(300), chunkDelayMs: 50 });
    const call = await start(page, { prompt: 'go on' }, {}, { streams: true });
    await until(async () => (await callOf(page, call)).stream.length > 2);
    const request = oriel.backend.fault.requests.length - 1;
    await oriel.browser.killBackground();
    expect(await settled(page, call, 2000)).toMatchObject({
      state: 'rejected',
      error: 'MODEL_REJECTED_REQUEST: 502: The answer was cut short.',
    });
    expect(await oriel.backend.fault.closedAfter(request)).toBeLessThan(stopsWithin);
    oriel.backend.set({ answer: () => 'fine again', chunkDelayMs: 0 });
    const next = await start(page, { prompt: 'and now' });
    expect(await settled(page, next)).toMatchObject({ state: 'resolved', value: [{ text: 'fine again' }] });
    expect(oriel.backend.chats.filter(({ messages }) => messages.at(-1)?.content === 'go on')).toHaveLength(1);
    await page.close();
  });

  test('T101 while an approval waits: it can still be given, and the call is answered once', async () => {
    oriel.backend.set({ answer: () => 'worth the wait', chunkDelayMs: 0 });
    const page = await oriel.visit('waiting.localhost');
    const call = await start(page, { prompt: 'patient' });
    const approval = await oriel.browser.waitForPage('approval.html');
    await approval.waitForRole('button', 'Allow this visit');
    await oriel.browser.killBackground();
    await delay(1000);
    expect((await callOf(page, call)).state).toBe('pending');
    await approval.waitForText(/waiting\.localhost/);
    await approval.click('button', 'Allow this visit');
    expect(await settled(page, call)).toMatchObject({ state: 'resolved', value: [{ text: 'worth the wait' }] });
    expect(oriel.backend.chats.filter(({ messages }) => messages.at(-1)?.content === 'patient')).toHaveLength(1);
    await page.close();
  });

  test('while an approval waits and its page is gone: the card goes away by itself', async () => {
    const page = await oriel.visit('gone.localhost');
    await start(page, { prompt: 'never mind' });
    const approval = await oriel.browser.waitForPage('approval.html');
    await approval.waitForRole('button', 'Allow this visit');
    await page.close();
    await approval.waitForClose(5000);
  });
});
