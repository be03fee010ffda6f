/** What a person does with the vault: sets a passphrase, locks, unlocks. */

import type { TestPage } from '../../support/browser';
import type { Oriel } from './oriel';

export const passphrase = 'maple-orbit-quill-tundra';
/** A derivation takes a second and a half on two cores that others use too. */
export const derivation = 20_000;

export async function setPassphrase(oriel: Oriel): Promise<void> {
  const page = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#security'));
  await page.click('button', 'Set passphrase');
  await page.fill('New passphrase', passphrase);
  await page.fill('Repeat it', passphrase);
  await page.click('button', 'Set passphrase', { within: { role: 'dialog' } });
  await page.waitForRole('button', 'Lock now', { timeoutMs: derivation });
  await page.close();
}

export async function lock(oriel: Oriel): Promise<void> {
  const page = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#security'));
  await page.click('button', 'Lock now');
  await page.waitForRole('heading', 'Unlock Oriel');
  await page.close();
}

export async function unlock(page: TestPage, typed = passphrase): Promise<void> {
  await page.waitForRole('heading', 'Unlock Oriel');
  await page.fill('Passphrase', typed);
  await page.click('button', 'Unlock');
}
