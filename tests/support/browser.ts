/** The one driver interface of the end-to-end tests, the same for Chromium and Firefox, and the function that launches either. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

export type BrowserName = 'chromium' | 'firefox';

export interface LaunchOptions {
  /** Folder of the built extension; default `.output/chrome-mv3` or `.output/firefox-mv3`. */
  extension?: string;
  /**
   * Chromium only: never attach to the service worker, so that it lives and dies as it does for people (Playwright keeps it alive).
   * Firefox is always driven that way.
   */
  rawLifetime?: boolean;
  chromiumArguments?: string[];
  /** Gets the profile when the browser has ended, before it is removed. What the browser said is in its `browser.log`. */
  inspectProfile?: (folder: string) => void;
  /** A folder of the test's own, which stays: for a browser that is started again. Default: a new one. */
  profile?: string;
  /** The person lets the extension run in private windows. Chromium: with `rawLifetime` only. */
  inPrivateWindows?: boolean;
  firefoxPreferences?: Record<string, string | number | boolean>;
  /** Leaves the tab open that the extension shows by itself after its installation. Else it is closed before the test begins. */
  firstRun?: boolean;
  /** A web page that is open before the extension is installed. Chromium: with `rawLifetime` only. */
  openBefore?: string;
  /** A window that a person can see and use; `npm start` opens one. */
  visible?: boolean;
  /** Every https request goes to this proxy of vendors.ts, whose certificates are believed. */
  vendors?: { readonly port: number };
}

/** What an element is called. A string must be the whole accessible name; white space is collapsed. */
export type Name = string | RegExp;

export interface FindOptions {
  /** Only inside the one element with this role and name. */
  within?: { role: string; name?: Name };
  /** Which of several, from 0. Without it more than one match is an error. */
  nth?: number;
  /** Default 5000. */
  timeoutMs?: number;
}

export interface ScreenshotOptions {
  width?: number;
  height?: number;
  dark?: boolean;
}

/** A tab, or a window that the extension opened. All waiting calls throw when their time is over and say what they saw. */
export interface TestPage {
  url(): Promise<string>;
  /** Navigates and waits for the load event (extension pages included). Gives no user activation. */
  goto(url: string): Promise<void>;
  /**
   * Runs a self-contained function (or an expression) in the page's own world, WITHOUT user activation, and gives its JSON result,
   * awaited. What the page throws is thrown here as an Error with the page's name and message.
   */
  evaluate<Result, Args extends unknown[]>(
    code: string | ((...args: Args) => Result | Promise<Result>),
    ...args: Args
  ): Promise<Awaited<Result>>;
  /** Evaluates in the world of Oriel's content script, where a compromised renderer would be. Not in Chromium with `rawLifetime`. */
  evaluateInContentScript?(expression: string): Promise<unknown>;
  /**
   * What a screen reader is given, in its order: each node that is more than text as `role "name"`, with its state and how urgent its changes are.
   * In Chromium with Playwright only.
   */
  accessibilityTree?(): Promise<string[]>;
  /** How much the page's origin may keep; undefined for as much as before. In Chromium with Playwright only. */
  limitStorage?(bytes: number | undefined): Promise<void>;
  /** A real mouse click on the one visible, enabled, uncovered element with this role and name. Gives user activation. */
  click(role: string, name: Name, options?: FindOptions): Promise<void>;
  /** Puts a value into the field with this label (text, password, number, textarea), replacing what was there. Gives no user activation. */
  fill(label: Name, value: string, options?: FindOptions): Promise<void>;
  /** Chooses an option of a native select by its label. Gives no user activation. */
  select(combobox: Name, option: string, options?: FindOptions): Promise<void>;
  /** A real key press where the focus is: a letter, or `Enter`, `Escape`, `Tab`, `Shift+Tab`, `Space`, `ArrowDown` … Most keys give user activation. */
  press(key: string): Promise<void>;
  /** The visible text of the page. */
  text(): Promise<string>;
  waitForText(text: string | RegExp, timeoutMs?: number): Promise<void>;
  /** Whether at least one visible element has this role and name now. */
  hasRole(role: string, name?: Name, options?: FindOptions): Promise<boolean>;
  waitForRole(role: string, name?: Name, options?: FindOptions): Promise<void>;
  /** Waits until no visible element has this role and name. */
  waitForNoRole(role: string, name?: Name, options?: FindOptions): Promise<void>;
  /** The accessible names of all visible elements of a role, in document order. */
  names(role: string, options?: FindOptions): Promise<string[]>;
  /** Writes a PNG. Size and colour scheme, where given, stay set afterwards. */
  screenshot(path: string, options?: ScreenshotOptions): Promise<void>;
  setViewport(width: number, height: number): Promise<void>;
  emulateDark(dark: boolean): Promise<void>;
  /** The person's contrast theme, and their wish that nothing moves. In Chromium with Playwright only; Firefox has preferences for them. */
  emulateAdapted?(): Promise<void>;
  back(): Promise<void>;
  /** Kills the page's process, as the system does when memory is short; the tab stays. Not in Chromium with Playwright. */
  crash?(): Promise<void>;
  /** Resolves at once when the page has closed itself already. */
  close(): Promise<void>;
  /** Waits until the page is gone, as an approval window is after its button was pressed. */
  waitForClose(timeoutMs?: number): Promise<void>;
}

