/** The first run as a new person goes through it, with their clicks counted. */

import { expect } from 'vitest';
import type { Overview } from '../../../protocol/ui-messages';
import type { FindOptions, Name, TestPage } from '../../support/browser';
import { answerApproval, type Call, type Oriel, settled, start } from './oriel';
import { api, askBackground, bystander } from './own-page';

/** From the installation to an answer on a web page: the README says so. */
const most = { clicks: 5, prompts: 2 };
/** The browser's own question whether to install Oriel; automation gives it no chance to ask. */
const atInstallation = 1;

export interface Newcomer {
  readonly page: TestPage;
  click(role: string, name: Name, options?: FindOptions): Promise<void>;
  /** A click on another page, such as a provider's. */
  clickOn(other: TestPage, role: string, name: Name): Promise<void>;
  /** Asks on a web page and allows it: the last step. Fails where the way was too long. */
  askOnSite(host: string): Promise<Call>;
}

/** What the browser was asked to allow after the installation. */
const allowed = (page: TestPage) => page.evaluate<string, []>(`${api}.permissions.getAll().then(JSON.stringify)`);

export async function newcomer({ browser, visit }: Oriel, page: TestPage): Promise<Newcomer> {
  let clicks = 0;
  const before = await allowed(page);
  return {
    page,
    click(role, name, options) {
      clicks += 1;
      return page.click(role, name, options);
    },
    clickOn(other, role, name) {
      clicks += 1;
      return other.click(role, name);
    },
    async askOnSite(host) {
      const site = await visit(host);
      clicks += 1;
      const call = await start(site, { prompt: 'What is an oriel?' });
      await answerApproval(browser, 'Allow this visit');
      clicks += 1;
      const answer = await settled(site, call, 30_000);
      const prompts = atInstallation + ((await allowed(page)) === before ? 0 : 1);
      console.log(`${browser.name}, ${host}: ${clicks} clicks, ${prompts} prompt of the browser`);
      expect(clicks).toBeLessThanOrEqual(most.clicks);
      expect(prompts).toBeLessThanOrEqual(most.prompts);
      await site.close();
      return answer;
    },
  };
}

/** Takes every connection away and opens the first run anew. */
export async function begin(oriel: Oriel): Promise<TestPage> {
  const own = await bystander(oriel);
  for (const { id } of (await askBackground<Overview>(own, 'overview')).connections)
    await askBackground(own, 'connection-remove', { id });
  await own.close();
  for (const page of await oriel.browser.pages()) if ((await page.url()).includes('welcome.html')) await page.close();
  const page = await oriel.browser.newPage(oriel.browser.extensionUrl('welcome.html'));
  await page.waitForRole('heading', 'Welcome to Oriel');
  return page;
}

/** The accessible name of what has the focus, by its role. */
export const focusOf = (page: TestPage): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return '';
    const labelled = element.getAttribute('aria-labelledby');
    const label = (element as HTMLInputElement).labels?.[0];
    const name = labelled
      ? document.getElementById(labelled)?.textContent
      : (element.getAttribute('aria-label') ?? label?.textContent);
    return `${element.localName} ${(name ?? element.textContent ?? '').replace(/\s+/g, ' ').trim()}`;
  });

/** Presses Tab until the focus is there. */
export async function tabTo(page: TestPage, focus: string, most = 30): Promise<void> {
  const seen: string[] = [];
  for (let presses = 0; presses < most; presses += 1) {
    await page.press('Tab');
    const now = await focusOf(page);
    if (now === focus) return;
    seen.push(now);
  }
  throw new Error(`${most} times Tab do not reach "${focus}", but: ${seen.join(' | ')}`);
}

/** What a screen reader is told by itself, in order: the text of each live region whenever it changes. */
export async function listen(page: TestPage): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const said: string[] = [];
    Object.assign(globalThis, { said });
    const last = new Map<Element, string>();
    const look = () => {
      for (const region of document.querySelectorAll('[role="status"], [role="alert"]')) {
        const text = (region.textContent ?? '').replace(/\s+/g, ' ').trim();
        if (text !== '' && text !== last.get(region)) said.push(text);
        last.set(region, text);
      }
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate<string[], []>('globalThis.said');
}
