import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { Database } from '../../background/database';
import { createOpenAiSites } from '../../background/openai-sites';
import type { Origin } from '../../protocol/ids';
import { createFakeBrowser } from './support/browser';

const one = 'https://one.test' as Origin;
const two = 'https://two.test' as Origin;
let databases = 0;

function createSites() {
  databases += 1;
  const database = new Database({ name: `openai-sites-${databases}` });
  const browser = createFakeBrowser();
  return { browser, sites: createOpenAiSites({ database, siteScripts: browser.siteScripts }) };
}

test('the script is on the sites that were switched on, and on no others', async () => {
  const { browser, sites } = createSites();
  browser.scripted = [];
  await sites.set(one, true);
  await sites.set(two, true);
  await sites.set(one, true);
  expect(browser.scripted).toEqual([one, two]);
  await sites.set(one, false);
  expect(browser.scripted).toEqual([two]);
  expect([await sites.isOn(one), await sites.isOn(two)]).toEqual([false, true]);
});

test('a wish whose permission comes later is followed then: the browser’s question may have closed the popup', async () => {
  const { browser, sites } = createSites();
  await sites.set(one, true);
  expect(await sites.isOn(one)).toBe(false);
  browser.siteScripts.onAllowed(() => void sites.renew());
  browser.allowScripts();
  await sites.renew();
  expect(browser.scripted).toEqual([one]);
  expect(await sites.isOn(one)).toBe(true);
});

test('what an update of Oriel took out of the browser’s list is put back, and what nobody wants is taken out', async () => {
  const { browser, sites } = createSites();
  browser.scripted = [];
  await sites.set(one, true);
  browser.scripted = [two];
  await Promise.all([sites.renew(), sites.renew()]);
  expect(browser.scripted).toEqual([one]);
});

test('a failure of the browser is told to whoever switches, and keeps nobody from trying again', async () => {
  const { browser, sites } = createSites();
  browser.scripted = [];
  const { add } = browser.siteScripts;
  Object.assign(browser.siteScripts, { add: async () => Promise.reject(new Error('no')) });
  await expect(sites.set(one, true)).rejects.toThrow('no');
  Object.assign(browser.siteScripts, { add });
  await sites.set(one, true);
  expect(browser.scripted).toEqual([one]);
});
