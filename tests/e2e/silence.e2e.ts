/** Oriel asks nobody whom the person did not connect: no telemetry, no fonts, no look for updates of its own. */

import { expect, test } from 'vitest';
import { startVendors } from '../support/vendors';
import { answerApproval, browserNames, delay, openOriel, settled, start, until } from './support/oriel';

/** What these browsers ask by themselves, with no extension in them. */
const ofTheBrowser =
  /(^|\.)(mozilla\.(org|com|net)|firefox\.com|mozgcp\.net|google\.com|gvt1\.com|gstatic\.com|(update|optimizationguide-pa|safebrowsing)\.googleapis\.com)$/;

test.each(browserNames)('T114 %s: whatever the person does with Oriel, nobody else is asked for anything', async (name) => {
  const vendors = await startVendors(new Map());
  const oriel = await openOriel(
    name,
    {},
    {
      firstRun: true,
      // Everything but this computer goes through the proxy, unencrypted requests too.
      chromiumArguments: [`--proxy-server=127.0.0.1:${vendors.port}`],
      firefoxPreferences: {
        'network.proxy.type': 1,
        'network.proxy.http': '127.0.0.1',
        'network.proxy.http_port': vendors.port,
        'network.proxy.ssl': '127.0.0.1',
        'network.proxy.ssl_port': vendors.port,
      },
    },
  );
  const strangers = () => vendors.refused.map((asked) => hostOf(asked)).filter((host) => !ofTheBrowser.test(host));
  try {
    const { browser } = oriel;
    await browser.waitForPage('welcome.html', 15_000);
    await oriel.connect();
    const page = await oriel.visit('localhost');
    const call = await start(page, { prompt: 'hello' }, {}, { streams: true });
    await answerApproval(browser, 'Always allow');
    await settled(page, call);
    oriel.backend.set({ apiKey: 'sk-other' });
    await settled(page, await start(page, { prompt: 'is refused' }));
    for (const path of [
      ...['connections', 'connections/add', 'sites', 'usage', 'activity', 'models', 'security', 'about'].map(
        (part) => `options.html#${part}`,
      ),
      ...['popup.html', 'welcome.html', 'sidepanel.html'],
    ]) {
      const own = await browser.newPage(browser.extensionUrl(path));
      await until(() => own.evaluate('document.body.textContent.length > 20'));
      await delay(300);
      await own.close();
    }
    expect(strangers()).toEqual([]);
    // The proxy would have told.
    const own = await browser.newPage(browser.extensionUrl('options.html#about'));
    for (const address of ['https://telemetry.example/', 'http://fonts.example/'])
      await own.evaluate(`fetch('${address}').catch(() => undefined).then(() => undefined)`);
    expect(strangers().sort()).toEqual(['fonts.example', 'telemetry.example']);
  } finally {
    await oriel.close();
    await vendors.close();
  }
});

/** Of `CONNECT` the proxy notes the host, of any other request its first line. */
function hostOf(asked: string): string {
  const address = /^[A-Z]+ (\S+) HTTP/.exec(asked)?.[1];
  return address !== undefined && URL.canParse(address) ? new URL(address).hostname : asked.replace(/:\d+$/, '');
}
