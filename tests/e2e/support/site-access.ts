/** Gives and takes the browser's leave to be on web pages, as its own page of extensions does. */

import type { Oriel } from './oriel';

const everywhere = ['http://*/*', 'https://*/*', 'http://127.0.0.1/*'];

export async function setAccess({ browser }: Pick<Oriel, 'browser'>, isGiven: boolean): Promise<void> {
  const { hostname } = new URL(browser.extensionUrl('options.html'));
  if (browser.evaluateInBrowser) {
    const set = `ExtensionPermissions.${isGiven ? 'add' : 'remove'}(id, { permissions: [], origins: ${JSON.stringify(everywhere)} }, extension)`;
    await browser.evaluateInBrowser(`(async () => {
      const { ExtensionPermissions } = ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');
      const { id, extension } = WebExtensionPolicy.getByHostname(${JSON.stringify(hostname)});
      await ${set};
    })()`);
    return;
  }
  const page = await browser.newPage('chrome://extensions');
  const update = { extensionId: hostname, hostAccess: isGiven ? 'ON_ALL_SITES' : 'ON_CLICK' };
  await page.evaluate(`chrome.developerPrivate.updateExtensionConfiguration(${JSON.stringify(update)})`);
  await page.close();
}
