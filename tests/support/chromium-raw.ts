/** Drives Chromium over a raw CDP pipe and never attaches to the service worker, whose lifetime is thus the natural one. */
import type { LaunchOptions, TestBrowser, TestPage } from './browser';
import { type BrowserProcess, executableOf, openProfile, startProcess } from './browser-process';
import { type CdpPipe, connectCdpPipe } from './cdp-pipe';
import { type CdpEvaluation, evaluationOf, readEvaluation } from './cdp-values';
import { chromiumArguments, chromiumExtensionId } from './chromium-extension';
import { modifiers, parseKey } from './keys';
import { createPage, type PageDriver } from './page-actions';
import { poll, within } from './waiting';

interface Target {
  targetId: string;
  type: string;
  url: string;
  title: string;
}

interface History {
  currentIndex: number;
  entries: { id: number; url: string }[];
}

/** Launches Chromium with an unpacked extension in it. `ready` is awaited once it runs. */
export async function launchRawChromium(
  extension: string,
  options: LaunchOptions,
  ready: (browser: TestBrowser) => Promise<void>,
): Promise<TestBrowser> {
  const profile = openProfile(options);
  const args = [
    ...chromiumArguments(extension, options),
    '--remote-debugging-pipe',
    `--user-data-dir=${profile.folder}`,
    'about:blank',
  ];
  const browserProcess = startProcess(executableOf('chromium'), args, profile, 2);
  try {
    const id = chromiumExtensionId(extension);
    const cdp = connectCdpPipe(browserProcess.child);
    if (options.openBefore !== undefined) await installLate(cdp, extension, options.openBefore);
    const browser = await createBrowser(cdp, id, browserProcess);
    await ready(browser);
    if (options.inPrivateWindows) await allowInPrivateWindows(browser, id);
    return browser;
  } catch (cause) {
    browserProcess.child.kill('SIGKILL');
    const said = browserProcess.stderr();
    await browserProcess.end();
    throw new Error(`Chromium could not be launched. ${said}`, { cause });
  }
}

/** Opens a page, and installs the extension once it has loaded. */
async function installLate(cdp: CdpPipe, extension: string, url: string): Promise<void> {
  await cdp.send('Target.createTarget', { url });
  const isLoaded = ({ url: at, title }: Target) => at === url && title !== '' && title !== url;
  const find = async () => (await cdp.send<{ targetInfos: Target[] }>('Target.getTargets')).targetInfos.some(isLoaded);
  await poll(
    async () => ((await find()) ? true : undefined),
    10_000,
    () => `${url} did not load`,
  );
  await cdp.send('Extensions.loadUnpacked', { path: extension });
}

