/** Drives Chromium with Playwright. It attaches to the service worker and so keeps it alive: for lifetimes use chromium-raw.ts. */
import { type BrowserContext, type CDPSession, chromium, type Locator, type Page, selectors } from 'playwright-core';
import { describeTree } from './accessibility';
import type { FindOptions, LaunchOptions, Name, TestBrowser, TestPage } from './browser';
import { executableOf, guard, kill, openProfile, type Profile } from './browser-process';
import { type CdpEvaluation, evaluationOf, readEvaluation } from './cdp-values';
import { chromiumArguments, chromiumExtensionId } from './chromium-extension';
import { actionSource, describeQuery, type InPageResult, playwrightEngineSource, toQuery } from './in-page';
import { contains, toExpression } from './page-actions';
import { poll, within } from './waiting';

const defaultTimeoutMs = 5000;
let engineRegistered: Promise<void> | undefined;

/** Launches Chromium with an unpacked extension in it. */
export async function launchChromium(extension: string, options: LaunchOptions = {}): Promise<TestBrowser> {
  engineRegistered ??= selectors.register('oriel', playwrightEngineSource, { contentScript: true });
  await engineRegistered;
  const profile = openProfile(options);
  try {
    const context = await chromium.launchPersistentContext(profile.folder, {
      executablePath: executableOf('chromium'),
      // The new headless mode is asked for by argument; Playwright's own knows no extensions.
      headless: false,
      // Windows keep the size that the extension asked for.
      viewport: null,
      ignoreDefaultArgs: ['--disable-extensions', '--disable-back-forward-cache'],
      args: chromiumArguments(extension, options),
      timeout: 30_000,
    });
    context.setDefaultTimeout(defaultTimeoutMs);
    context.setDefaultNavigationTimeout(15_000);
    return await createBrowser(context, chromiumExtensionId(extension), profile);
  } catch (cause) {
    profile.leave();
    throw cause;
  }
}

