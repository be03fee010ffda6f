/** Oriel where the person is not looking: in a page from before the installation, and behind other windows. */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startPageServer } from '../support/pages';
import { browserNames, delay, openOriel, settled, start, until } from './support/oriel';
import { api, badgeOf, bystander } from './support/own-page';

test.each(browserNames)('%s: a page from before the installation comes to have Oriel', async (name) => {
  const before = await startPageServer({ '/': '<!doctype html><title>From before</title><h1>From before</h1>' });
  try {
    const oriel = await openOriel(name, {}, { openBefore: before.url('/', 'localhost'), rawLifetime: true });
    try {
      const page = await oriel.browser.waitForPage(before.origin('localhost'));
      const hasOriel = () => page.evaluate<boolean, []>('"ai" in window');
      if (name === 'chromium') {
        expect(await hasOriel()).toBe(false);
        const popup = await oriel.popupOverLastTab();
        await popup.waitForText('This page was open before Oriel was installed or updated.');
        await popup.click('button', 'Reload this tab');
      }
      // Firefox puts extensions into pages that are open already.
      await until(hasOriel);
      const popup = await oriel.popupOverLastTab();
      await popup.waitForText('No site in this tab has asked for a model.');
      expect(await popup.hasRole('button', 'Reload this tab')).toBe(false);
    } finally {
      await oriel.close();
    }
  } finally {
    await before.close();
  }
});

/** Oriel as it is where the person has turned notifications on: no automation can answer Chromium's question. */
function withNotifications(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-notices-'));
  cpSync(join('.output', name === 'chromium' ? 'chrome-mv3' : 'firefox-mv3'), folder, { recursive: true });
  const file = join(folder, 'manifest.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { permissions: string[] };
  writeFileSync(file, JSON.stringify({ ...manifest, permissions: [...manifest.permissions, 'notifications'] }));
  return folder;
}

test.each(browserNames)('%s: of a page that waits in vain the system tells, where the browser is not in front', async (name) => {
  const extension = withNotifications(name);
  const oriel = await openOriel(name, {}, { extension });
  try {
    await oriel.connect();
    const own = await bystander(oriel);
    const page = await oriel.browser.newPage(oriel.pages.url('/', 'localhost'));
    // A Firefox without a desktop takes each notice and closes it at once: it counts as told there.
    await own.evaluate(`(globalThis.gone = [], void ${api}.notifications.onClosed.addListener((id) => gone.push(id)))`);
    const shown = async () => Object.keys(await own.evaluate<object, []>(`${api}.notifications.getAll()`));
    const told = async () => (name === 'firefox' ? own.evaluate<string[], []>('gone') : shown());
    // Asked by nobody's click: it waits without a window.
    await start(page, { prompt: 'hello' });
    await until(async () => (await badgeOf(own)) === '1');
    expect(await told()).toEqual([]);
    await own.evaluate(
      `${api}.windows.getAll().then((all) => Promise.all(all.map(({ id }) => ${api}.windows.update(id, { state: 'minimized' }))))`,
    );
    const call = await start(page, { prompt: 'hello again' });
    await until(async () => (await told()).includes('waiting'));
    const popup = await oriel.popup();
    for (const _ of ['first', 'second']) {
      await popup.waitForRole('button', "Don't allow");
      await delay(900);
      await popup.click('button', "Don't allow", { nth: 0 });
    }
    expect(await settled(page, call)).toMatchObject({ state: 'rejected' });
    await until(async () => (await shown()).length === 0);
  } finally {
    await oriel.close();
    rmSync(extension, { recursive: true, force: true });
  }
});
