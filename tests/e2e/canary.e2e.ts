/** A key that sings wherever it is heard: consoles, messages, storage, Oriel's pages, the memory of the background and the files of the browser. */

import { describe, expect, test } from 'vitest';
import { respondJson } from '../support/faultd';
import { answerApproval, browserNames, delay, type Oriel, openOriel, settled, start, until } from './support/oriel';
import { bystander, dumpStorage } from './support/own-page';
import { encodingsOf, searchProfile } from './support/profile-search';
import { derivation, lock, setPassphrase, unlock } from './support/vault';

const key = 'sk-CANARY-c07a5e91b4d3f286';
const planted = 'sk-PLANTED-8e2b6d40a917cf53';

/** What every context writes to its console goes to the browser's log. */
const launch = {
  rawLifetime: true,
  chromiumArguments: ['--enable-logging=stderr'],
  firefoxPreferences: { 'devtools.console.stdout.content': true, 'browser.dom.window.dump.enabled': true },
};

/** What people do in an hour, and what goes wrong in it. The key is right, refused, echoed, replaced, locked away. */
async function live(oriel: Oriel): Promise<void> {
  const { backend } = oriel;
  backend.set({ apiKey: key });
  await oriel.connect({ key });
  await oriel.grant('busy.localhost');
  const page = await oriel.visit('busy.localhost');
  await page.evaluate(() => {
    const heard: unknown[] = [];
    Object.assign(window, { heard });
    window.addEventListener('message', ({ data }) => heard.push(data));
    window.addEventListener('unhandledrejection', ({ reason }) => heard.push(String(reason)));
  });
  await settled(page, await start(page, { prompt: 'hello' }, {}, { streams: true }));
  for (const [status, body] of [
    [401, { error: { message: `Incorrect API key provided: ${key}` } }],
    [500, { error: { message: `Bearer ${key}`, base64: Buffer.from(key).toString('base64') } }],
    [429, { error: { message: `Rate limit for ${key.slice(0, 14)}`, rest: key.slice(14) } }],
  ] as const) {
    backend.fault.on('POST', '/v1/chat/completions', respondJson(status, body, { 'retry-after': '0' }));
    await settled(page, await start(page, { prompt: 'fails' }), 20_000);
  }
  backend.fault.on('POST', '/v1/chat/completions', [
    { type: 'headers', headers: { 'content-type': 'text/html' } },
    { type: 'write', data: `<p>${key}` },
  ]);
  await settled(page, await start(page, { prompt: 'fails' }));
  expect(await page.evaluate('JSON.stringify([window.heard, window.calls, document.documentElement.outerHTML])')).not.toContain(
    'CANARY',
  );
  await page.close();
  await setPassphrase(oriel);
  await lock(oriel);
}

/** The DOM of every page of Oriel, the fields' values included. */
async function lookAtOwnPages(oriel: Oriel): Promise<string> {
  const seen: string[] = [];
  for (const path of [
    'popup.html',
    'options.html#connections',
    'options.html#sites',
    'options.html#security',
    'options.html#about',
  ]) {
    const page = await oriel.browser.newPage(oriel.browser.extensionUrl(path));
    await until(() => page.evaluate('document.querySelector("#app, main, body").textContent.length > 20'));
    await delay(200);
    if (await page.hasRole('button', 'Edit')) await page.click('button', 'Edit');
    seen.push(
      await page.evaluate(
        () => document.documentElement.outerHTML + [...document.querySelectorAll('input')].map(({ value }) => value).join(),
      ),
    );
    await page.close();
  }
  return seen.join('\n');
}

