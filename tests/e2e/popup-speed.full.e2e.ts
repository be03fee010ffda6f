/** How long the popup takes until it shows what it has to show, with a full log behind it. The times are printed, for a quiet machine. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserNames, type Oriel, openOriel, until } from './support/oriel';
import { bystander } from './support/own-page';

const rounds = 9;
/** From the start of the navigation to the paint after the first overview, in milliseconds: what nobody calls ready any more. */
const tooLate = 1000;

const median = (values: readonly number[]) => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name);
    for (const each of ['One', 'Two', 'Three']) await oriel.connect({ name: each });
    const page = await bystander(oriel);
    await page.evaluate(fillDatabase, 10_000);
    await page.close();
  });
  afterAll(() => oriel?.close());

  const readyAt = async () => {
    const popup = await oriel.popup();
    const at = await until(() =>
      popup.evaluate<number | undefined, []>('performance.getEntriesByName("popup-ready")[0]?.startTime'),
    );
    await popup.waitForRole('combobox', 'Active connection');
    await popup.close();
    return at;
  };

  test('it is ready at once with 10,000 calls in the log', async () => {
    await readyAt();
    const taken: number[] = [];
    for (let round = 0; round < rounds; round += 1) taken.push(await readyAt());
    const woken: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      await oriel.browser.killBackground();
      woken.push(await readyAt());
    }
    const said = `ready after ${taken.map(Math.round).join(' ')} ms; with the background started for it ${woken.map(Math.round).join(' ')} ms`;
    console.info(`${name}: ${said}`);
    expect(median(taken), said).toBeLessThanOrEqual(tooLate);
    expect(median(woken), said).toBeLessThanOrEqual(tooLate);
  });
});

/** As a long use leaves it: calls, sums of each day, sites. */
async function fillDatabase(calls: number): Promise<void> {
  const opened = indexedDB.open('oriel');
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    opened.onsuccess = () => resolve(opened.result);
    opened.onerror = () => reject(opened.error);
  });
  const writing = database.transaction(['activity', 'usage', 'sites'], 'readwrite');
  const day = 86_400_000;
  for (let index = 0; index < calls; index += 1) {
    const at = Date.now() - (calls - index) * 60_000;
    const top = `https://site-${index % 300}.example`;
    const call = {
      ...{ at, day: new Date(at).toISOString().slice(0, 10), subject: { top }, siteKey: `${top} ` },
      ...{ connectionId: `c${index % 3}`, connectionName: 'One', place: 'cloud', model: `model-${index % 9}` },
      ...{ outcome: index % 20 === 0 ? 'unavailable' : 'answered', milliseconds: 900 },
      usage: { inputTokens: 120, outputTokens: 80, estimated: false },
    };
    writing.objectStore('activity').add(call);
    if (index % 5 === 0)
      writing.objectStore('usage').put({
        ...{ day: call.day, siteKey: call.siteKey, connectionId: call.connectionId, connectionName: 'One', model: call.model },
        ...{ place: 'cloud', calls: 1, failed: 0, inputTokens: 120, outputTokens: 80, microUsd: 10, unpriced: 0, estimated: 0 },
      });
    if (index < 300) {
      const always = {
        subject: { top },
        scopes: ['generate'],
        models: ['*'],
        connection: 'active',
        place: 'cloud',
        mode: 'always',
      };
      const times = { issuedAt: Date.now() - day, lastUsedAt: Date.now() - day, expiresAt: Date.now() + 60 * day };
      writing.objectStore('sites').put({ key: `${top} `, subject: { top }, always: { ...always, ...times } });
    }
  }
  await new Promise<void>((resolve, reject) => {
    writing.oncomplete = () => resolve();
    writing.onabort = () => reject(writing.error);
  });
  database.close();
}