export interface TestBrowser {
  readonly name: BrowserName;
  /** The address of a file of the extension: `extensionUrl('popup.html')`. */
  extensionUrl(path: string): string;
  newPage(url?: string): Promise<TestPage>;
  pages(): Promise<TestPage[]>;
  /** Waits for a page whose address contains `urlPart`, such as the approval window. */
  waitForPage(urlPart: string, timeoutMs?: number): Promise<TestPage>;
  /** Ends the service worker or event page at once, as the browser does when it is idle; returns when it is dead. */
  killBackground(): Promise<void>;
  /** Whether the background runs now; asking does not wake it. */
  backgroundRuns(): Promise<boolean>;
  /** Opens a page in a private window, where `inPrivateWindows` was asked for. */
  newPrivatePage?(url: string): Promise<TestPage>;
  /** Firefox only: evaluates with the browser's own rights. */
  evaluateInBrowser?(expression: string): Promise<unknown>;
  /** Chromium with `rawLifetime` only: attaches to the worker for this one expression. */
  evaluateInBackground?(expression: string): Promise<unknown>;
  /** Chromium with `rawLifetime` only: a heap snapshot of the worker, after a collection of garbage. */
  snapshotBackground?(): Promise<string>;
  /** Ends the process as a power cut does. Only for browsers that are not driven by Playwright. */
  crash?(): Promise<void>;
  /** Resolves when the browser has ended, as when the person closes it. */
  ended(): Promise<void>;
  /** Ends the process and leaves its profile. */
  close(): Promise<void>;
}

/** Launches a browser, headless unless it is to be visible, with a fresh profile, the extension in it, and `*.test` and `*.localhost` leading to this machine. */
export async function launchBrowser(name: BrowserName, options: LaunchOptions = {}): Promise<TestBrowser> {
  const extension = resolve(options.extension ?? (name === 'chromium' ? '.output/chrome-mv3' : '.output/firefox-mv3'));
  const isNew = options.profile === undefined || !existsSync(options.profile) || readdirSync(options.profile).length === 0;
  const opensFirstRun = isNew && existsSync(join(extension, firstRunPage));
  const ready = opensFirstRun && !options.firstRun ? closeFirstRun : async () => undefined;
  // Loaded on demand: Playwright takes its time, and Firefox does not need it.
  // This one starts the extension again for private windows, which must not happen while that tab comes up.
  if (name === 'chromium' && options.rawLifetime)
    return (await import('./chromium-raw')).launchRawChromium(extension, options, ready);
  const browser =
    name === 'firefox'
      ? await (await import('./firefox')).launchFirefox(extension, options)
      : await (await import('./chromium')).launchChromium(extension, options);
  await ready(browser);
  return browser;
}

const firstRunPage = 'welcome.html';

async function closeFirstRun(browser: TestBrowser): Promise<void> {
  try {
    const shown = await browser.waitForPage(firstRunPage, 15_000);
    await shown.close();
    await shown.waitForClose();
  } catch (cause) {
    await browser.close();
    throw new Error('The first run did not open, or did not close.', { cause });
  }
}
