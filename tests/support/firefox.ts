/** Drives Firefox over raw WebDriver BiDi; extension pages, windows opened by the extension and the death of the event page included. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BidiClient, connectBidi } from './bidi-client';
import type { LaunchOptions, TestBrowser, TestPage } from './browser';
import { type BrowserProcess, executableOf, openProfile, startProcess } from './browser-process';
import { allowInPrivateWindows, type Evaluate, evaluateIn, evaluateInContentScript, openChromeScope } from './firefox-scopes';
import { modifiers, parseKey } from './keys';
import { createPage } from './page-actions';
import { poll, within } from './waiting';

/** The host of extension pages in every test: `moz-extension://UUID/…`. */
const uuid = '6f1de7a8-8d0c-4cd3-9b4a-1f2e3d4c5b6a';
/** Firefox takes no pattern: a host that a test uses has to be here. */
const testHosts = [
  'example',
  'shop',
  'evil',
  'news',
  'a',
  'b',
  'c',
  'd',
  'llm',
  'one',
  'two',
  'three',
  'attacker',
  'victim',
  'frame',
  'other',
  'site',
  'tavern',
].map((name) => `${name}.test`);

interface Context {
  context: string;
  url: string;
}

/** Launches Firefox with an unpacked extension in it. */
export async function launchFirefox(extension: string, options: LaunchOptions = {}): Promise<TestBrowser> {
  const id = extensionId(extension);
  const profile = openProfile(options);
  writePreferences(profile.folder, {
    'extensions.webextensions.uuids': JSON.stringify({ [id]: uuid }),
    ...(options.vendors && {
      'network.proxy.type': 1,
      'network.proxy.ssl': '127.0.0.1',
      'network.proxy.ssl_port': options.vendors.port,
    }),
    ...options.firefoxPreferences,
  });
  const browserProcess = startProcess(
    executableOf('firefox'),
    // System access is what lets BiDi reach extension pages and the browser's own scope.
    [
      '--profile',
      profile.folder,
      '--no-remote',
      '--new-instance',
      ...(options.visible ? [] : ['--headless']),
      '--remote-debugging-port=0',
      '--remote-allow-system-access',
      'about:blank',
    ],
    profile,
  );
  try {
    const client = await connectBidi(await portOf(browserProcess));
    const acceptInsecureCerts = options.vendors !== undefined;
    await client.send('session.new', { capabilities: { alwaysMatch: { acceptInsecureCerts } } });
    const chrome = await openChromeScope(client);
    if (options.inPrivateWindows) await allowInPrivateWindows(chrome, id);
    if (options.openBefore !== undefined) {
      const { context } = await client.send<{ context: string }>('browsingContext.create', { type: 'tab' });
      await client.send('browsingContext.navigate', { context, url: options.openBefore, wait: 'complete' });
    }
    await client.send('webExtension.install', { extensionData: { type: 'path', path: extension } });
    return await createBrowser(client, chrome, id, browserProcess);
  } catch (cause) {
    browserProcess.child.kill('SIGKILL');
    const said = browserProcess.stderr();
    await browserProcess.end();
    throw new Error(`Firefox could not be launched. ${said}`, { cause });
  }
}

