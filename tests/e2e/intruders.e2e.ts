/** Who is not Oriel's own page and speaks to it all the same: a taken-over content script, another extension, a page that poisons its realm. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { chromiumExtensionId } from '../support/chromium-extension';
import { browserNames, callOf, type Oriel, openOriel, start, until } from './support/oriel';
import { api, askBackground, bystander } from './support/own-page';
import { poisons } from './support/poisons';

/** Messages of Oriel's own pages over a port of this name; resolves to what came back and to when the port was closed. */
const askAsIfOwn = (name: string, calls: readonly object[]) => `new Promise((resolve) => {
  const port = ${api}.runtime.connect({ name: '${name}' });
  const frames = [];
  const done = (closedAfter) => resolve({ frames, closedAfter });
  const begun = performance.now();
  port.onMessage.addListener((frame) => frames.push(frame));
  port.onDisconnect.addListener(() => done(performance.now() - begun));
  for (const [index, call] of ${JSON.stringify(calls)}.entries())
    port.postMessage({ v: 1, type: 'request', id: String(index), activated: true, call });
  setTimeout(done, 2000, null);
})`;

interface Answers {
  frames: { type: string; error?: { code: string } }[];
  closedAfter: number | null;
}

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name);
    await oriel.connect();
    await oriel.grant('trusted.localhost');
  });
  afterAll(() => oriel?.close());

  test('T6 a content script that calls its port what Oriel’s pages call theirs is served as the page it is', async () => {
    const own = await bystander(oriel);
    const overview = { type: 'overview', input: {} };
    const takeOver = async (site: TestPage, name: string, calls: readonly object[]) =>
      (await site.evaluateInContentScript?.(askAsIfOwn(name, calls))) as Answers;
    // The attack is a real one: from a page of Oriel's own such messages are answered.
    const honest = await own.evaluate<Answers, []>(askAsIfOwn('ui', [overview]));
    expect(honest.frames.map(({ type }) => type)).toContain('end');
    const state = async () => JSON.stringify([await askBackground(own, 'sites'), await askBackground(own, 'overview')]);
    const before = await state();
    const site = await oriel.visit('evil.localhost');
    const forged = [
      overview,
      { type: 'sites', input: {} },
      { type: 'site-set', input: { subject: { top: oriel.pages.origin('evil.localhost') }, action: 'use-here' } },
      { type: 'vault-lock', input: {} },
      { type: 'vault-reset', input: {} },
    ];
    for (const port of ['ui', 'engine', 'page']) {
      const { frames } = await takeOver(site, port, forged);
      expect(frames.map(({ type, error }) => [port, type, error])).toEqual(
        forged.map(() => [port, 'error', { code: 'invalid-request' }]),
      );
    }
    const { closedAfter } = await takeOver(
      site,
      'ui',
      Array.from({ length: 20 }, () => overview),
    );
    console.log(`${name}: a port with 20 foreign messages was closed after ${closedAfter?.toFixed(1)} ms`);
    expect(closedAfter).not.toBeNull();
    expect(await state()).toBe(before);
    await site.close();
    await own.close();
  });

  test('T10 a page that poisons its realm gets its answer or an error, and harms no other page', async () => {
    oriel.backend.set({ answer: () => 'word '.repeat(2000), chunkDelayMs: 20 });
    const calm = await oriel.visit('trusted.localhost', '/?calm');
    const stream = await start(calm, { prompt: 'on and on' }, {}, { streams: true });
    await until(async () => (await callOf(calm, stream)).stream.length > 2);
    oriel.backend.set({ answer: () => 'right', chunkDelayMs: 0 });
    const outcomes: Record<string, unknown> = {};
    for (const [what, poison] of Object.entries(poisons)) {
      const path = `/poison-${Object.keys(poisons).indexOf(what)}`;
      oriel.pages.page(
        path,
        `<script>${poison};
          (async () => {
            try { window.outcome = (await ai.generateText({ prompt: 'poisoned' }))[0].text; } catch (error) { window.outcome = String(error); }
          })();</script>`,
      );
      const page = await oriel.browser.newPage(oriel.pages.url(path, 'trusted.localhost'));
      outcomes[what] = await until(async () => (await page.evaluate('window.outcome')) as string | undefined, 5000).catch(
        () => 'hung',
      );
      await page.close();
    }
    console.log(name, outcomes);
    for (const [what, outcome] of Object.entries(outcomes))
      expect([what, outcome]).toEqual([what, expect.stringMatching(/^right$|^[A-Z_]+(: .*)?$/)]);
    expect((await callOf(calm, stream)).state).toBe('pending');
    const seen = (await callOf(calm, stream)).stream.length;
    await until(async () => (await callOf(calm, stream)).stream.length > seen);
    await calm.close();
  });
});

describe.runIf(browserNames.includes('chromium'))('chromium with a second extension', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-second-'));
  const manifest = {
    manifest_version: 3,
    name: 'A second extension',
    version: '1',
    background: { service_worker: 'background.js' },
  };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'page.html'), '<!doctype html><title>Second</title>');
  writeFileSync(
    join(folder, 'background.js'),
    'chrome.runtime.onMessageExternal.addListener((_message, _sender, answer) => answer("heard"));',
  );

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('T8 another extension finds no listener', async () => {
    const both = `${resolve('.output/chrome-mv3')},${folder}`;
    const oriel = await openOriel(
      'chromium',
      {},
      { chromiumArguments: [`--disable-extensions-except=${both}`, `--load-extension=${both}`] },
    );
    try {
      const own = await bystander(oriel);
      const orielId = new URL(await own.url()).host;
      const secondId = chromiumExtensionId(folder);
      const send = (to: string) =>
        `chrome.runtime.sendMessage('${to}', { type: 'overview' }).then((answer) => answer, ({ message }) => message)`;
      // Extensions do hear each other where one listens.
      expect(await own.evaluate(send(secondId))).toBe('heard');
      const second = await oriel.browser.newPage(`chrome-extension://${secondId}/page.html`);
      expect(await second.evaluate(send(orielId))).toBe('Could not establish connection. Receiving end does not exist.');
      const connected = await second.evaluate(`new Promise((resolve) => {
        const port = chrome.runtime.connect('${orielId}', { name: 'ui' });
        port.onMessage.addListener(() => resolve('answered'));
        port.onDisconnect.addListener(() => resolve(chrome.runtime.lastError?.message));
        port.postMessage({ v: 1, type: 'request', id: '1', call: { type: 'overview', input: {} }, activated: true });
        setTimeout(resolve, 2000, 'nothing');
      })`);
      expect(connected).toBe('Could not establish connection. Receiving end does not exist.');
    } finally {
      await oriel.close();
    }
  });
});
