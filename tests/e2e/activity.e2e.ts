/** Activity and Usage as people meet them: calls appear by themselves, are searched, deleted, brought back and taken along. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { examine } from '../support/examine';
import { respondJson } from '../support/faultd';
import { answerApproval, browserNames, type Oriel, openOriel, settled, start, until } from './support/oriel';

/** Keeps what the page hands to the browser as a file. */
const watchFiles = (page: TestPage) =>
  page.evaluate(() => {
    const seen = globalThis as unknown as { saved: Blob };
    const make = URL.createObjectURL.bind(URL);
    URL.createObjectURL = (blob) => {
      seen.saved = blob as Blob;
      return make(blob);
    };
  });
/** The text of the file, once it is there. */
const savedFile = (page: TestPage) =>
  until(() =>
    page.evaluate(async () => {
      const seen = globalThis as unknown as { saved?: Blob };
      const text = await seen.saved?.text();
      delete seen.saved;
      return text;
    }),
  );

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name, { answer: () => 'SPOKEN '.repeat(5) });
  });
  afterAll(() => oriel?.close());

  const screen = (path: string) => oriel.browser.newPage(oriel.browser.extensionUrl(`options.html#${path}`));
  const ask = async (host: string, isKnown = false) => {
    const site = await oriel.visit(host);
    const call = await start(site, { prompt: 'ASKED' });
    if (!isKnown) await answerApproval(oriel.browser, 'Always allow');
    await settled(site, call);
    await site.close();
  };

  test('while there is nothing, both pages say what will be there', async () => {
    for (const [path, words] of [
      ['activity', 'No call yet'],
      ['usage', 'Nothing was used in this period'],
    ] as const) {
      const page = await screen(path);
      await page.waitForText(words);
      await examine(page);
      await page.close();
    }
  });

  test('a call appears by itself and opens to what is known of it', async () => {
    await oriel.connect();
    const page = await screen('activity');
    await page.waitForText('No call yet');
    await ask('first.localhost');
    await page.waitForText(/first\.localhost/);
    await page.waitForText(/Answered in/);
    await ask('second.localhost');
    oriel.backend.fault.on('POST', '/v1/chat/completions', respondJson(401, { error: { message: 'no' } }));
    await ask('second.localhost', true);
    await page.waitForText(/1–3 of 3/);
    const failed = await page.evaluate(() => {
      const entry = document.querySelector<HTMLDetailsElement>('[data-ending="failed"] details');
      entry?.querySelector('summary')?.click();
      return entry?.open;
    });
    expect(failed).toBe(true);
    await page.waitForText('My server needs an API key.');
    await page.waitForRole('link', 'Fix');
    await examine(page);
    await page.close();
  });

  test('a search narrows the list, and what it exports', async () => {
    const page = await screen('activity');
    await watchFiles(page);
    await page.fill('Search site, model or connection', 'second test-model');
    await page.waitForText('1–2 of 2');
    await page.select('How it ended', 'Answered');
    await page.waitForText('1–1 of 1');
    await page.click('button', 'Export CSV');
    const [head = '', row = '', end] = (await savedFile(page)).split('\r\n');
    expect(head).toContain('time,site,');
    expect(row).toMatch(/,http:\/\/second\.localhost:\d+,,[\w-]+,My server,this-computer,answered,\d+,\d+,\d+,(true|false),,,$/);
    expect(end).toBe('');
    await page.fill('Search site, model or connection', 'nowhere');
    await page.waitForText('No call matches');
    await page.click('button', 'Show all calls');
    await page.waitForText('1–3 of 3');
    await page.click('button', 'Export JSON');
    const text = await savedFile(page);
    expect(JSON.parse(text)).toHaveLength(3);
    for (const word of ['ASKED', 'SPOKEN']) expect(text).not.toContain(word);
    await page.close();
  });

  test('Usage shows the same calls as sums, with a chart that is a table too', async () => {
    const page = await screen('usage');
    await watchFiles(page);
    await page.waitForRole('img', /^Tokens by day\. Most on/);
    await page.click('radio', 'This week');
    await page.waitForText(/first\.localhost/);
    await page.waitForText(/1 failed/);
    await examine(page);
    await page.setViewport(1000, 900);
    const names = await page.names('table');
    expect(names.length).toBeGreaterThanOrEqual(3);
    await page.click('button', 'Export CSV');
    expect((await savedFile(page)).split('\r\n').filter((line) => line.includes('.localhost'))).toHaveLength(2);
    await page.close();
  });

  test('what is deleted goes at once and comes back by Undo; without it, Usage forgets the site', async () => {
    const page = await screen('activity');
    await page.waitForText('1–3 of 3');
    const openFirst = () => page.evaluate(() => document.querySelector<HTMLElement>('.activity-entry summary')?.click());
    await openFirst();
    await page.click('button', 'Delete all of this site');
    await page.waitForText('1–1 of 1');
    await examine(page);
    await page.click('button', 'Undo');
    await page.waitForText('1–3 of 3');
    await openFirst();
    await page.click('button', 'Delete');
    await page.waitForText('1–2 of 2');
    await page.click('button', 'Clear');
    await page.waitForText('No call yet');
    await page.close();
    const usage = await screen('usage');
    await usage.waitForText('Deleted sites');
    expect(await usage.text()).not.toContain('.localhost');
    await usage.click('button', 'Clear');
    await usage.waitForText('Nothing was used in this period');
    await usage.close();
  });
});
