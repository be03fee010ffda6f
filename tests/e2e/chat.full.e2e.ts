/** A chat of fifty messages: one card, not fifty, however much of it the site's rate makes wait. */

import { expect, test } from 'vitest';
import { answerApproval, browserNames, openOriel, settled, start } from './support/oriel';

const seconds = 1000;

test.each(browserNames)('%s: fifty messages under Always allow show one approval', { timeout: 300 * seconds }, async (name) => {
  const oriel = await openOriel(name);
  try {
    await oriel.connect();
    const page = await oriel.visit('localhost');
    const first = await start(page, { prompt: 'message 0' });
    await answerApproval(oriel.browser, 'Always allow');
    await settled(page, first);
    for (let message = 1; message < 50; message += 1) {
      const call = await start(page, { prompt: `message ${message}` });
      // Twenty at once, then one every three seconds.
      expect(await settled(page, call, 10 * seconds)).toMatchObject({ state: 'resolved' });
      const open = await Promise.all((await oriel.browser.pages()).map((each) => each.url()));
      expect(open.filter((url) => url.includes('approval.html'))).toEqual([]);
    }
    expect(oriel.backend.chats).toHaveLength(50);
  } finally {
    await oriel.close();
  }
});