async function createBrowser(
  client: BidiClient,
  chrome: Evaluate,
  id: string,
  browserProcess: BrowserProcess,
): Promise<TestBrowser> {
  const extensionObject = `WebExtensionPolicy.getByID(${JSON.stringify(id)}).extension`;
  const known = new Map<string, TestPage>();
  const [blank] = await contexts(client);

  function drive(context: string): TestPage {
    const page = createPage(driveContext(client, chrome, context));
    const inContentScript = async (expression: string) => evaluateInContentScript(chrome, id, await page.url(), expression);
    return { ...page, evaluateInContentScript: inContentScript };
  }
  function pageOf(context: string): TestPage {
    const page = known.get(context) ?? drive(context);
    known.set(context, page);
    return page;
  }

  return {
    name: 'firefox',
    extensionUrl: (path) => `moz-extension://${uuid}/${path.replace(/^\//, '')}`,
    async newPage(url) {
      // Beside the first tab: Firefox would otherwise take its latest window, which may be an approval window that is just closing.
      const { context } = await client.send<{ context: string }>('browsingContext.create', {
        type: 'tab',
        referenceContext: blank?.context,
      });
      const page = pageOf(context);
      if (url !== undefined) await page.goto(url);
      return page;
    },
    async pages() {
      const all = await contexts(client);
      return all.filter(({ context }) => context !== blank?.context).map(({ context }) => pageOf(context));
    },
    waitForPage: (urlPart, timeoutMs = 5000) =>
      poll(
        async () => {
          const found = (await contexts(client)).find(({ url }) => url.includes(urlPart));
          return found && pageOf(found.context);
        },
        timeoutMs,
        async () => `No page with ${urlPart} came; open are: ${(await contexts(client)).map(({ url }) => url).join(', ')}`,
      ),
    async killBackground() {
      // Without these two Firefox lets a busy event page live on.
      await chrome(`${extensionObject}.terminateBackground({ ignoreDevToolsAttached: true, disableResetIdleForTest: true })`);
    },
    backgroundRuns: async () => (await chrome(`${extensionObject}.backgroundState`)) === 'running',
    async newPrivatePage(url) {
      const before = (await contexts(client)).map(({ context }) => context);
      // As a person opens a link in a private window: it never shows a page of its own first, which could come over the one that is wanted.
      await chrome(`void openTrustedLinkIn(${JSON.stringify(url)}, 'window', { private: true })`);
      const page = await poll(
        async () => {
          const found = (await contexts(client)).find(({ context }) => !before.includes(context));
          return found && pageOf(found.context);
        },
        10_000,
        () => 'No private window came',
      );
      await poll(
        async () => {
          const loaded = await page.evaluate('location.href + " " + document.readyState').catch(() => '');
          return loaded === `${new URL(url).href} complete` ? (true as const) : undefined;
        },
        20_000,
        () => `${url} did not load in a private window`,
      );
      return page;
    },
    evaluateInBrowser: chrome,
    ended: () => browserProcess.exited,
    async crash() {
      client.close();
      browserProcess.child.kill('SIGKILL');
      await browserProcess.end();
    },
    async close() {
      await within(client.send('browser.close'), 3000, 'browser.close').catch(() => undefined);
      client.close();
      await browserProcess.end();
    },
  };
}

