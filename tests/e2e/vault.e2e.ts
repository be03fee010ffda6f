/** The vault as people meet it: a passphrase is set, Oriel locks and is unlocked, and what lies on the disk gives nothing away. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findViolations } from '../support/axe';
import { answerApproval, browserNames, delay, type Oriel, openOriel, settled, start, until } from './support/oriel';
import { api, bystander } from './support/own-page';
import { encodingsOf, searchProfile } from './support/profile-search';
import { derivation, lock, passphrase, setPassphrase, unlock } from './support/vault';

const key = 'sk-CANARY-3f9a7c51d2e8b604';

const unlockWindow = (oriel: Oriel) => oriel.browser.waitForPage('approval.html', 10_000);

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name);
    await oriel.connect({ key });
    await setPassphrase(oriel);
  });
  afterAll(() => oriel?.close());

  test('a call of a page while it is locked waits for the passphrase, then for the permission, and is answered', async () => {
    await lock(oriel);
    const page = await oriel.visit('vault.localhost');
    const call = await start(page, { prompt: 'a private question' });
    const approval = await unlockWindow(oriel);
    await approval.waitForRole('heading', 'Unlock Oriel');
    expect(await approval.text()).not.toMatch(/vault\.localhost|private/);
    await unlock(approval, 'not the passphrase');
    await approval.waitForText('That is not the passphrase.', derivation);
    await unlock(approval);
    await approval.waitForRole('button', 'Always allow', { timeoutMs: derivation });
    await answerApproval(oriel.browser, 'Always allow');
    expect(await settled(page, call)).toMatchObject({ state: 'resolved', value: [{ text: 'You said: a private question' }] });
    expect(oriel.backend.fault.requests.at(-1)?.headers.authorization).toBe(`Bearer ${key}`);
    await page.close();
  });

  test('a site that may always is answered right after the unlocking, and closing the window refuses', async () => {
    await lock(oriel);
    const page = await oriel.visit('vault.localhost');
    const first = await start(page, { prompt: 'one' });
    const closed = await unlockWindow(oriel);
    await closed.waitForRole('heading', 'Unlock Oriel');
    await closed.close();
    expect(await settled(page, first)).toMatchObject({ state: 'rejected', error: 'PERMISSION_DENIED' });
    await page.click('button', 'Use the page');
    const second = await start(page, { prompt: 'two' });
    const approval = await unlockWindow(oriel);
    await unlock(approval);
    expect(await settled(page, second, derivation)).toMatchObject({ state: 'resolved' });
    await approval.waitForClose();
    await page.close();
  });

  test('T32 while it is locked every page of Oriel shows the field for the passphrase and nothing else', async () => {
    const site = await oriel.visit('vault.localhost');
    await lock(oriel);
    for (const path of [
      'popup.html',
      'approval.html',
      'options.html#connections',
      'options.html#sites',
      'options.html#security',
    ]) {
      const page = await oriel.browser.newPage(oriel.browser.extensionUrl(path));
      await page.waitForRole('heading', 'Unlock Oriel');
      expect(await page.text(), path).not.toMatch(/vault\.localhost|My server|127\.0\.0\.1/);
      expect(await findViolations(page)).toEqual([]);
      await page.close();
    }
    await site.close();
  });

  test('T70 it locks at the alarm although the background was dead', async () => {
    const popup = await oriel.popup();
    await unlock(popup);
    await popup.waitForRole('combobox', 'Model', { timeoutMs: derivation });
    await popup.close();
    const page = await bystander(oriel);
    const unlocked = () => page.evaluate<unknown, []>(`${api}.storage.session.get('unlocked').then((all) => all.unlocked)`);
    expect(await unlocked()).toMatchObject({ key: expect.any(String) });
    await oriel.browser.killBackground();
    await page.evaluate(`${api}.storage.session.get('unlocked').then(({ unlocked }) =>
      ${api}.storage.session.set({ unlocked: { ...unlocked, lockAt: Date.now() + 500 } }))`);
    await page.evaluate(`void ${api}.alarms.create('lock', { when: Date.now() + 1000 })`);
    expect(await unlocked()).toBeDefined();
    await until(async () => (await unlocked()) === undefined, 40_000);
    await page.close();
  });

  test('T75 fields for keys and passphrases are hidden, not remembered and not checked for spelling', async () => {
    const popup = await oriel.popup();
    await unlock(popup);
    await popup.waitForRole('combobox', 'Model', { timeoutMs: derivation });
    await popup.close();
    for (const [path, press] of [
      ['options.html#connections/add', undefined],
      ['options.html#security', 'Change'],
      ['options.html#security', 'Export'],
    ] as const) {
      const page = await oriel.browser.newPage(oriel.browser.extensionUrl(path));
      if (press) await page.click('button', press);
      await page.waitForRole('dialog');
      const fields = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLInputElement>('input')]
          .filter(
            ({ type, id }) =>
              type === 'password' || /key|passphrase/i.test(document.querySelector(`label[for="${id}"]`)?.textContent ?? ''),
          )
          .map(({ type, autocomplete, spellcheck }) => ({ type, autocomplete, spellcheck })),
      );
      expect(fields.length).toBeGreaterThan(0);
      for (const field of fields) expect(field).toEqual({ type: 'password', autocomplete: 'off', spellcheck: false });
      await page.close();
    }
  });

  test('T59 storage.local holds nothing, and the world of the content script sees neither session nor database', async () => {
    const page = await bystander(oriel);
    expect(await page.evaluate(`${api}.storage.local.get(null)`)).toEqual({});
    expect(await page.evaluate(`indexedDB.databases().then((all) => all.map(({ name }) => name).sort())`)).toEqual([
      'oriel',
      'oriel-recovery',
    ]);
    await page.close();
    const site = await oriel.visit('vault.localhost');
    const inContentScript = (expression: string) => site.evaluateInContentScript?.(expression);
    expect(await inContentScript(`${api}.runtime.id`)).toBe(
      name === 'chromium' ? new URL(oriel.browser.extensionUrl('')).host : 'oriel@oriel.invalid',
    );
    expect(await inContentScript(`${api}.storage?.local.get(null) ?? {}`)).toEqual({});
    expect(
      await inContentScript(
        `${api}.storage?.session ? ${api}.storage.session.get(null).then(() => 'read', () => 'refused') : 'refused'`,
      ),
    ).toBe('refused');
    expect(await inContentScript('indexedDB.databases().then((all) => all.length)')).toBe(0);
    await site.close();
  });
});

/** How often each of these stands in any file of the profile. */
const search = (folder: string, wanted: Record<string, Buffer>): Record<string, number> =>
  Object.fromEntries(Object.entries(searchProfile(folder, wanted)).map(([name, files]) => [name, files.length]));

