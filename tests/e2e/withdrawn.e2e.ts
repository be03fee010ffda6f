/** Cards whose page went away while they were open, pages that nobody sees yet, and what a restart leaves of what waited. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApprovalView, Overview } from '../../protocol/ui-messages';
import { launchBrowser, type TestPage } from '../support/browser';
import { makeProfile, removeProfile } from '../support/browser-process';
import { browserNames, delay, type Oriel, openOriel, start, until } from './support/oriel';
import { api, askBackground, badgeOf, bystander, dumpStorage, waitingSeen, watchWaiting } from './support/own-page';

/** The product's promise (design.md §3), in milliseconds. */
const goneWithin = 250;

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;
  let own: TestPage;

  beforeAll(async () => {
    oriel = await openOriel(name, {}, { rawLifetime: true });
    await oriel.connect();
    own = await bystander(oriel);
    await watchWaiting(own);
    oriel.pages.page(
      '/framed',
      '<button onclick="this.dataset.used = 1">Use the page</button><iframe src="/"></iframe><script>window.ask = () => frames[0].ai.generateText({ prompt: "framed" }).catch(() => undefined);</script>',
    );
  });
  afterAll(() => oriel?.close());

  const waits = (count: number) => until(async () => (await waitingSeen(own)).count === count);
  const tabIds = () => own.evaluate<number[], []>(`${api}.tabs.query({}).then((tabs) => tabs.map(({ id }) => id))`);

  const ends: [string, (page: TestPage, host: string) => unknown][] = [
    ['closed', (page) => page.close()],
    ['navigated', (page) => page.evaluate(`void (location.href = '${oriel.pages.url('/', 'elsewhere.localhost')}')`)],
    ['without its frame', (page) => page.evaluate('document.querySelector("iframe").remove()')],
  ];

  test.each(ends)('T25 the card of a page that is %s goes within 250 ms, and its Allow does nothing', async (what, end) => {
    const host = `gone${ends.findIndex(([other]) => other === what)}.localhost`;
    const calls = oriel.backend.chats.length;
    const page = await oriel.visit(host, what === 'without its frame' ? '/framed' : '/');
    if (what === 'without its frame') await page.evaluate('void window.ask()');
    else await start(page, { prompt: 'gone' });
    await waits(1);
    await until(async () => (await badgeOf(own)) === '1');
    const card = (await askBackground<Overview>(own, 'overview')).approvals[0] as ApprovalView;
    const approval = what === 'without its frame' ? undefined : await oriel.browser.waitForPage('approval.html');
    const since = Date.now();
    const ending = end(page, host);
    await until(async () => (await badgeOf(own)) === '');
    const badgeAt = Date.now();
    await waits(0);
    await ending;
    const { at } = await waitingSeen(own);
    console.log(`${name}: page ${what}: card gone after ${at - since} ms, badge after ${badgeAt - since} ms`);
    expect(at - since).toBeLessThan(goneWithin);
    // The driver's own way is in this one.
    expect(badgeAt - since).toBeLessThan(goneWithin * 2);
    await approval?.waitForClose();
    const late = { id: card.id, digest: card.digest, decision: 'allow-always' };
    await expect(askBackground(own, 'approval-decide', late)).rejects.toThrow('invalid-request');
    expect(JSON.stringify(await askBackground(own, 'sites'))).not.toContain(host);
    expect(oriel.backend.chats.length).toBe(calls);
    await page.close();
  });

  test('T25 the card of a tab that the browser discards goes', async () => {
    const before = await tabIds();
    const page = await oriel.visit('discarded.localhost');
    const tabId = (await tabIds()).find((id) => !before.includes(id));
    await start(page, { prompt: 'gone' });
    await waits(1);
    const approval = await oriel.browser.waitForPage('approval.html');
    // A browser discards no tab that is in front in its window.
    const front = await own.evaluate<number, []>(
      `${api}.tabs.get(${tabId}).then(({ windowId }) => ${api}.tabs.create({ windowId, url: '${oriel.pages.url('/', 'front.localhost')}' })).then(({ id }) => id)`,
    );
    await until(() => own.evaluate<boolean, []>(`${api}.tabs.get(${tabId}).then(({ active }) => !active)`));
    const since = Date.now();
    // Chromium gives it another id.
    const discarded = await own.evaluate<number, []>(`${api}.tabs.discard(${tabId}).then((tab) => tab?.id ?? ${tabId})`);
    await waits(0);
    const { at } = await waitingSeen(own);
    console.log(`${name}: tab discarded: card gone after ${at - since} ms`);
    expect(at - since).toBeLessThan(goneWithin);
    // Chromium's driver cannot look at a tab that is not loaded.
    await own.evaluate(`${api}.tabs.remove([${discarded}, ${front}])`);
    await approval.waitForClose();
    expect(JSON.stringify(await askBackground(own, 'sites'))).not.toContain('discarded.localhost');
  });
});