async function createBrowser(cdp: CdpPipe, extensionId: string, browserProcess: BrowserProcess): Promise<TestBrowser> {
  const workerUrl = `chrome-extension://${extensionId}/`;
  const known = new Map<string, Promise<TestPage>>();
  const targets = async () => (await cdp.send<{ targetInfos: Target[] }>('Target.getTargets')).targetInfos;
  const isWorker = ({ type, url }: Target) => type === 'service_worker' && url.startsWith(workerUrl);
  const backgroundRuns = async () => (await targets()).some(isWorker);
  const isPage = ({ type, targetId }: Target) => type === 'page' && targetId !== blank?.targetId;

  await poll(
    async () => ((await backgroundRuns()) ? true : undefined),
    10_000,
    () => `The extension's worker did not start (${workerUrl})`,
  );
  const blank = (await targets()).find(({ type, url }) => type === 'page' && url === 'about:blank');

  async function withWorker<Result>(work: (sessionId: string) => Promise<Result>): Promise<Result> {
    const targetId = (await targets()).find(isWorker)?.targetId;
    const { sessionId } = await cdp.send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
    try {
      return await work(sessionId);
    } finally {
      await cdp.send('Target.detachFromTarget', { sessionId });
    }
  }
  function pageOf(targetId: string): Promise<TestPage> {
    const page = known.get(targetId) ?? attach(cdp, targetId, targets);
    known.set(targetId, page);
    return page;
  }

  async function newPage(url?: string): Promise<TestPage> {
    const { targetId } = await cdp.send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
    const page = await pageOf(targetId);
    if (url !== undefined) await page.goto(url);
    return page;
  }

  return {
    name: 'chromium',
    extensionUrl: (path) => workerUrl + path.replace(/^\//, ''),
    newPage,
    pages: async () => Promise.all((await targets()).filter(isPage).map(({ targetId }) => pageOf(targetId))),
    waitForPage: (urlPart, timeoutMs = 5000) =>
      poll(
        async () => {
          const found = (await targets()).find((target) => isPage(target) && target.url.includes(urlPart));
          return found && pageOf(found.targetId);
        },
        timeoutMs,
        async () => `No page with ${urlPart} came; open are: ${(await targets()).map(({ url }) => url).join(', ')}`,
      ),
    async killBackground() {
      const worker = (await targets()).find(isWorker);
      if (worker) await cdp.send('Target.closeTarget', { targetId: worker.targetId });
      // Pages that wait bring up another one at once: it is this one that must be gone.
      await poll(
        async () => ((await targets()).some(({ targetId }) => targetId === worker?.targetId) ? undefined : true),
        5000,
        () => 'The worker did not stop',
      );
    },
    backgroundRuns,
    async newPrivatePage(url) {
      const opener = await newPage(`${workerUrl}icon/oriel.svg`);
      const before = (await targets()).map(({ targetId }) => targetId);
      await opener.evaluate((address: string) => chrome.windows.create({ incognito: true, url: address }), url);
      await opener.close();
      const page = await poll(
        async () => {
          const found = (await targets()).find((target) => isPage(target) && !before.includes(target.targetId));
          return found && pageOf(found.targetId);
        },
        5000,
        () => 'No private window came',
      );
      await poll(
        async () => ((await page.evaluate('location.href + document.readyState')) === `${url}complete` ? true : undefined),
        10_000,
        () => `${url} did not load in a private window`,
      );
      return page;
    },
    evaluateInBackground: (expression) =>
      withWorker(async (sessionId) =>
        readEvaluation(await cdp.send<CdpEvaluation>('Runtime.evaluate', evaluationOf(expression), sessionId)),
      ),
    snapshotBackground: () =>
      withWorker(async (sessionId) => {
        const chunks: string[] = [];
        const stop = cdp.on(({ method, params, sessionId: from }) => {
          if (from === sessionId && method === 'HeapProfiler.addHeapSnapshotChunk')
            chunks.push((params as { chunk: string }).chunk);
        });
        await cdp.send('HeapProfiler.enable', {}, sessionId);
        await cdp.send('HeapProfiler.collectGarbage', {}, sessionId);
        await cdp.send('HeapProfiler.takeHeapSnapshot', {}, sessionId, 60_000);
        stop();
        return chunks.join('');
      }),
    ended: () => browserProcess.exited,
    async crash() {
      browserProcess.child.kill('SIGKILL');
      await browserProcess.end();
    },
    async close() {
      await within(cdp.send('Browser.close'), 3000, 'Browser.close').catch(() => undefined);
      await browserProcess.end();
    },
  };
}

/** Presses the switch on the browser's own page about extensions. They are loaded anew by it, which unpacked ones survive in developer mode only. */
async function allowInPrivateWindows(browser: TestBrowser, extensionId: string): Promise<void> {
  const page = await browser.newPage('chrome://extensions/');
  const api = 'chrome.developerPrivate';
  await page.evaluate(`${api}.updateProfileConfiguration({ inDeveloperMode: true })`);
  await page.evaluate(`${api}.updateExtensionConfiguration({ extensionId: '${extensionId}', incognitoAccess: true })`);
  const info = () => page.evaluate<{ state: string }, []>(`${api}.getExtensionInfo('${extensionId}')`);
  await poll(
    async () => ((await info()).state === 'ENABLED' ? true : undefined),
    10_000,
    async () => `The extension did not come back: ${JSON.stringify(await info())}`,
  );
  await page.close();
}

async function attach(cdp: CdpPipe, targetId: string, targets: () => Promise<Target[]>): Promise<TestPage> {
  const { sessionId } = await cdp.send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
  const send = <Result>(method: string, params: object = {}, timeoutMs?: number) =>
    cdp.send<Result>(method, params, sessionId, timeoutMs);
  // alert() and its like would stop the page for ever.
  cdp.on((event) => {
    if (event.sessionId !== sessionId || event.method !== 'Page.javascriptDialogOpening') return;
    void send('Page.handleJavaScriptDialog', { accept: false }).catch(() => undefined);
  });
  await Promise.all([send('Page.enable'), send('Emulation.setFocusEmulationEnabled', { enabled: true })]);
  const page = createPage(driveTarget(cdp, send, targetId, sessionId, targets));
  return {
    ...page,
    async crash() {
      const crashed = new Promise<void>((resolve) => {
        const stop = cdp.on(({ method, sessionId: from }) => {
          if (from !== sessionId || method !== 'Inspector.targetCrashed') return;
          stop();
          resolve();
        });
      });
      await send('Inspector.enable');
      // Nobody is left to answer it.
      void send('Page.crash').catch(() => undefined);
      await within(crashed, 5000, 'the crash of the page');
    },
  };
}

type Send = <Result>(method: string, params?: object, timeoutMs?: number) => Promise<Result>;

function driveTarget(
  cdp: CdpPipe,
  send: Send,
  targetId: string,
  sessionId: string,
  targets: () => Promise<Target[]>,
): PageDriver {
  const find = async () => (await targets()).find((target) => target.targetId === targetId);
  async function url() {
    const target = await find();
    if (!target) throw new Error('This page is closed');
    return target.url;
  }
  async function evaluate(expression: string, contextId?: number): Promise<unknown> {
    const params = { ...evaluationOf(expression), ...(contextId === undefined ? {} : { contextId }) };
    return readEvaluation(await send<CdpEvaluation>('Runtime.evaluate', params, 120_000));
  }

  return {
    url,
    evaluate: (expression) => evaluate(expression),
    async evaluateIsolated(expression) {
      // The main frame of a page has the id of its target. A world of the same name is made only once for each document.
      const world = await send<{ executionContextId: number }>('Page.createIsolatedWorld', {
        frameId: targetId,
        worldName: 'oriel-tests',
      });
      return evaluate(expression, world.executionContextId);
    },
    async goto(address) {
      let stop: () => void = () => undefined;
      const loaded = new Promise<void>((resolve) => {
        stop = cdp.on((event) => {
          if (event.sessionId === sessionId && event.method === 'Page.loadEventFired') resolve();
        });
      });
      try {
        const answer = await send<{ errorText?: string; loaderId?: string }>('Page.navigate', { url: address });
        if (answer.errorText) throw new Error(`${address}: ${answer.errorText}`);
        // No loader: only the fragment changed, and nothing loads.
        if (answer.loaderId) await within(loaded, 15_000, `loading ${address}`);
      } finally {
        stop();
      }
    },
    async mouseClick(x, y) {
      const at = { x, y, button: 'left', clickCount: 1 };
      await send('Input.dispatchMouseEvent', { ...at, type: 'mouseMoved', button: 'none', clickCount: 0 });
      await send('Input.dispatchMouseEvent', { ...at, type: 'mousePressed', buttons: 1 });
      await orGone(send('Input.dispatchMouseEvent', { ...at, type: 'mouseReleased' }));
    },
    async pressKey(text) {
      const { key, held } = parseKey(text);
      const bits = held.reduce((sum, name) => sum + modifiers[name].bit, 0);
      const about = { key: key.key, code: key.code, windowsVirtualKeyCode: key.keyCode, modifiers: bits };
      // Keys held with Control, Alt or Meta type nothing.
      const types = key.text !== undefined && (bits & 7) === 0;
      await orGone(
        send('Input.dispatchKeyEvent', {
          ...about,
          type: types ? 'keyDown' : 'rawKeyDown',
          ...(types ? { text: key.text } : {}),
        }),
      );
      await orGone(send('Input.dispatchKeyEvent', { ...about, type: 'keyUp' }));
    },
    capture: async () => (await send<{ data: string }>('Page.captureScreenshot', { format: 'png' })).data,
    async setViewport(width, height) {
      await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    },
    async emulateDark(dark) {
      await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }] });
    },
    async back() {
      const { currentIndex, entries } = await send<History>('Page.getNavigationHistory');
      const entry = entries[currentIndex - 1];
      if (!entry) throw new Error('There is no page to go back to');
      await send('Page.navigateToHistoryEntry', { entryId: entry.id });
      await poll(
        async () => ((await url()) === entry.url ? true : undefined),
        5000,
        () => `The page did not go back to ${entry.url}`,
      );
    },
    isOpen: async () => (await find()) !== undefined,
    async close() {
      await cdp.send('Target.closeTarget', { targetId });
    },
  };
}

/** Input may close the page that gets it; the command then has nobody left to answer. */
async function orGone(command: Promise<unknown>): Promise<void> {
  try {
    await command;
  } catch (cause) {
    if (!/session|closed|target/i.test((cause as Error).message)) throw cause;
  }
}