describe.runIf(browserNames.includes('chromium'))('the profile of chromium', () => {
  const encodings = encodingsOf('key', key);

  test('T73 with a passphrase no file holds the API key, the data key or the passphrase', async () => {
    let found: Record<string, number> = {};
    let dataKey = '';
    const oriel = await openOriel(
      'chromium',
      {},
      {
        inspectProfile: (folder) => {
          found = search(folder, {
            ...encodings,
            'data key': Buffer.from(dataKey, 'base64'),
            'data key in base64': Buffer.from(dataKey),
            passphrase: Buffer.from(passphrase),
            // The detector sees what is there: the name of the connection is no secret.
            'My server': Buffer.from('My server'),
          });
        },
      },
    );
    try {
      await setPassphrase(oriel);
      await oriel.connect({ key });
      const page = await bystander(oriel);
      dataKey = await page.evaluate<string, []>(`chrome.storage.session.get('unlocked').then(({ unlocked }) => unlocked.key)`);
      expect(dataKey).toHaveLength(44);
      await page.close();
      await lock(oriel);
      await delay(500);
    } finally {
      await oriel.close();
    }
    const { 'My server': shown, ...secrets } = found;
    expect(shown).toBeGreaterThan(0);
    expect(secrets).toEqual(Object.fromEntries(Object.keys(secrets).map((name) => [name, 0])));
  });

  test('T72 after the lock the memory of the session holds no data key', async () => {
    const oriel = await openOriel('chromium');
    try {
      await setPassphrase(oriel);
      await lock(oriel);
      const page = await bystander(oriel);
      expect(JSON.stringify(await page.evaluate('chrome.storage.session.get(null)'))).not.toContain('unlocked');
    } finally {
      await oriel.close();
    }
  });

  test('T73 without a passphrase no file holds the API key; the key that wraps it lies there in the clear (M13)', async () => {
    let found: Record<string, number> = {};
    const oriel = await openOriel(
      'chromium',
      {},
      {
        inspectProfile: (folder) => {
          found = search(folder, encodings);
        },
      },
    );
    try {
      await oriel.connect({ key });
      const page = await bystander(oriel);
      expect(
        await page.evaluate(`new Promise((resolve) => { indexedDB.open('oriel').onsuccess = ({ target }) => {
        target.result.transaction('vault').objectStore('vault').get('vault').onsuccess = (event) => resolve(event.target.result.wrap.type); }; })`),
      ).toBe('device');
      await page.close();
    } finally {
      await oriel.close();
    }
    expect(found).toEqual({ key: 0, 'key in UTF-16': 0, 'key in base64': 0 });
  });
});