describe.runIf(browserNames.includes('chromium'))('chromium', () => {
  test('T15 a prerendered document asks nobody before it is shown', async () => {
    const oriel = await openOriel('chromium', {}, { rawLifetime: true });
    try {
      await oriel.connect();
      const { pages } = oriel;
      pages.file('/asked', '', 'text/plain');
      pages.page(
        '/next',
        `<script>
          fetch('/asked?prerendering=' + document.prerendering);
          ai.generateText({ prompt: 'before anybody looks' }).then(() => fetch('/asked?answered'), (error) => fetch('/asked?' + error));
        </script>`,
      );
      pages.page(
        '/first',
        `<script type="speculationrules">{ "prerender": [{ "urls": ["/next"], "eagerness": "immediate" }] }</script>
        <script>setInterval(() => fetch('/go').then(({ ok }) => { if (ok) location.href = '/next'; }), 50);</script>`,
      );
      const heard = (what: string) => until(async () => pages.requests.some((request) => request.endsWith(`/asked?${what}`)));
      const own = await bystander(oriel);
      await watchWaiting(own);
      // Chromium prerenders nothing for a tab that a driver is attached to.
      await own.evaluate(`void ${api}.tabs.create({ url: '${pages.url('/first', 'ahead.localhost')}' })`);
      await heard('prerendering=true');
      await delay(700);
      expect((await waitingSeen(own)).count).toBe(0);
      expect(await badgeOf(own)).toBe('');
      pages.file('/go', '', 'text/plain');
      await until(async () => (await waitingSeen(own)).count === 1);
      const { approvals } = await askBackground<Overview>(own, 'overview');
      const [card] = approvals as [ApprovalView];
      expect(card.subject.top).toContain('ahead.localhost');
      await askBackground(own, 'approval-decide', { id: card.id, digest: card.digest, decision: 'deny' });
      await heard('PERMISSION_DENIED');
      expect(pages.requests.filter((request) => request.endsWith('/next'))).toHaveLength(1);
      expect(oriel.backend.chats).toEqual([]);
    } finally {
      await oriel.close();
    }
  });
});

/** What a test puts in for a while would lose its data with the browser: an extension that a person installed keeps them. */
const asInstalled = {
  'extensions.webextensions.keepStorageOnUninstall': true,
  'extensions.webextensions.keepUuidOnUninstall': true,
};

test.each(browserNames)('T33 %s: a restart shows and executes nothing of what waited, and holds nothing back', async (name) => {
  const profile = makeProfile();
  const launch = { rawLifetime: true, profile, firefoxPreferences: asInstalled };
  const oriel = await openOriel(name, {}, launch);
  try {
    await oriel.connect();
    await oriel.grant('known.localhost');
    for (const host of ['one.localhost', 'two.localhost', 'three.localhost']) {
      const page = await oriel.visit(host);
      await start(page, { prompt: 'waits' });
    }
    const own = await bystander(oriel);
    await watchWaiting(own);
    await until(async () => (await badgeOf(own)) === '3');
    const calls = oriel.backend.chats.length;
    await oriel.browser.crash?.();
    const again = await launchBrowser(name, launch);
    try {
      const page = await bystander({ browser: again });
      await watchWaiting(page);
      await delay(1500);
      expect((await waitingSeen(page)).count).toBe(0);
      expect(await badgeOf(page)).toBe('');
      const urls = await Promise.all((await again.pages()).map((each) => each.url()));
      expect(urls.filter((url) => url.includes('approval.html'))).toEqual([]);
      const { lasting, session } = await dumpStorage(page);
      // It is the same profile: what was allowed for good is there.
      expect(lasting).toContain('known.localhost');
      // What is held back stands in a site's account: there is none of these.
      expect(lasting + session).not.toMatch(/(one|two|three)\.localhost/);
      expect(oriel.backend.chats.length).toBe(calls);
    } finally {
      await again.close();
    }
  } finally {
    await oriel.close();
    removeProfile(profile);
  }
});
