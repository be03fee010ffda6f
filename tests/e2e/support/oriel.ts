/** A browser with Oriel, a web site and an OpenAI-compatible server, and the things that a person does with them. */

import { setTimeout as delay } from 'node:timers/promises';

import { type BrowserName, type LaunchOptions, launchBrowser, type TestBrowser, type TestPage } from '../../support/browser';
import { type PageServer, startPageServer } from '../../support/pages';
import { type OpenAiServer, type OpenAiServerOptions, startOpenAiServer } from '../../support/servers/openai-server';

export const browserNames: readonly BrowserName[] = process.env.ORIEL_BROWSER
  ? [process.env.ORIEL_BROWSER as BrowserName]
  : ['chromium', 'firefox'];

/** What a page did with one call: everything that its script saw. */
export interface Call {
  state: 'pending' | 'resolved' | 'rejected';
  value?: unknown;
  /** The rejection: a plain string, or what an Error says. */
  error?: string;
  isError?: boolean;
  /** Arguments of `onStreamResult`, in order. */
  stream: [result: { text?: string; message?: { content: string }; isPartial?: boolean } | null, error: string | null][];
  settledAfter?: number;
}

/** A page that can make any call; `Use the page` is there to be clicked as a person uses a page. */
const site = `<!doctype html><meta charset="utf-8"><title>A site</title>
<button onclick="this.dataset.used = 1">Use the page</button>
<script>
  window.hadAi = 'ai' in window;
  window.calls = {};
  window.events = [];
  window.messages = 0;
  window.addEventListener('message', () => { window.messages += 1; });
  window.aborts = {};
  window.start = (id, method, input, options = {}, streams = false) => {
    const call = (window.calls[id] = { state: 'pending', stream: [] });
    const begun = performance.now();
    const abort = (window.aborts[id] = new AbortController());
    const onStreamResult = streams ? (result, error) => { call.stream.push([result, error]); } : undefined;
    const settle = (fields) => Object.assign(call, fields, { settledAfter: performance.now() - begun });
    window.ai[method](input, { ...options, signal: abort.signal, onStreamResult }).then(
      (value) => settle({ state: 'resolved', value }),
      (error) => settle({ state: 'rejected', error: typeof error === 'string' ? error : String(error), isError: error instanceof Error }),
    );
  };
</script>`;

export interface ConnectFields {
  /** As the form lists it; default the OpenAI-compatible server. */
  provider?: string;
  name?: string;
  /** Where the provider asks for one: default the server that was started with Oriel. */
  address?: string | undefined;
  key?: string;
  model?: string;
}

export interface Oriel {
  readonly browser: TestBrowser;
  readonly pages: PageServer;
  readonly backend: OpenAiServer;
  /** Connects a server in Options and returns when its row is there. */
  connect(fields?: ConnectFields): Promise<void>;
  /** Opens the site and clicks in it, as people do before they ask for something. */
  visit(host?: string, path?: string): Promise<TestPage>;
  /** Makes the site one that is always allowed, by a first call. */
  grant(host?: string): Promise<void>;
  popup(): Promise<TestPage>;
  /** The popup as it opens over the tab that was opened last. */
  popupOverLastTab(): Promise<TestPage>;
  close(): Promise<void>;
}

export async function openOriel(
  name: BrowserName,
  backend: OpenAiServerOptions = {},
  launch: LaunchOptions = {},
): Promise<Oriel> {
  const browser = await launchBrowser(name, launch);
  const pages = await startPageServer({ '/': site });
  const server = await startOpenAiServer(backend);
  const visit = async (host?: string, path = '/') => {
    const page = await browser.newPage(pages.url(path, host));
    await page.click('button', 'Use the page');
    return page;
  };

  return {
    browser,
    pages,
    backend: server,

    async connect({ provider = 'OpenAI-compatible server', name: connectionName = 'My server', key, model, ...fields } = {}) {
      const address = 'address' in fields ? fields.address : server.baseUrl;
      const options = await browser.newPage(browser.extensionUrl('options.html#connections/add'));
      try {
        await options.select('Provider', provider);
        await options.fill('Name', connectionName);
        if (address !== undefined) await options.fill('Server address', address);
        if (key !== undefined) await options.fill('API key', key);
        if (model !== undefined) {
          await options.click('button', 'Advanced');
          await options.fill('Default model', model);
        }
        await options.click('button', 'Connect');
        await options.waitForRole('heading', connectionName);
      } finally {
        await options.close();
      }
    },

    visit,

    async grant(host = 'localhost') {
      const page = await visit(host);
      const call = await start(page, { prompt: 'grant' }, { maxTokens: 1 });
      await answerApproval(browser, 'Always allow');
      await settled(page, call);
      await page.close();
    },

    popup: () => browser.newPage(browser.extensionUrl('popup.html')),

    async popupOverLastTab() {
      const popup = await browser.newPage(browser.extensionUrl('popup.html'));
      // Ids of tabs count up: the one before the popup's own is the page's. The popup takes it in place of the active tab.
      const tabId = await popup.evaluate(async () => {
        const { tabs } = (globalThis as unknown as { browser?: typeof chrome; chrome: typeof chrome }).browser ?? chrome;
        const own = (await tabs.getCurrent())?.id;
        return Math.max(...(await tabs.query({})).flatMap(({ id }) => (id === undefined || id === own ? [] : id)));
      });
      await popup.goto(browser.extensionUrl(`popup.html?tab=${tabId}`));
      return popup;
    },

    async close() {
      await browser.close();
      await server.close();
      await pages.close();
    },
  };
}

export { delay };

let calls = 0;

/** Starts a call in the page and does not wait for it. */
export async function start(
  page: TestPage,
  input: unknown,
  options: Record<string, unknown> = {},
  { method = 'generateText', streams = false }: { method?: string; streams?: boolean } = {},
): Promise<string> {
  calls += 1;
  const id = `call${calls}`;
  await page.evaluate(
    (callId: string, name: string, what: unknown, how: unknown, streaming: boolean) =>
      (globalThis as unknown as { start: (...args: unknown[]) => void }).start(callId, name, what, how, streaming),
    id,
    method,
    input,
    options,
    streams,
  );
  return id;
}

export const callOf = (page: TestPage, id: string): Promise<Call> =>
  page.evaluate((callId: string) => (globalThis as unknown as { calls: Record<string, Call> }).calls[callId] as Call, id);

/** Waits until a call is settled. */
export async function settled(page: TestPage, id: string, timeoutMs = 10_000): Promise<Call> {
  const call = await until(async () => {
    const seen = await callOf(page, id);
    return seen.state === 'pending' ? undefined : seen;
  }, timeoutMs);
  return call;
}

/** Asks again until there is something; throws when it takes too long. */
export async function until<Value>(look: () => Promise<Value | undefined | false>, timeoutMs = 10_000): Promise<Value> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for: ${look}`);
    await delay(25);
  }
}

/** How long an approval's buttons are dead, and a little more. */
const inputDelay = 800;

/** Presses a button of the approval window as a person would, once it lives. */
export async function answerApproval(browser: TestBrowser, button: string, { inMore = false } = {}): Promise<void> {
  const approval = await browser.waitForPage('approval.html', 10_000);
  await approval.waitForRole('button', "Don't allow");
  if (inMore) await approval.click('button', 'More');
  await delay(inputDelay);
  await approval.click('button', button);
  await approval.waitForClose(5000);
}
