/** Private windows: nothing that was allowed elsewhere holds in them, and nothing of them stays. */

import { expect, test } from 'vitest';
import { answerApproval, browserNames, delay, openOriel, settled, start, until } from './support/oriel';
import { askBackground, bystander, dumpStorage } from './support/own-page';
import { encodingsOf, searchProfile } from './support/profile-search';

const marker = 'marker-7c41f0-quince';

test.each(browserNames)('T44 %s: a private window inherits nothing and leaves nothing', async (name) => {
  let found: Record<string, string[]> = {};
  const inspectProfile = (folder: string) => {
    found = searchProfile(folder, {
      ...encodingsOf('marker', marker),
      ...encodingsOf('private site', 'secret.localhost'),
      ...encodingsOf('site', 'plain.localhost'),
    });
  };
  const oriel = await openOriel(name, {}, { rawLifetime: true, inPrivateWindows: true, inspectProfile });
  try {
    await oriel.connect();
    await oriel.grant('plain.localhost');
    const hidden = async (host: string) => {
      const page = await oriel.browser.newPrivatePage?.(oriel.pages.url('/', host));
      if (!page) throw new Error('This browser opens no private page');
      expect(await page.evaluate('typeof window.ai?.generateText')).toBe('function');
      await page.click('button', 'Use the page');
      return page;
    };

    const inherited = await hidden('plain.localhost');
    const asked = await start(inherited, { prompt: marker });
    await answerApproval(oriel.browser, "Don't allow");
    expect(await settled(inherited, asked)).toMatchObject({ state: 'rejected', error: 'PERMISSION_DENIED' });

    const page = await hidden('secret.localhost');
    const first = await start(page, { prompt: marker });
    const card = await oriel.browser.waitForPage('approval.html', 10_000);
    await card.waitForRole('button', 'Allow this visit');
    expect(await card.text()).not.toContain('Always allow');
    await answerApproval(oriel.browser, 'Allow this visit');
    expect(await settled(page, first)).toMatchObject({ state: 'resolved', value: [{ text: `You said: ${marker}` }] });
    // For this visit it holds.
    expect(await settled(page, await start(page, { prompt: marker }))).toMatchObject({ state: 'resolved' });
    const popup = await oriel.popupOverLastTab();
    await popup.click('button', 'Block');
    await popup.waitForRole('button', 'Ask again');
    await popup.close();
    const refused = await start(page, { prompt: marker });
    expect(await settled(page, refused)).toMatchObject({ state: 'rejected', error: 'PERMISSION_DENIED' });
    await page.close();
    await inherited.close();

    const own = await bystander(oriel);
    const isSecretKnown = async () => JSON.stringify(await askBackground(own, 'sites')).includes('secret.localhost');
    await until(async () => !(await isSecretKnown()));
    const { lasting, session } = await dumpStorage(own);
    expect(lasting).toContain('plain.localhost');
    expect(lasting).not.toContain('secret.localhost');
    expect(lasting + session).not.toContain(marker);
    await own.close();

    const again = await hidden('secret.localhost');
    const next = await start(again, { prompt: marker });
    await answerApproval(oriel.browser, "Don't allow");
    expect(await settled(again, next)).toMatchObject({ state: 'rejected', error: 'PERMISSION_DENIED' });
    await again.close();
    await delay(300);
  } finally {
    await oriel.close();
  }
  // The search finds what is there: the grant of the ordinary window.
  expect(found.site).not.toEqual([]);
  const secrets = Object.entries(found).filter(([what]) => !what.startsWith('site'));
  expect(secrets.filter(([, files]) => files.length > 0)).toEqual([]);
});
