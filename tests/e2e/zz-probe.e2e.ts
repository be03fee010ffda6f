import { test } from 'vitest';
import { openOriel, delay } from './support/oriel';
test('access chromium', async () => {
  const o = await openOriel('chromium', {}, { firstRun: true, rawLifetime: true });
  try {
    const page = await o.browser.waitForPage('welcome.html');
    const id = new URL(await page.url()).host;
    const ext = await o.browser.newPage('chrome://extensions/');
    await ext.evaluate(`chrome.developerPrivate.updateProfileConfiguration({ inDeveloperMode: true })`);
    await ext.evaluate(`chrome.developerPrivate.updateExtensionConfiguration({ extensionId: '${id}', hostAccess: 'ON_CLICK' })`);
    await delay(1000);
    console.log(await page.evaluate(`chrome.permissions.contains({ origins: ['https://*/*', 'http://*/*'] })`), await page.text());
    console.log(await page.evaluate(`Promise.race([chrome.permissions.request({ origins: ['https://*/*', 'http://*/*'] }).then(String, String), new Promise(r => setTimeout(() => r('hangs'), 2000))])`));
    await page.click('button', 'Let it in on all sites');
    await delay(1500);
    console.log((await page.text()).slice(0, 900));
    await ext.evaluate(`chrome.developerPrivate.updateExtensionConfiguration({ extensionId: '${id}', hostAccess: 'ON_ALL_SITES' })`);
    await delay(800);
    console.log((await page.text()).slice(0, 400));
  } finally { await o.close(); }
}, 60000);
test('access firefox', async () => {
  const o = await openOriel('firefox', {}, { firstRun: true });
  try {
    const page = await o.browser.waitForPage('welcome.html');
    console.log(await o.browser.evaluateInBrowser?.(`(async () => {
      const { ExtensionPermissions } = ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');
      const ext = WebExtensionPolicy.getByID('oriel@oriel.invalid').extension;
      await ExtensionPermissions.remove('oriel@oriel.invalid', { permissions: [], origins: ['https://*/*', 'http://*/*'], data_collection: [] }, ext);
      return 'removed'; })()`));
    await delay(1000);
    console.log(await page.evaluate(`browser.permissions.contains({ origins: ['https://*/*', 'http://*/*'] })`), (await page.text()).slice(0, 600));
    await page.click('button', 'Let it in on all sites');
    await delay(1500);
    console.log((await page.text()).slice(0, 600), await page.evaluate(`browser.permissions.contains({ origins: ['https://*/*', 'http://*/*'] })`));
  } finally { await o.close(); }
}, 60000);
