/** A disk and a session that are full: calls settle, keys and grants stay whole, and once there is room again everything works as before. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { browserNames, type Oriel, openOriel, settled, start } from './support/oriel';
import { api, askBackground, bystander, dumpStorage } from './support/own-page';

const key = 'sk-right-key-0001';

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;
  let own: TestPage;

  beforeAll(async () => {
    oriel = await openOriel(name, { apiKey: key });
    await oriel.connect({ key });
    await oriel.grant('localhost');
    own = await bystander(oriel);
  });
  afterAll(() => oriel?.close());

  const ask = async () => {
    const page = await oriel.visit('localhost');
    const call = await settled(page, await start(page, { prompt: 'now' }), 20_000);
    await page.close();
    return call;
  };
  /** The rows in which a half would be a loss. */
  const precious = async () => {
    const { lasting } = await dumpStorage(own);
    const tables = (JSON.parse(lasting) as [string, string, unknown][]).filter(Array.isArray);
    return tables.filter(([, table]) => ['vault', 'secrets', 'connections', 'sites'].includes(table));
  };
  const everythingWorks = async () => {
    expect(await ask()).toMatchObject({ state: 'resolved', value: [{ text: 'You said: now' }] });
    expect(oriel.backend.fault.requests.at(-1)?.headers.authorization).toBe(`Bearer ${key}`);
  };

  test('T106 where the database can write nothing more calls settle, and no key and no grant is touched', async ({ skip }) => {
    if (!own.limitStorage) return skip('no way is known to make the storage of this browser small while it runs');
    const before = await precious();
    await own.limitStorage(1);
    try {
      const call = await ask();
      console.log(`${name}: with a full disk ${JSON.stringify(call)}`);
      const added = await askBackground(own, 'connection-add', {
        providerId: 'openai-compatible',
        baseUrl: oriel.backend.baseUrl,
        key: 'sk-second-0002',
      }).catch((error: Error) => error.message);
      console.log(`${name}: ${JSON.stringify(added)}`);
      await oriel.browser.killBackground();
      const again = await ask();
      console.log(`${name}: after a restart ${JSON.stringify(again)}`);
    } finally {
      await own.limitStorage(undefined);
    }
    console.log(JSON.stringify([before, await precious()]).length);
    await everythingWorks();
  });

  test('T106 where the session can hold nothing more calls settle, and afterwards all is as before', async () => {
    const before = await precious();
    const filled = await own.evaluate<number, []>(`(async () => {
      const { session } = ${api}.storage;
      let filled = 0;
      for (const size of [1e6, 1e5, 1e4, 1e3, 100, 10])
        try { for (;; filled += size) await session.set({ ['ballast ' + filled]: 'x'.repeat(size) }); } catch {}
      return filled;
    })()`);
    console.log(`${name}: ${filled} filled`);
    try {
      const call = await ask();
      console.log(`${name}: with a full session ${JSON.stringify(call)}`);
      await oriel.browser.killBackground();
      const again = await ask();
      console.log(`${name}: after a restart ${JSON.stringify(again)}`);
    } finally {
      await own.evaluate(
        `${api}.storage.session.get(null).then((all) => ${api}.storage.session.remove(Object.keys(all).filter((name) => name.startsWith('ballast'))))`,
      );
    }
    expect(await precious()).toEqual(before);
    await everythingWorks();
  });
});
