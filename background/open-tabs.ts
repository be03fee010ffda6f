/** The tabs that were open before Oriel came: in their pages it is not, until they are loaded again. */

import type { Browser } from './browser-api';
import { logDefect } from './log';
import { createStored } from './stored';

export interface OpenTabs {
  has(tabId: number): Promise<boolean>;
  reload(tabId: number): Promise<void>;
}

export function createOpenTabs(browser: Pick<Browser, 'session' | 'onArrived' | 'reloadTab'>): OpenTabs {
  const before = createStored<readonly number[]>(browser.session, 'tabs-before', []);
  browser.onArrived((tabIds) => void before.update(() => tabIds).catch(logDefect));
  return {
    has: async (tabId) => (await before.get()).includes(tabId),
    async reload(tabId) {
      // Whatever it shows from now on was loaded since.
      await before.update((all) => all.filter((other) => other !== tabId));
      await browser.reloadTab(tabId);
    },
  };
}
