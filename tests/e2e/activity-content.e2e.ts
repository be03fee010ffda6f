/** What was said in calls, as people have it kept: turned on, read, taken along or not, and gone again. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { examine } from '../support/examine';
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
    await oriel.connect();
  });
  afterAll(() => oriel?.close());

  const screen = (path: string) => oriel.browser.newPage(oriel.browser.extensionUrl(`options.html#${path}`));
  const ask = async (host: string) => {
    const site = await oriel.visit(host);
    const call = await start(site, { prompt: 'ASKED' });
    await answerApproval(oriel.browser, 'Always allow');
    await settled(site, call);
    await site.close();
  };

  test('what is said is kept when that is turned on: it opens with its call, is asked about at the export, and goes when it is turned off', async () => {
    const page = await screen('activity');
    await watchFiles(page);
    await page.click('checkbox', 'Keep what was asked and answered');
    await page.waitForText(/What was said is kept too/);
    await ask('first.localhost');
    await page.waitForText('1–1 of 1');
    await page.evaluate(() => document.querySelector<HTMLElement>('.activity-entry summary')?.click());
    await page.waitForText('What the model received');
    for (const part of ['What was asked', 'What the model received', 'What it answered'])
      await page.evaluate(
        (label: string) =>
          [...document.querySelectorAll<HTMLElement>('.disclosure > summary')].find((one) => one.textContent === label)?.click(),
        part,
      );
    await page.waitForText('ASKED');
    await page.waitForText(/SPOKEN SPOKEN/);
    await page.waitForText(/"model": "test-model"/);
    await examine(page);

    await page.click('button', 'Export JSON');
    await page.waitForRole('dialog', 'Export calls');
    await examine(page);
    await page.click('button', 'Leave it out');
    expect(await savedFile(page)).not.toContain('ASKED');
    await page.click('button', 'Export JSON');
    await page.click('button', 'Include it');
    expect(await savedFile(page)).toContain('ASKED');

    await page.click('checkbox', 'Keep what was asked and answered');
    await page.waitForText('What was asked and answered was deleted.');
    await page.waitForText(/What was said is not kept/);
    await page.click('button', 'Export JSON');
    expect(await savedFile(page)).not.toContain('ASKED');
    await page.close();
  });
});