describe.each(browserNames)('%s', (name) => {
  test('T57 in a day with faults the key is found in no console, message, page, storage and file', {
    timeout: 90_000,
  }, async () => {
    let found: Record<string, string[]> = {};
    const inspectProfile = (folder: string) => {
      const background = Buffer.from('said in the background');
      found = searchProfile(folder, { ...encodingsOf('key', key), ...encodingsOf('planted', planted), background });
    };
    const oriel = await openOriel(name, {}, { ...launch, inspectProfile });
    try {
      await live(oriel);
      // Locked first, then unlocked: both faces of each page.
      const shown = [await lookAtOwnPages(oriel)];
      const popup = await oriel.popup();
      await unlock(popup);
      await popup.waitForRole('combobox', 'Model', { timeoutMs: derivation });
      await popup.close();
      shown.push(await lookAtOwnPages(oriel));
      expect(shown[1]).toContain('f286');
      expect(shown.join()).not.toContain('CANARY');
      const own = await bystander(oriel);
      const { lasting, session } = await dumpStorage(own);
      expect(lasting).toContain('keyEnding');
      expect(lasting + session).not.toContain('CANARY');
      // The searches find what is there: said in a page, said in a page of Oriel's, and stored.
      const site = await oriel.visit('busy.localhost');
      for (const page of [site, own]) await page.evaluate(`console.log('${planted} said')`);
      await own.evaluate(`indexedDB.open('planted').onupgradeneeded = ({ target: { result } }) =>
        result.createObjectStore('planted', { autoIncrement: true }).add('${planted} stored')`);
      await until(async () => (await dumpStorage(own)).lasting.includes(planted));
      await oriel.browser.evaluateInBackground?.(`console.log('${planted} said in the background')`);
      await delay(300);
    } finally {
      await oriel.close();
    }
    console.log(`${name}: planted in ${JSON.stringify(found)}`);
    const plantedIn = [...(found.planted ?? []), ...(found['planted in UTF-16'] ?? [])];
    expect(plantedIn).toContain('browser.log');
    expect(plantedIn.length).toBeGreaterThan(1);
    if (name === 'chromium') expect(found.background).toEqual(['browser.log']);
    expect(Object.entries(found).filter(([what, files]) => what.startsWith('key') && files.length > 0)).toEqual([]);
  });

  test('T75 after a crash with the key typed no file holds it', async () => {
    let found: Record<string, string[]> = {};
    const inspectProfile = (folder: string) => {
      found = searchProfile(folder, { ...encodingsOf('key', key), ...encodingsOf('planted', planted) });
    };
    const firefoxPreferences = { 'browser.sessionstore.interval': 300, 'browser.sessionstore.resume_from_crash': true };
    const oriel = await openOriel(name, {}, { rawLifetime: true, firefoxPreferences, inspectProfile });
    try {
      oriel.pages.page('/form', '<label>Note <input type="text" name="note"></label>');
      const site = await oriel.browser.newPage(oriel.pages.url('/form', 'localhost'));
      await site.fill('Note', planted);
      const options = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#connections/add'));
      await options.select('Provider', 'OpenAI-compatible server');
      await options.fill('API key', key);
      await delay(8000);
      await oriel.browser.crash?.();
    } finally {
      await oriel.close();
    }
    console.log(`${name}: after the crash ${JSON.stringify(found)}`);
    // What is typed elsewhere is written down by the browser: the search would find the key there.
    expect([...(found.planted ?? []), ...(found['planted in UTF-16'] ?? [])]).not.toEqual([]);
    expect(Object.entries(found).filter(([what, files]) => what.startsWith('key') && files.length > 0)).toEqual([]);
  });
});

test.runIf(browserNames.includes('chromium'))(
  'T122 what takes the place of fetch after the start is not called, and no object of Oriel can be given a setter that hears the key',
  async () => {
    const oriel = await openOriel('chromium', { apiKey: key }, { rawLifetime: true });
    try {
      const trap = `(() => {
        globalThis.heard = [];
        globalThis.fetch = (...all) => { heard.push(JSON.stringify(all)); throw new Error('Not this one.'); };
        try { Object.defineProperty(Object.prototype, 'key', { set: (value) => heard.push(value) }); return 'trapped'; } catch { return 'refused'; }
      })()`;
      expect(await oriel.browser.evaluateInBackground?.(trap)).toBe('refused');
      await oriel.connect({ key });
      await oriel.grant();
      expect(oriel.backend.fault.requests.at(-1)?.headers.authorization).toBe(`Bearer ${key}`);
      expect(await oriel.browser.evaluateInBackground?.('heard')).toEqual([]);
      const options = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html'));
      await options.waitForRole('heading', 'My server');
      expect(await options.evaluate('Object.isExtensible(Object.prototype)')).toBe(false);
      await options.close();
    } finally {
      await oriel.close();
    }
  },
);

test.runIf(browserNames.includes('chromium'))('T72 after the lock the memory of the background holds no key', async () => {
  const oriel = await openOriel('chromium', {}, { rawLifetime: true });
  try {
    oriel.backend.set({ apiKey: key });
    await setPassphrase(oriel);
    await oriel.connect({ key });
    const page = await oriel.visit('localhost');
    const call = await start(page, { prompt: 'hello' });
    await answerApproval(oriel.browser, 'Always allow');
    await settled(page, call);
    await oriel.browser.evaluateInBackground?.(`void (globalThis.planted = '${planted}')`);
    const before = (await oriel.browser.snapshotBackground?.()) ?? '';
    // It is there while it may be used.
    expect(before.includes(key)).toBe(true);
    expect(before.includes(planted)).toBe(true);
    await lock(oriel);
    const after = (await oriel.browser.snapshotBackground?.()) ?? '';
    expect(after.includes(planted)).toBe(true);
    // Not toContain: a failure would print all of it.
    expect(after.includes(key)).toBe(false);
  } finally {
    await oriel.close();
  }
});
