/** Attacks on Oriel from pages and servers, by the numbers of the security specification. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { respondJson } from '../support/faultd';
import { answerApproval, browserNames, delay, type Oriel, openOriel, settled, start, until } from './support/oriel';
import { api, askBackground, bystander } from './support/own-page';

/** Markup that would do something, were it ever taken as markup. */
const attacks = [
  '<img src=x onerror="window.pwned=1">',
  '"><script>window.pwned=1</script>',
  "'-alert(1)-'",
  '<svg/onload=window.pwned=1>',
  'javascript:window.pwned=1',
  '<a href="https://evil.test">click</a>',
  '\u202Egnp.exe\u2066',
  '{{constructor.constructor("window.pwned=1")()}}',
  '<style>*{display:none}</style>',
  '<iframe srcdoc="<script>parent.pwned=1</script>">',
];

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name);
    await oriel.connect();
  });
  afterAll(() => oriel?.close());

  test('T28 markup in requests, answers, model names and errors is shown as text', async () => {
    const model = attacks[0] as string;
    oriel.backend.set({ models: ['test-model', model], answer: () => attacks.join(' ') });
    const page = await oriel.visit('localhost');
    const call = await start(page, { messages: attacks.map((content) => ({ role: 'user', content })) });
    const approval = await oriel.browser.waitForPage('approval.html');
    await approval.click('button', 'More');
    await approval.click('button', 'Show request');
    await approval.waitForText(attacks[1] as string);
    const popup = await oriel.popup();
    await popup.click('combobox', 'Model');
    await popup.waitForText(model);
    for (const screen of [approval, popup]) {
      const found = await screen.evaluate(() => ({
        pwned: 'pwned' in window,
        elements: document.querySelectorAll('img, iframe, script:not([src]), a[href*="evil"], a[href^="javascript"]').length,
      }));
      expect(found).toEqual({ pwned: false, elements: 0 });
    }
    // The card in the popup: a window that is only just coming to the front takes no yes.
    await delay(800);
    await popup.click('button', 'Allow this visit');
    expect(await settled(page, call)).toMatchObject({ state: 'resolved', value: [{ message: { content: attacks.join(' ') } }] });

    oriel.backend.fault.on('POST', '/v1/chat/completions', respondJson(401, { error: { message: attacks.join(' ') } }));
    const failing = await start(page, { prompt: 'again' });
    expect((await settled(page, failing)).error).toBe('NOT_AUTHENTICATED');
    await popup.waitForText(/needs an API key/);
    expect(await popup.evaluate(() => 'pwned' in window || document.images.length > 0)).toBe(false);
    await popup.close();
    await page.close();
    await oriel.backend.close();
  });
});

