/** The dialog Rules of one site in Settings. */

import type { TestPage } from '../../support/browser';
import type { Oriel } from './oriel';

/** Opens the rules of a site that has a row. */
export async function openRules({ browser }: Oriel, host: string): Promise<TestPage> {
  const settings = await browser.newPage(browser.extensionUrl('options.html#sites'));
  await settings.waitForText(host);
  await settings.evaluate((site: string) => {
    const row = [...document.querySelectorAll('.site-row')].find(({ textContent }) => textContent?.includes(site));
    [...(row?.querySelectorAll('button') ?? [])].find(({ textContent }) => textContent === 'Rules')?.click();
  }, host);
  await settings.waitForRole('dialog', new RegExp(`Rules for .*${host}`));
  return settings;
}

/** Opens them, changes something, saves. */
export async function changeRules(oriel: Oriel, host: string, change: (settings: TestPage) => Promise<unknown>): Promise<void> {
  const settings = await openRules(oriel, host);
  await change(settings);
  await settings.click('button', 'Save');
  await settings.waitForNoRole('dialog');
  await settings.close();
}