function driveContext(client: BidiClient, chrome: Evaluate, context: string) {
  const evaluate = (expression: string, sandbox?: string) =>
    evaluateIn(client, { context, ...(sandbox === undefined ? {} : { sandbox }) }, expression);
  const isOpen = async () => (await contexts(client)).some((candidate) => candidate.context === context);
  const url = async () => {
    const found = (await contexts(client)).find((candidate) => candidate.context === context);
    if (!found) throw new Error('This page is closed');
    return found.url;
  };
  const perform = async (actions: object[]) => {
    // Input goes to the tab in front.
    await client.send('browsingContext.activate', { context });
    await client.send('input.performActions', { context, actions });
  };
  const browserOf = `Services.wm.getEnumerator('navigator:browser')`;

  return {
    url,
    isOpen,
    evaluate: (expression: string) => evaluate(expression),
    evaluateIsolated: (expression: string) => evaluate(expression, 'oriel-tests'),
    async goto(target: string) {
      if (!target.startsWith('moz-extension:')) {
        await client.send('browsingContext.navigate', { context, url: target, wait: 'complete' });
        return;
      }
      // Waiting for the load of an extension page never ends in Firefox 153.
      await client.send('browsingContext.navigate', { context, url: target, wait: 'none' });
      const loaded = `document.readyState === 'complete' && location.href.startsWith(${JSON.stringify(target.split('#')[0])})`;
      await poll(
        async () => ((await evaluate(loaded, 'oriel-tests').catch(() => false)) ? true : undefined),
        10_000,
        () => `${target} did not load`,
      );
    },
    async mouseClick(x: number, y: number) {
      const press = [
        { type: 'pointerMove', x: Math.round(x), y: Math.round(y), origin: 'viewport' },
        { type: 'pointerDown', button: 0 },
        { type: 'pointerUp', button: 0 },
      ];
      await perform([{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions: press }]);
    },
    async pressKey(text: string) {
      const { key, held } = parseKey(text);
      const codes = held.map((name) => modifiers[name].webdriver);
      const down = [...codes, key.webdriver].map((value) => ({ type: 'keyDown', value }));
      const up = [key.webdriver, ...codes.reverse()].map((value) => ({ type: 'keyUp', value }));
      await perform([{ type: 'key', id: 'keyboard', actions: [...down, ...up] }]);
    },
    capture: async () => (await client.send<{ data: string }>('browsingContext.captureScreenshot', { context })).data,
    async setViewport(width: number, height: number) {
      await client.send('browsingContext.setViewport', { context, viewport: { width, height } });
    },
    async emulateDark(dark: boolean) {
      // BiDi of Firefox 153 has no command for it: the tab is told through the browser's own scope.
      await client.send('browsingContext.activate', { context });
      await chrome(`(() => { for (const window of ${browserOf}) for (const tab of window.gBrowser.browsers)
        if (tab.currentURI.spec === ${JSON.stringify(await url())}) tab.browsingContext.prefersColorSchemeOverride = '${dark ? 'dark' : 'light'}'; })()`);
      const matches = `matchMedia('(prefers-color-scheme: dark)').matches === ${dark}`;
      await poll(
        async () => ((await evaluate(matches, 'oriel-tests')) ? true : undefined),
        3000,
        () => 'The colour scheme did not change',
      );
    },
    async back() {
      const before = await url();
      await client.send('browsingContext.traverseHistory', { context, delta: -1 });
      await poll(
        async () => ((await url()) === before ? undefined : true),
        5000,
        () => `The page stayed at ${before}`,
      );
    },
    async close() {
      await client.send('browsingContext.close', { context });
    },
  };
}

async function contexts(client: BidiClient): Promise<Context[]> {
  return (await client.send<{ contexts: Context[] }>('browsingContext.getTree', { maxDepth: 0 })).contexts;
}

function writePreferences(profile: string, extra: Record<string, string | number | boolean>) {
  const preferences = {
    'remote.prefs.recommended': true,
    'browser.shell.checkDefaultBrowser': false,
    'browser.aboutwelcome.enabled': false,
    'datareporting.policy.dataSubmissionEnabled': false,
    'toolkit.telemetry.reportingpolicy.firstRun': false,
    'extensions.autoDisableScopes': 0,
    'extensions.webextOptionalPermissionPrompts': false,
    'app.update.auto': false,
    'network.captive-portal-service.enabled': false,
    'network.connectivity-service.enabled': false,
    'network.dns.localDomains': testHosts.join(','),
    'services.settings.server': 'data:,',
    // Typed http: addresses stay http:, as in Chromium.
    'dom.security.https_first': false,
    // Sessions of a driver have no back/forward cache otherwise.
    'fission.bfcacheInParent': true,
    ...extra,
  };
  const lines = Object.entries(preferences).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  writeFileSync(join(profile, 'user.js'), lines.join('\n'));
}

function extensionId(extension: string): string {
  const manifest = JSON.parse(readFileSync(join(extension, 'manifest.json'), 'utf8')) as {
    browser_specific_settings?: { gecko?: { id?: string } };
  };
  const id = manifest.browser_specific_settings?.gecko?.id;
  if (!id) throw new Error(`${extension} has no browser_specific_settings.gecko.id`);
  return id;
}

/** Firefox takes a port, not a pipe; it chooses a free one by itself and writes it into the profile. */
async function portOf(browserProcess: BrowserProcess): Promise<number> {
  const file = join(browserProcess.profile, 'WebDriverBiDiServer.json');
  return poll(
    async () => {
      if (browserProcess.child.exitCode !== null) throw new Error('Firefox ended at once');
      if (!existsSync(file)) return undefined;
      // The file may be half written.
      const port = /"ws_port":\s*(\d+)/.exec(readFileSync(file, 'utf8'))?.[1];
      return port === undefined ? undefined : Number(port);
    },
    60_000,
    () => 'Firefox did not open its remote port',
  );
}
