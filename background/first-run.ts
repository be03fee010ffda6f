/** Opens the first run by itself, once: in the moment after the installation, and not where something is connected already. */

import type { Browser } from './browser-api';
import type { Connections } from './connections';

interface FirstRunDeps {
  readonly browser: Pick<Browser, 'onInstalled' | 'openTab'>;
  readonly connections: Pick<Connections, 'list'>;
}

export function watchInstallation({ browser, connections }: FirstRunDeps): void {
  browser.onInstalled(async () => {
    if ((await connections.list()).length > 0) return;
    // Where no window may show it, the popup says what to do first.
    await browser.openTab('welcome.html').catch(() => undefined);
  });
}
