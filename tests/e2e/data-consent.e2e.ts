/** Firefox's own question whether data may leave this computer: asked when a backend elsewhere is connected, and held to. Chromium has no such question. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserNames, type Oriel, openOriel, settled, start, until } from './support/oriel';

const title = 'You have not agreed that what is asked may leave this computer.';
const kinds = ['websiteContent', 'personalCommunications', 'authenticationInfo'];

describe.runIf(browserNames.includes('firefox'))('firefox', () => {
  let oriel: Oriel;
  /** In the browser's own scope, where its questions are. */
  const inBrowser = (expression: string) => oriel.browser.evaluateInBrowser?.(expression);
  const question = `(() => {
    for (const window of Services.wm.getEnumerator('navigator:browser'))
      for (const browser of window.gBrowser.browsers) {
        const found = window.PopupNotifications.getNotification('web-extension-permissions', browser);
        if (found) return found;
      }
  })()`;
  const isAsked = async () => (await inBrowser(`Boolean(${question})`)) === true;
  const say = async (agrees: boolean) => {
    await until(isAsked);
    const action = agrees ? 'mainAction' : 'secondaryActions[0]';
    await inBrowser(`(() => { const it = ${question}; it.${action}.callback({}); it.remove(); })()`);
  };
  const elsewhere = () => oriel.backend.baseUrl.replace('127.0.0.1', 'llm.test');

  beforeAll(async () => {
    oriel = await openOriel('firefox', {}, { firefoxPreferences: { 'extensions.webextOptionalPermissionPrompts': true } });
  });
  afterAll(() => oriel?.close());

  test('a server on this computer is connected without a question', async () => {
    await oriel.connect({ name: 'Here' });
    expect(await isAsked()).toBe(false);
  });

  test('who says no has no connection elsewhere and nothing was sent; who says yes is not asked again', async () => {
    const before = oriel.backend.fault.requests.length;
    const options = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#connections/add'));
    await options.select('Provider', 'OpenAI-compatible server');
    await options.fill('Name', 'Elsewhere');
    await options.fill('Server address', elsewhere());
    await options.click('button', 'Connect');
    await say(false);
    await options.waitForText(title);
    await options.waitForText('Nothing was saved.');
    expect(oriel.backend.fault.requests.length).toBe(before);

    await options.click('button', 'Connect');
    await say(true);
    await options.waitForRole('heading', 'Elsewhere');
    expect(oriel.backend.fault.requests.length).toBeGreaterThan(before);
    await options.close();
    await oriel.connect({ name: 'Elsewhere too', address: elsewhere() });
    expect(await isAsked()).toBe(false);
  });

  test('who takes it back in the browser stops what would leave, at once', async () => {
    const popup = await oriel.popup();
    await popup.select('Active connection', 'Elsewhere').catch(() => undefined);
    await popup.close();
    await oriel.grant();
    const page = await oriel.visit('localhost');
    expect(await settled(page, await start(page, { prompt: 'Hi' }))).toMatchObject({ state: 'resolved' });
    await inBrowser(`(async () => {
      const { ExtensionPermissions } = ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');
      const { id, extension } = WebExtensionPolicy.getByHostname(${JSON.stringify(new URL(oriel.browser.extensionUrl('')).hostname)});
      await ExtensionPermissions.remove(id, { permissions: [], origins: [], data_collection: ${JSON.stringify(kinds)} }, extension);
    })()`);
    const before = oriel.backend.chats.length;
    expect(await settled(page, await start(page, { prompt: 'Hi' }))).toMatchObject({ state: 'rejected' });
    expect(oriel.backend.chats.length).toBe(before);
    const popupAfter = await oriel.popup();
    await popupAfter.waitForText(title);
    await popupAfter.close();
  });
});
