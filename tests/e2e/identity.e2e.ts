/** Who a page is, which documents are served, and what a page costs that asks for nothing. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SiteView } from '../../protocol/ui-messages';
import type { TestPage } from '../support/browser';
import { startPageServer } from '../support/pages';
import { answerApproval, browserNames, callOf, delay, type Oriel, openOriel, settled, start, until } from './support/oriel';
import { askBackground, bystander } from './support/own-page';

/** Asks from inside a frame and reports to the page around it. */
const asking = `<script>
  ai.generateText({ prompt: 'from a frame' }).then(
    (value) => parent.postMessage({ frame: value[0].text }, '*'),
    (error) => parent.postMessage({ frame: String(error) }, '*'));
</script>`;
const listening = `<button onclick="this.dataset.used = 1">Use the page</button>
<script>onmessage = ({ data }) => { if (data.frame) window.fromFrame = data.frame; };</script>`;

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name);
    await oriel.connect();
    await oriel.grant('trusted.localhost');
  });
  afterAll(() => oriel?.close());

  const hasApproval = async () => {
    const urls = await Promise.all((await oriel.browser.pages()).map((page) => page.url().catch(() => '')));
    return urls.some((url) => url.includes('approval.html'));
  };
  const fromFrame = (page: TestPage) =>
    until(async () => ((await page.evaluate('window.fromFrame ?? null')) as string | null) ?? undefined);

  test('T2 a sandboxed frame of a trusted site has no origin and is refused without asking', async () => {
    oriel.pages.page('/in', asking);
    oriel.pages.page('/sandbox', `${listening}<iframe sandbox="allow-scripts" src="/in"></iframe>`);
    const before = oriel.backend.chats.length;
    const page = await oriel.visit('trusted.localhost', '/sandbox');
    expect(await fromFrame(page)).toBe('PERMISSION_DENIED');
    expect(await hasApproval()).toBe(false);
    expect(oriel.backend.chats.length).toBe(before);
    await page.close();
  });

  test('a frame of the same site and a srcdoc frame use the grant of the site', async () => {
    oriel.pages.page('/in', asking);
    oriel.pages.page('/same', `${listening}<iframe src="/in"></iframe>`);
    oriel.pages.page('/srcdoc', `${listening}<iframe srcdoc="${asking.replaceAll('"', '&quot;')}"></iframe>`);
    for (const path of ['/same', '/srcdoc']) {
      const page = await oriel.visit('trusted.localhost', path);
      expect(await fromFrame(page)).toBe('You said: from a frame');
      await page.close();
    }
  });

  test('T4 a frame of a trusted site inside another site is asked about with both names, and what it gets is the pair’s alone', async () => {
    const other = await startPageServer();
    try {
      oriel.pages.page('/in', `${asking}<button>Use the frame</button>`);
      other.page('/', `${listening}<iframe src="${oriel.pages.url('/in', 'trusted.localhost')}"></iframe>`);
      const inside = async (host: string, button: string) => {
        const page = await oriel.browser.newPage(other.url('/', host));
        const popup = await oriel.popup();
        await popup.waitForText(new RegExp(`trusted\\.localhost:\\d+ in http://${host}`));
        await delay(900);
        await popup.click('button', button);
        const outcome = await fromFrame(page);
        await popup.close();
        await page.close();
        return outcome;
      };
      expect(await inside('outer.localhost', "Don't allow")).toBe('PERMISSION_DENIED');
      expect(await inside('outer.localhost', 'Always allow')).toBe('You said: from a frame');
      const own = await bystander(oriel);
      const sites = await askBackground<SiteView[]>(own, 'sites');
      const trusted = oriel.pages.origin('trusted.localhost');
      expect(sites.filter(({ state }) => state.type === 'always').map(({ subject }) => subject)).toEqual(
        expect.arrayContaining([{ top: trusted }, { top: other.origin('outer.localhost'), frame: trusted }]),
      );
      await own.close();
      // The pair is answered now; the site around it, alone, and the frame inside a third one are not.
      const again = await oriel.browser.newPage(other.url('/', 'outer.localhost'));
      expect(await fromFrame(again)).toBe('You said: from a frame');
      const outer =
        await again.evaluate(`new Promise((resolve) => { const abort = new AbortController(); setTimeout(() => abort.abort(), 400);
        ai.generateText({ prompt: 'alone' }, { signal: abort.signal }).then(() => resolve('answered'), () => resolve('asked')); })`);
      expect(outer).toBe('asked');
      await again.close();
      expect(await inside('third.localhost', "Don't allow")).toBe('PERMISSION_DENIED');
    } finally {
      await other.close();
    }
  });

  test('T1 T9 what a page claims about itself changes nothing: the card names the site that the browser states', async () => {
    const page = await oriel.visit('evil.localhost');
    const trusted = oriel.pages.origin('trusted.localhost');
    await page.evaluate((origin: string) => {
      const claims = { origin, sender: { origin }, activated: true, v: 1, type: 'request', id: 'x', domain: origin };
      const call = { type: 'generate', request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'forged' }] }] } };
      for (const target of [document, window]) {
        for (const event of ['oriel:offer', 'oriel:want', 'oriel:port'])
          target.dispatchEvent(new CustomEvent(event, { detail: { ...claims, call } }));
      }
      window.postMessage({ ...claims, call }, '*');
      const channel = new MessageChannel();
      document.dispatchEvent(new MessageEvent('oriel:offer', { ports: [channel.port2] }));
      channel.port1.postMessage({ ...claims, call });
    }, trusted);
    await delay(300);
    expect(await hasApproval()).toBe(false);
    const call = await start(page, { prompt: 'forged', origin: trusted }, { origin: trusted });
    const approval = await oriel.browser.waitForPage('approval.html');
    await approval.waitForText(/evil\.localhost/);
    expect(await approval.text()).not.toContain('trusted.localhost');
    await approval.click('button', "Don't allow");
    expect(await settled(page, call)).toMatchObject({ state: 'rejected', error: 'PERMISSION_DENIED' });
    await page.close();
  });

  test('T46 a plain http site from elsewhere is refused until the person presses "Use here"', async () => {
    const page = await oriel.visit('site.test');
    const call = await start(page, { prompt: 'hello' });
    expect(await settled(page, call)).toMatchObject({ state: 'rejected', error: 'PERMISSION_DENIED' });
    expect(await hasApproval()).toBe(false);
    const popup = await oriel.popupOverLastTab();
    await popup.waitForText(/unencrypted/);
    await popup.click('button', 'Use here');
    await popup.waitForNoRole('button', 'Use here');
    const next = await start(page, { prompt: 'hello again' });
    await popup.waitForRole('button', 'Allow this visit');
    await popup.waitForText(/Not encrypted/);
    await delay(900);
    await popup.click('button', 'Allow this visit');
    expect(await settled(page, next)).toMatchObject({ state: 'resolved' });
    await popup.close();
    await page.close();
  });

  test('T27 a document that the person has not used raises the badge only, and the popup has its card', async () => {
    const page = await oriel.browser.newPage(oriel.pages.url('/', 'silent.localhost'));
    const call = await start(page, { prompt: 'psst' });
    await delay(700);
    expect(await hasApproval()).toBe(false);
    const popup = await oriel.popup();
    await popup.waitForText(/silent\.localhost:\d+ wants to use your AI/);
    await delay(900);
    await popup.click('button', 'Allow this visit');
    expect(await settled(page, call)).toMatchObject({ state: 'resolved' });
    await popup.close();
    await page.close();
  });

  test('the first inline script of a page and a window opened blank find window.ai', async () => {
    oriel.pages.page('/early', '<!doctype html><script>window.early = typeof window.ai?.generateText;</script>');
    const page = await oriel.browser.newPage(oriel.pages.url('/early', 'localhost'));
    expect(await page.evaluate('window.early')).toBe('function');
    const blank = await page.evaluate(() => {
      const frame = document.createElement('iframe');
      document.documentElement.append(frame);
      return typeof (frame.contentWindow as unknown as { ai?: { generateText?: unknown } }).ai?.generateText;
    });
    expect(blank).toBe('function');
    await page.close();
  });

  test('a window.ai that is there already is left alone, and the announcement still leads to Oriel', async () => {
    const page = await oriel.browser.newPage(oriel.pages.url('/', 'localhost'));
    const found = await page.evaluate(
      () =>
        new Promise((resolve) => {
          addEventListener('ai:announce', (event) => {
            const { detail } = event as CustomEvent<{ info: { name: string }; provider: { generateText: unknown } }>;
            resolve([detail.info.name, typeof detail.provider.generateText, Object.isFrozen(detail)]);
          });
          dispatchEvent(new Event('ai:request'));
        }),
    );
    expect(found).toEqual(['Oriel', 'function', true]);
    await page.close();
  });

  test('a page that makes no call costs no port, no message and no background', async () => {
    // The tabs that the tests before have closed are events of their own.
    await delay(500);
    await oriel.browser.killBackground();
    const page = await oriel.visit('quiet.localhost');
    await delay(1000);
    expect(await oriel.browser.backgroundRuns()).toBe(false);
    expect(await page.evaluate('window.messages')).toBe(0);
    const call = await start(page, { prompt: 'now' });
    await until(() => oriel.browser.backgroundRuns());
    await answerApproval(oriel.browser, "Don't allow");
    await settled(page, call);
    await page.close();
  });

  test('garbage on every field is answered with a clear error and harms no later call', async () => {
    const page = await oriel.visit('trusted.localhost');
    const outcomes = await page.evaluate(async () => {
      const { ai } = window as unknown as { ai: { generateText: (input?: unknown, options?: unknown) => Promise<unknown> } };
      const odd = [
        undefined,
        null,
        0,
        '',
        'text',
        [],
        {},
        Symbol('s'),
        () => 1,
        new Proxy(
          {},
          {
            get: () => {
              throw new Error('trap');
            },
          },
        ),
      ];
      const calls: [unknown, unknown][] = odd.map((value) => [value, {}]);
      const fine = { prompt: 'x' };
      for (const value of ['x', {}, Number.NaN, Infinity, -1, 1e308]) {
        calls.push([fine, { temperature: value }], [fine, { maxTokens: value }], [fine, { numOutputs: value }]);
      }
      calls.push([{ messages: [] }, {}], [{ messages: [null] }, {}], [{ messages: [{ role: 'root', content: 'x' }] }, {}]);
      calls.push(
        [{ messages: [{ role: 'user', content: { a: 1 } }] }, {}],
        [{ messages: Array(1001).fill({ role: 'user', content: 'x' }) }, {}],
      );
      calls.push(
        [{ prompt: 'x'.repeat(2 ** 20 + 1) }, {}],
        [fine, { stopSequences: 'x' }],
        [fine, { stopSequences: [1] }],
        [fine, { model: {} }],
      );
      calls.push([fine, 'options'], [fine, null], [fine, { onStreamResult: 1 }], [fine, { signal: {} }]);
      const settle = ([input, options]: [unknown, unknown]) =>
        Promise.race([
          ai.generateText(input, options).then(
            () => 'resolved',
            (error) => String(error),
          ),
          new Promise((resolve) => setTimeout(resolve, 3000, 'hung')),
        ]);
      return Promise.all(calls.map(settle));
    });
    expect(new Set(outcomes)).toEqual(new Set(['Error: Invalid input', 'Error: Invalid options', 'INVALID_REQUEST']));
    const call = await start(page, { prompt: 'still here' });
    expect(await settled(page, call)).toMatchObject({ state: 'resolved', value: [{ text: 'You said: still here' }] });
    expect((await callOf(page, call)).isError).toBeUndefined();
    await page.close();
  });
});