async function createBrowser(context: BrowserContext, extensionId: string, profile: Profile): Promise<TestBrowser> {
  const pid = await processId(context);
  const release = guard(pid, profile.folder);
  const closed = new Promise<void>((resolve) => context.once('close', () => resolve()));
  // The page Chromium starts with stays open to control the worker from; tests do not see it.
  const controlPage = context.pages().find((page) => !page.url().startsWith('chrome-extension:')) ?? (await context.newPage());
  const control = await context.newCDPSession(controlPage);
  await control.send('ServiceWorker.enable');
  const known = new Map<Page, TestPage>();

  function pageOf(page: Page): TestPage {
    const wrapped = known.get(page) ?? createPlaywrightPage(context, page);
    known.set(page, wrapped);
    return wrapped;
  }
  const openPages = () => context.pages().filter((page) => page !== controlPage);
  const workerUrl = `chrome-extension://${extensionId}/`;
  async function backgroundRuns() {
    const { targetInfos } = await control.send('Target.getTargets');
    return targetInfos.some(({ type, url }) => type === 'service_worker' && url.startsWith(workerUrl));
  }
  await poll(
    async () => ((await backgroundRuns()) ? true : undefined),
    10_000,
    () => `The extension's worker did not start (${workerUrl})`,
  );

  return {
    name: 'chromium',
    extensionUrl: (path) => workerUrl + path.replace(/^\//, ''),
    async newPage(url) {
      const page = pageOf(await context.newPage());
      if (url !== undefined) await page.goto(url);
      return page;
    },
    pages: async () => openPages().map(pageOf),
    waitForPage: (urlPart, timeoutMs = defaultTimeoutMs) =>
      poll(
        async () => {
          const found = openPages().find((page) => page.url().includes(urlPart));
          return found && pageOf(found);
        },
        timeoutMs,
        () =>
          `No page with ${urlPart} came; open are: ${openPages()
            .map((page) => page.url())
            .join(', ')}`,
      ),
    async killBackground() {
      // Pages that wait bring up another one at once, so that it may never be seen not to run: the event tells.
      let stopped = false;
      const onUpdate = ({ versions }: { versions: { scriptURL: string; runningStatus: string }[] }) => {
        stopped ||= versions.some(
          ({ scriptURL, runningStatus }) => scriptURL.startsWith(workerUrl) && runningStatus === 'stopped',
        );
      };
      control.on('ServiceWorker.workerVersionUpdated', onUpdate);
      try {
        await control.send('ServiceWorker.stopAllWorkers');
        await poll(
          async () => (stopped || !(await backgroundRuns()) ? true : undefined),
          5000,
          () => 'The worker did not stop',
        );
      } finally {
        control.off('ServiceWorker.workerVersionUpdated', onUpdate);
      }
    },
    backgroundRuns,
    ended: () => closed,
    async close() {
      await within(context.close(), 5000, 'closing Chromium').catch(() => kill(pid));
      release();
      profile.leave();
    },
  };
}

function createPlaywrightPage(context: BrowserContext, page: Page): TestPage {
  let session: Promise<CDPSession> | undefined;

  function find(role: string, name: Name | undefined, options?: FindOptions): Locator {
    return page.locator(`oriel=${JSON.stringify(toQuery(role, name, options))}`);
  }
  /** Adds what the page says to a failure. */
  async function telling<Value>(work: Promise<Value>, what: string): Promise<Value> {
    try {
      return await work;
    } catch (cause) {
      const seen = await text().catch(() => 'nothing that could be read');
      throw new Error(`${what}: ${(cause as Error).message}\nThe page ${page.url()} says:\n${seen.slice(0, 600)}`, { cause });
    }
  }
  async function evaluate(expression: string): Promise<unknown> {
    session ??= context.newCDPSession(page);
    return readEvaluation((await (await session).send('Runtime.evaluate', evaluationOf(expression))) as CdpEvaluation);
  }
  const text = async () => (await evaluate('document.body?.innerText ?? ""')) as string;
  const timeout = (options?: FindOptions) => ({ timeout: options?.timeoutMs ?? defaultTimeoutMs });

  async function waitForCount(present: boolean, role: string, name?: Name, options?: FindOptions) {
    const locator = find(role, name, options);
    const query = describeQuery(toQuery(role, name, options));
    const test = async () => ((await locator.count().catch(() => 0)) > 0 === present ? true : undefined);
    await telling(
      poll(test, timeout(options).timeout, () => (present ? 'did not come' : 'stayed')),
      query,
    );
  }

  return {
    url: async () => page.url(),
    async goto(url) {
      await page.goto(url, { waitUntil: 'load' });
    },
    async evaluate(code, ...args) {
      return (await within(evaluate(toExpression(code, args)), 120_000, 'evaluate')) as never;
    },
    async evaluateInContentScript(expression) {
      const isolated = await context.newCDPSession(page);
      const found = new Promise<number>((resolve) => {
        isolated.on('Runtime.executionContextCreated', ({ context: { id, origin } }) => {
          if (origin.startsWith('chrome-extension:')) resolve(id);
        });
      });
      await isolated.send('Runtime.enable');
      const contextId = await within(found, 5000, 'the world of the content script');
      const answer = await isolated.send('Runtime.evaluate', { ...evaluationOf(expression), contextId });
      await isolated.detach();
      return readEvaluation(answer as CdpEvaluation);
    },
    async accessibilityTree() {
      const reader = await context.newCDPSession(page);
      const { nodes } = await reader.send('Accessibility.getFullAXTree');
      await reader.detach();
      return describeTree(nodes);
    },
    async limitStorage(bytes) {
      session ??= context.newCDPSession(page);
      // Node knows no origin of such an address.
      const { protocol, host } = new URL(page.url());
      const origin = `${protocol}//${host}`;
      await (await session).send('Storage.overrideQuotaForOrigin', { origin, ...(bytes !== undefined && { quotaSize: bytes }) });
    },
    click: (role, name, options) =>
      telling(find(role, name, options).click(timeout(options)), describeQuery(toQuery(role, name, options))),
    fill: (label, value, options) => telling(find('*field', label, options).fill(value, timeout(options)), `field ${label}`),
    async select(combobox, option, options) {
      await telling(
        find('combobox', combobox, options).selectOption({ label: option }, timeout(options)),
        `combobox ${combobox}`,
      );
    },
    async press(key) {
      const wasOpen = !page.isClosed();
      await page.keyboard.press(key).catch((error: unknown) => {
        // What the key did may close its window before it is let go.
        if (!wasOpen || !page.isClosed()) throw error;
      });
    },
    text,
    async waitForText(wanted, timeoutMs = defaultTimeoutMs) {
      const test = async () => (contains(await text().catch(() => ''), wanted) ? true : undefined);
      await telling(
        poll(test, timeoutMs, () => 'did not come'),
        `The text ${wanted}`,
      );
    },
    hasRole: async (role, name, options) => (await find(role, name, options).count()) > 0,
    waitForRole: (role, name, options) => waitForCount(true, role, name, options),
    waitForNoRole: (role, name, options) => waitForCount(false, role, name, options),
    async names(role, options) {
      const source = actionSource(toQuery(role, undefined, options), { type: 'names' });
      const result = JSON.parse((await evaluate(source)) as string) as InPageResult;
      return result.type === 'names' ? result.names : [];
    },
    async screenshot(path, options = {}) {
      if (options.dark !== undefined) await page.emulateMedia({ colorScheme: options.dark ? 'dark' : 'light' });
      const { width, height } = options;
      if (width !== undefined || height !== undefined)
        await page.setViewportSize({ width: width ?? 1280, height: height ?? 800 });
      await page.screenshot({ path });
    },
    setViewport: (width, height) => page.setViewportSize({ width, height }),
    emulateDark: (dark) => page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' }),
    emulateAdapted: () => page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' }),
    async back() {
      const before = page.url();
      // In a task of its own: the navigation may end the session that evaluates.
      await evaluate('void setTimeout(() => history.back(), 0)');
      await poll(
        async () => (page.url() === before ? undefined : true),
        defaultTimeoutMs,
        () => `The page stayed at ${before}`,
      );
    },
    async close() {
      if (!page.isClosed()) await page.close();
    },
    async waitForClose(timeoutMs = defaultTimeoutMs) {
      await poll(
        async () => (page.isClosed() ? true : undefined),
        timeoutMs,
        () => `The page ${page.url()} stayed open`,
      );
    },
  };
}

/** The browser's own process id, to be sure of its end. */
async function processId(context: BrowserContext): Promise<number> {
  const session = await context.browser()?.newBrowserCDPSession();
  const info = await session?.send('SystemInfo.getProcessInfo');
  const main = info?.processInfo.find(({ type }) => type === 'browser');
  if (!main) throw new Error('Chromium does not tell its process id');
  await session?.detach();
  return main.id;
}
