/** After the last call the background is left to the browser, which ends it when it is idle. */

import { expect, test } from 'vitest';
import { browserNames, openOriel, settled, start, until } from './support/oriel';

const seconds = 1000;

test.each(browserNames)(
  'T102 %s: within a minute after the last call the background is gone',
  { timeout: 180 * seconds },
  async (name) => {
    const oriel = await openOriel(name, {}, { rawLifetime: true });
    try {
      await oriel.connect();
      await oriel.grant();
      const page = await oriel.visit('localhost');
      expect(await settled(page, await start(page, { prompt: 'hello' }))).toMatchObject({ state: 'resolved' });
      const since = Date.now();
      await until(async () => !(await oriel.browser.backgroundRuns()), 60 * seconds);
      console.log(`${name}: gone ${((Date.now() - since) / seconds).toFixed(0)} s after the last call`);
      // The page's port was closed with it, and that is no error to anybody.
      expect(await settled(page, await start(page, { prompt: 'hello again' }))).toMatchObject({ state: 'resolved' });
    } finally {
      await oriel.close();
    }
  },
);