describe.each(browserNames)('%s, network', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name);
    await oriel.connect();
    await oriel.grant();
  });
  afterAll(() => oriel?.close());

  test('T53 our requests to a local server do not name the extension, a page’s own requests to it keep their Origin', async () => {
    const page = await oriel.visit('localhost');
    await settled(page, await start(page, { prompt: 'ours' }));
    const { fault, baseUrl } = oriel.backend;
    expect(fault.requests.at(-1)?.headers.origin).toBe(name === 'firefox' ? undefined : fault.url);
    const before = fault.requests.length;
    await page.evaluate(
      (url: string) =>
        fetch(url, { method: 'POST', mode: 'no-cors', body: '{}' }).then(
          () => undefined,
          () => undefined,
        ),
      `${baseUrl}/chat/completions`,
    );
    expect(fault.requests.length).toBe(before + 1);
    expect(fault.requests.at(-1)?.headers.origin).toBe(oriel.pages.origin('localhost'));
    await page.close();
  });

  test('T53 a rule goes with its connection, and Chromium, which would set itself before every page for it, has none', async () => {
    const { fault } = oriel.backend;
    const own = await bystander(oriel);
    const rules = () =>
      own.evaluate<string[] | undefined, []>(
        `${api}.declarativeNetRequest?.getSessionRules().then((all) => all.map(({ condition }) => condition.urlFilter))`,
      );
    const kept = name === 'firefox' ? [`|${fault.url}/`] : undefined;
    expect(await rules()).toEqual(kept);
    const other = { providerId: 'openai-compatible', name: 'Other', baseUrl: 'http://127.0.0.1:9/v1' };
    const { id } = await askBackground<{ id: string }>(own, 'connection-add', other);
    await until(async () => !kept || (await rules())?.includes('|http://127.0.0.1:9/'));
    await askBackground(own, 'connection-remove', { id });
    await until(async () => (await rules())?.length === kept?.length);
    expect(await rules()).toEqual(kept);
    await own.close();
  });

  test('T54 cookies of the server’s host do not travel with our requests, and it can set none', async () => {
    // Cookies know no port: one of this page server belongs to the model server’s host as well.
    oriel.pages.page('/cookie', '<p>cookie</p>', { headers: { 'set-cookie': 'session=abc; Path=/' } });
    const holder = await oriel.browser.newPage(oriel.pages.url('/cookie', '127.0.0.1'));
    expect(await holder.evaluate('document.cookie')).toBe('session=abc');
    const page = await oriel.visit('localhost');
    await settled(page, await start(page, { prompt: 'cookies?' }));
    expect(oriel.backend.fault.requests.at(-1)?.headers).not.toHaveProperty('cookie');
    await page.close();
    await holder.close();
  });

  test('T30 a page can neither read nor frame Oriel’s pages', async () => {
    const page = await oriel.visit('localhost');
    const popupUrl = oriel.browser.extensionUrl('popup.html');
    expect(
      await page.evaluate(
        (url: string) =>
          fetch(url).then(
            () => 'read',
            () => 'refused',
          ),
        popupUrl,
      ),
    ).toBe('refused');
    // A frame that loaded would be a context of the extension, and be listed beside the popup here.
    const popup = await oriel.popup();
    const contexts = () =>
      popup.evaluate(async () => {
        const { runtime } = (globalThis as unknown as { browser?: typeof chrome }).browser ?? chrome;
        return (await runtime.getContexts({})).map(({ documentUrl }) => documentUrl).sort();
      });
    const before = await contexts();
    expect(before).toContain(popupUrl);
    for (const path of ['popup.html', 'options.html', 'approval.html', 'offscreen.html', 'icon/oriel.svg']) {
      await page.evaluate((url: string) => {
        const frame = document.createElement('iframe');
        frame.src = url;
        document.body.append(frame);
      }, oriel.browser.extensionUrl(path));
    }
    await delay(700);
    expect(await contexts()).toEqual(before);
    await popup.close();
    await page.close();
  });

  test('T31 a whole approval leaves the page’s document and its global names as they were', async () => {
    const page = await oriel.visit('clean.localhost');
    const look = () =>
      page.evaluate(() => {
        const names = Object.getOwnPropertyNames(window).filter((key) => Number.isNaN(Number(key)));
        const markup = document.documentElement.outerHTML.replace(/ data-used="1"/g, '');
        const roots = [...document.querySelectorAll('*')].filter((element) => element.shadowRoot).length;
        return { names: names.sort(), markup, roots };
      });
    const before = await look();
    const call = await start(page, { prompt: 'look around' });
    await answerApproval(oriel.browser, 'Allow this visit');
    expect(await settled(page, call)).toMatchObject({ state: 'resolved' });
    expect(await look()).toEqual(before);
    await page.close();
  });

  test('T46 a file has no window.ai, and workers have none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oriel-file-'));
    try {
      const file = join(folder, 'page.html');
      writeFileSync(file, '<!doctype html><title>A file</title><p>file');
      const page = await oriel.browser.newPage(pathToFileURL(file).href);
      expect(await page.evaluate('"ai" in window')).toBe(false);
      await page.close();
      const site = await oriel.visit('localhost');
      const inWorker = await site.evaluate(
        () =>
          new Promise((resolve) => {
            const worker = new Worker(URL.createObjectURL(new Blob(['postMessage("ai" in self)'])));
            worker.onmessage = ({ data }) => resolve(data);
          }),
      );
      expect(inWorker).toBe(false);
      await site.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
