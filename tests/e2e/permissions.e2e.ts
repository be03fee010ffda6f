/** Grants, rules, edits and revocations as people meet them. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { startPageServer } from '../support/pages';
import { answerApproval, browserNames, delay, type Oriel, openOriel, settled, start, until } from './support/oriel';
import { openRules } from './support/rules';

/** How long an approval's buttons are dead, and a little more. */
const inputDelay = 900;

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name);
    await oriel.connect();
  });
  afterAll(() => oriel?.close());

  const hasApproval = async () => {
    const urls = await Promise.all((await oriel.browser.pages()).map((page) => page.url().catch(() => '')));
    return urls.some((url) => url.includes('approval.html'));
  };
  const allowed = async (host: string): Promise<TestPage> => {
    const page = await oriel.visit(host);
    const call = await start(page, { prompt: 'grant' });
    await answerApproval(oriel.browser, 'Always allow');
    await settled(page, call);
    return page;
  };
  const options = () => oriel.browser.newPage(oriel.browser.extensionUrl('options.html#sites'));
  const lastSent = () => JSON.stringify(oriel.backend.chats.at(-1)?.messages);

  test('T3 about:blank, srcdoc, blob: and opened blank documents of a site are the site, data: and sandboxed ones are refused', async () => {
    await (await allowed('frames.localhost')).close();
    const script = `(window.ai ? ai.generateText({ prompt: 'row' }) : Promise.reject('no api')).then(() => (opener ?? parent).postMessage({ frame: 'answered' }, '*'), (error) => (opener ?? parent).postMessage({ frame: String(error) }, '*'))`;
    oriel.pages.page('/row', `<script>${script}</script>`);
    oriel.pages.page(
      '/frames',
      `<button onclick="this.dataset.used = 1">Use the page</button><script>
        onmessage = ({ data }) => { if (data.frame) window.fromFrame = data.frame; };
        window.add = (kind) => {
          window.fromFrame = undefined;
          if (kind === 'opened') return void open('').eval(${JSON.stringify(script)});
          const frame = document.createElement('iframe');
          const html = ${JSON.stringify(`<script>${script}</`)} + 'script>';
          if (kind === 'blob') frame.src = URL.createObjectURL(new Blob([html], { type: 'text/html' }));
          if (kind === 'data') frame.src = 'data:text/html,' + encodeURIComponent(html);
          if (kind === 'srcdoc' || kind === 'sandboxed srcdoc') frame.srcdoc = html;
          if (kind === 'same') frame.src = '/row';
          if (kind.startsWith('sandboxed')) frame.sandbox = 'allow-scripts';
          document.body.append(frame);
          if (kind === 'blank') frame.contentWindow.eval(${JSON.stringify(script)});
        };
      </script>`,
    );
    const page = await oriel.visit('frames.localhost', '/frames');
    const outcome = async (kind: string) => {
      await page.evaluate((which: string) => (globalThis as unknown as { add(kind: string): void }).add(which), kind);
      return until(async () => ((await page.evaluate('window.fromFrame ?? null')) as string | null) ?? undefined);
    };
    for (const kind of ['same', 'srcdoc', 'blank', 'blob']) expect([kind, await outcome(kind)]).toEqual([kind, 'answered']);
    await page.click('button', 'Use the page');
    expect(['opened', await outcome('opened')]).toEqual(['opened', 'answered']);
    for (const kind of ['data', 'sandboxed srcdoc']) expect([kind, await outcome(kind)]).toEqual([kind, 'PERMISSION_DENIED']);
    expect(await hasApproval()).toBe(false);
    await page.close();
  });

  test('T5 a trusted site inside another site inside itself is a guest: its own grant is not used', async () => {
    await (await allowed('trusted.localhost')).close();
    const middle = await startPageServer();
    try {
      oriel.pages.page(
        '/inner',
        `<script>ai.generateText({ prompt: 'inner' }).then(() => top.postMessage({ frame: 'answered' }, '*'), (error) => top.postMessage({ frame: String(error) }, '*'))</script>`,
      );
      middle.page('/', `<iframe src="${oriel.pages.url('/inner', 'trusted.localhost')}"></iframe>`);
      oriel.pages.page(
        '/outer',
        `<button onclick="this.dataset.used = 1">Use the page</button><script>onmessage = ({ data }) => { if (data.frame) window.fromFrame = data.frame; };</script>
        <iframe src="${middle.url('/', 'middle.localhost')}"></iframe>`,
      );
      const before = oriel.backend.chats.length;
      const page = await oriel.visit('trusted.localhost', '/outer');
      const popup = await oriel.popup();
      await popup.waitForText(/trusted\.localhost:\d+, inside another site wants to use your AI/);
      await popup.click('button', "Don't allow");
      expect(await until(async () => ((await page.evaluate('window.fromFrame ?? null')) as string | null) ?? undefined)).toBe(
        'PERMISSION_DENIED',
      );
      expect(oriel.backend.chats.length).toBe(before);
      await popup.close();
      await page.close();
    } finally {
      await middle.close();
    }
  });

  test('T9 what a frame or an opened window posts to a trusted page is not sent under its name', async () => {
    await (await allowed('parent.localhost')).close();
    const stranger = await startPageServer();
    try {
      const call = `{ v: 1, type: 'request', id: '1', activated: true, call: { type: 'generate', request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'smuggled' }] }] } } }`;
      stranger.page('/', `<script>for (const to of [parent, top, opener]) to?.postMessage(${call}, '*');</script>`);
      oriel.pages.page(
        '/host',
        `<button onclick="open('${stranger.url('/', 'stranger.localhost')}')">Use the page</button>
        <script>window.messages = 0; onmessage = () => { window.messages += 1; };</script>
        <iframe src="${stranger.url('/', 'stranger.localhost')}"></iframe>`,
      );
      const before = oriel.backend.chats.length;
      const page = await oriel.visit('parent.localhost', '/host');
      // The frame's two messages; a browser may keep the window from opening.
      await until(async () => ((await page.evaluate('window.messages')) as number) >= 2);
      await delay(300);
      expect(oriel.backend.chats.length).toBe(before);
      expect(await hasApproval()).toBe(false);
      for (const one of await oriel.browser.pages())
        if ((await one.url().catch(() => '')).includes('stranger')) await one.close();
      await page.close();
    } finally {
      await stranger.close();
    }
  });

  test('T19 ask every time shows each request, and it is sent as the person left it', async () => {
    const page = await allowed('each.localhost');
    const settings = await openRules(oriel, 'each.localhost');
    await settings.click('checkbox', 'Ask every time');
    await settings.click('button', 'Save');
    await settings.waitForText(/Ask every time/);
    await settings.close();
    const call = await start(page, { prompt: 'the secret plan' });
    const approval = await oriel.browser.waitForPage('approval.html');
    await approval.waitForText(/the secret plan/);
    expect(await approval.hasRole('button', 'Always allow')).toBe(false);
    await approval.click('button', 'Edit');
    await approval.fill('User', 'the plan');
    await delay(inputDelay);
    await approval.click('button', 'Only this request');
    expect(await settled(page, call)).toMatchObject({ state: 'resolved', value: [{ text: 'You said: the plan' }] });
    expect(lastSent()).not.toContain('secret');
    await page.close();
  });

  test('a site that is always allowed stops where its request seems to hold a card number', async () => {
    const page = await allowed('shop.localhost');
    const call = await start(page, { prompt: 'charge 4242 4242 4242 4242' });
    const approval = await oriel.browser.waitForPage('approval.html');
    await approval.waitForText(/This request seems to hold a card number\./);
    expect(await approval.text()).toContain('•••• 4242');
    await approval.click('button', "Don't allow");
    expect(await settled(page, call)).toMatchObject({ state: 'rejected', error: 'PERMISSION_DENIED' });
    expect(lastSent()).not.toContain('4242');
    await page.close();
  });

  test('Change on the card switches the connection for this site, and Rules shows it', async () => {
    await oriel.connect({ name: 'Second' });
    const popup = await oriel.popup();
    await popup.select('Active connection', 'My server');
    await popup.close();
    const page = await oriel.visit('change.localhost');
    const call = await start(page, { prompt: 'hello' });
    const approval = await oriel.browser.waitForPage('approval.html');
    await approval.click('button', 'Change who answers', { within: { role: 'group', name: /^Answered by/ } });
    await approval.select('Connection', 'Second');
    await approval.waitForText(/Answered by test-model · Second/);
    await delay(inputDelay);
    await approval.click('button', 'Always allow');
    expect(await settled(page, call)).toMatchObject({ state: 'resolved' });
    const settings = await openRules(oriel, 'change.localhost');
    expect(
      await settings.evaluate(() => document.querySelector<HTMLSelectElement>('dialog select')?.selectedOptions[0]?.textContent),
    ).toBe('Second');
    await settings.close();
    await page.close();
  });

  test('T26 a site that was refused three times in a moment is muted, and another is not', async () => {
    const page = await oriel.visit('pushy.localhost');
    const calls = [];
    for (const prompt of ['one', 'two', 'three']) calls.push(await start(page, { prompt }));
    const approval = await oriel.browser.waitForPage('approval.html');
    for (const left of ['1 of 3', '1 of 2']) {
      await approval.waitForText(left);
      await approval.click('button', "Don't allow");
    }
    await until(async () => !(await approval.text()).includes(' of '));
    await approval.click('button', "Don't allow");
    for (const call of calls) expect(await settled(page, call)).toMatchObject({ error: 'PERMISSION_DENIED' });
    await approval.waitForClose();
    const muted = await settled(page, await start(page, { prompt: 'four' }));
    expect(muted).toMatchObject({ state: 'rejected', error: 'PERMISSION_DENIED' });
    console.log(`${name}: a muted call was refused after ${Math.round(muted.settledAfter ?? 0)} ms`);
    expect(await hasApproval()).toBe(false);
    const other = await oriel.visit('modest.localhost');
    const call = await start(other, { prompt: 'may I' });
    await answerApproval(oriel.browser, "Don't allow");
    await settled(other, call);
    await other.close();
    await page.close();
  });

  test('T16 a page that asks and leaves in the same task has its card withdrawn, and the next document gets nothing', async () => {
    oriel.pages.page(
      '/leaves',
      `<button onclick="this.dataset.used = 1">Use the page</button><script>
        window.leave = (wait, to) => {
          const go = () => { location.href = to; };
          ai.generateText({ prompt: 'leaving' }).then(() => { document.title = 'answered'; }, () => undefined);
          if (wait === 0) go(); else setTimeout(go, wait);
        };
      </script>`,
    );
    const some = name === 'chromium' ? 50 : 20;
    const repeats = process.env.ORIEL_FULL === '1' ? 200 : some;
    const before = oriel.backend.chats.length;
    const page = await oriel.visit('leaver.localhost', '/leaves');
    const elsewhere = oriel.pages.url('/', 'elsewhere.localhost');
    let shownElsewhere = 0;
    for (let count = 0; count < repeats; count += 1) {
      await page.goto(oriel.pages.url('/leaves', 'leaver.localhost'));
      await page.click('button', 'Use the page');
      const wait = count % 3 === 0 ? 0 : Math.round(Math.random() * 50);
      await page.evaluate(
        (milliseconds: number, to: string) =>
          (globalThis as unknown as { leave(wait: number, to: string): void }).leave(milliseconds, to),
        wait,
        elsewhere,
      );
      await until(async () => (await page.url().catch(() => '')) === elsewhere);
      await until(() => page.evaluate(() => document.readyState === 'complete'));
      const popups = (await oriel.browser.pages()).filter((one) => one !== page);
      for (const popup of popups) {
        const seen = await popup.text().catch(() => '');
        if (seen.includes('elsewhere.localhost')) shownElsewhere += 1;
      }
      // Withdrawn: the window closes by itself.
      await until(async () => !(await hasApproval()), 2000);
    }
    expect(shownElsewhere).toBe(0);
    expect(oriel.backend.chats.length).toBe(before);
    const settings = await options();
    await settings.waitForRole('heading', 'Sites');
    await delay(300);
    expect(await settings.text()).not.toMatch(/leaver|elsewhere/);
    await settings.close();
    await page.close();
  }, 600_000);
});
