/** What ends a request early, and that the backend's socket closes with it. */

import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { momentOf, stopsWithin } from './support/limits';
import { browserNames, callOf, delay, type Oriel, openOriel, settled, start, until } from './support/oriel';
import { openRules } from './support/rules';

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name, { answer: () => 'word '.repeat(400), chunkDelayMs: 50 });
    await oriel.connect();
    await oriel.grant();
  });
  afterAll(() => oriel?.close());

  /** A page in the middle of an answer, and the index of its request at the backend. */
  const midstream = async (): Promise<{ page: TestPage; call: string; request: number }> => {
    const page = await oriel.visit('localhost');
    const call = await start(page, { prompt: 'go on and on' }, {}, { streams: true });
    await until(async () => (await callOf(page, call)).stream.length > 2);
    return { page, call, request: oriel.backend.fault.requests.length - 1 };
  };

  test("T104 the page's own signal closes the upstream socket and rejects with its reason", async () => {
    const { page, call, request } = await midstream();
    const since = performance.now();
    await page.evaluate(
      (id: string) => (globalThis as unknown as { aborts: Record<string, AbortController> }).aborts[id]?.abort(),
      call,
    );
    expect(await oriel.backend.fault.closedAfter(request, since)).toBeLessThan(stopsWithin);
    expect(await settled(page, call)).toMatchObject({ state: 'rejected', error: expect.stringMatching(/abort/i) });
    await page.close();
  });

  test('T103 closing the tab closes the upstream socket', async () => {
    const { page, request } = await midstream();
    const since = performance.now();
    await page.close();
    expect(await oriel.backend.fault.closedAfter(request, since)).toBeLessThan(stopsWithin);
  });

  test('T103 navigating away closes the upstream socket', async () => {
    const { page, request } = await midstream();
    const since = performance.now();
    const gone = page.goto(oriel.pages.url('/', '127.0.0.1'));
    expect(await oriel.backend.fault.closedAfter(request, since)).toBeLessThan(stopsWithin * 2);
    await gone;
    await page.close();
  });

  test('"Stop" in the popup ends the answer and tells the page', async () => {
    const { page, call, request } = await midstream();
    const popup = await oriel.popup();
    await popup.waitForRole('button', 'Stop everything');
    const since = await momentOf(popup, () => popup.click('button', 'Stop everything'));
    expect(await oriel.backend.fault.closedAfter(request, since)).toBeLessThan(stopsWithin);
    expect(await settled(page, call)).toMatchObject({
      state: 'rejected',
      error: 'MODEL_REJECTED_REQUEST: 499: The request was stopped.',
    });
    await popup.close();
    await page.close();
  });

  test.each(['Revoke', 'Block'])('T42 %s in Settings ends a running stream as a refusal, and nothing follows', async (button) => {
    await oriel.grant('stream.localhost');
    const page = await oriel.visit('stream.localhost');
    const call = await start(page, { prompt: 'go on and on' }, {}, { streams: true });
    await until(async () => (await callOf(page, call)).stream.length > 2);
    const request = oriel.backend.fault.requests.length - 1;
    const settings = await openRules(oriel, 'stream.localhost');
    const since = await momentOf(settings, () => settings.click('button', button, { within: { role: 'dialog' } }));
    const closed = await oriel.backend.fault.closedAfter(request, since);
    const refused = await settled(page, call);
    expect(refused).toMatchObject({ state: 'rejected', error: 'PERMISSION_DENIED' });
    console.log(`${name}: upstream closed ${Math.round(closed)} ms after the press of ${button}`);
    expect(closed).toBeLessThan(stopsWithin);
    await delay(200);
    expect((await callOf(page, call)).stream).toHaveLength(refused.stream.length);
    if (button === 'Block') await settings.click('button', 'Unblock');
    await settings.close();
    await page.close();
  });

  test('T15 a page that comes back from the back/forward cache has its lost call rejected, and the next one works', async () => {
    /** Leaves a page in the middle of an answer and comes back. A browser may drop a page instead of keeping it: then the call died with its document. */
    const leaveAndReturn = async (): Promise<boolean> => {
      const { page, call, request } = await midstream();
      await page.goto(oriel.pages.url('/', '127.0.0.1'));
      expect(await oriel.backend.fault.closedAfter(request)).toBeLessThan(stopsWithin);
      await page.back();
      // The address changes before the document does.
      await until(() => page.evaluate('typeof window.start === "function"').catch(() => false));
      const wasKept = await page.evaluate(
        (id: string) => id in ((globalThis as unknown as { calls?: object }).calls ?? {}),
        call,
      );
      if (wasKept) expect(await settled(page, call)).toMatchObject({ state: 'rejected', error: expect.stringContaining('499') });
      const next = await start(page, { prompt: 'back again' }, { maxTokens: 2 });
      expect(await settled(page, next)).toMatchObject({ state: 'resolved' });
      await page.close();
      return wasKept;
    };
    const isKept = (await leaveAndReturn()) || (await leaveAndReturn()) || (await leaveAndReturn());
    expect(isKept, 'one of three pages came from the back/forward cache').toBe(true);
  });
});
