import { expect, test } from 'vitest';
import { createOpenTabs } from '../../background/open-tabs';
import { createFakeBrowser } from './support/browser';

test('tabs that were open when Oriel was installed are known as such, also after the background died, until they are reloaded', async () => {
  const browser = createFakeBrowser();
  const tabs = createOpenTabs(browser);
  expect(await tabs.has(3)).toBe(false);
  browser.arrived([3, 4]);
  expect([await tabs.has(3), await tabs.has(5)]).toEqual([true, false]);
  const later = createOpenTabs(browser);
  await later.reload(3);
  expect(browser.tabsReloaded).toEqual([3]);
  expect([await later.has(3), await later.has(4)]).toEqual([false, true]);
});
