/** A disk and a session that are full: calls settle, keys and grants stay whole, and once there is room again everything works as before. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { browserNames, delay, type Oriel, openOriel, settled, start } from './support/oriel';
import { api, askBackground, bystander, dumpStorage } from './support/own-page';

const key = 'sk-right-key-0001';

describe.each(browserNames)('%s', { timeout: 180_000 }, (name) => {
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
      // So long Chromium takes for given that what was free still is.
      await delay(35_000);
      const call = await ask();
      console.log(`${name}: with a full disk ${JSON.stringify(call)}`);
      const adding = { providerId: 'openai-compatible', baseUrl: oriel.backend.baseUrl, key: 'sk-second-0002' };
      const added = await askBackground<object>(own, 'connection-add', adding).catch((error: Error) => error.message);
      console.log(`${name}: another connection ${JSON.stringify(added)}`);
      await oriel.browser.killBackground();
      console.log(`${name}: after a restart ${JSON.stringify(await ask())}`);
    } finally {
      await own.limitStorage(undefined);
    }
    await delay(35_000);
    expect(await precious()).toEqual(before);
    await everythingWorks();
  });

  test('T106 where the session can hold nothing more a call is refused before it is sent, and afterwards all is as before', async () => {
    const before = await precious();
    const chats = oriel.backend.chats.length;
    await own.evaluate(fillSession);
    try {
      // What could be sent twice after a death of the background is not sent once.
      expect(await ask()).toMatchObject({ state: 'rejected' });
      await oriel.browser.killBackground();
      expect(await ask()).toMatchObject({ state: 'rejected' });
      expect(oriel.backend.chats.length).toBe(chats);
    } finally {
      await own.evaluate(
        `${api}.storage.session.get(null).then((all) => ${api}.storage.session.remove(Object.keys(all).filter((name) => name.startsWith('ballast'))))`,
      );
    }
    expect(await precious()).toEqual(before);
    await everythingWorks();
  });
});

/** In pieces that are halved until nothing fits any more. */
const fillSession = `(async () => {
  const { session } = ${api}.storage;
  let count = 0;
  for (let size = 8_000_000; size >= 1; size = Math.floor(size / 2))
    try { await session.set({ ['ballast ' + count]: 'x'.repeat(size) }); count += 1; } catch {}
})()`;
