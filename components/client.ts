/** The interface's only door to the background: one port that comes back by itself, the overview as a signal, typed calls. */

import { type ReadonlySignal, signal } from '@preact/signals';
import browser from 'webextension-polyfill';
import { type Caller, type ChannelPort, createCaller } from '../protocol/channel';
import type { StreamPart } from '../protocol/generate';
import { isInsecure, type Origin, toOrigin } from '../protocol/ids';
import { uiPortName } from '../protocol/names';
import { transmitted } from '../protocol/transmitted';
import type { Overview, UiCall, UiEvent, UiOperation, UiOperations } from '../protocol/ui-messages';
import { createPassphrases, type Passphrases } from './passphrases';
import { createShortcuts, type Shortcuts } from './shortcuts';

export interface Client {
  /** Undefined until the background has answered for the first time. */
  readonly overview: ReadonlySignal<Overview | undefined>;
  /** Counts the ports opened so far: what the background must be told anew after it died hangs on this. */
  readonly session: ReadonlySignal<number>;
  /** Rejects with an AiError: the background's, or `interrupted` when it died meanwhile. */
  call<Operation extends UiOperation>(
    type: Operation,
    input: UiOperations[Operation]['input'],
  ): Promise<UiOperations[Operation]['output']>;
  /** Asks a model. The parts come as they are read; throws as `call` rejects. */
  chat(input: UiOperations['chat']['input'], signal: AbortSignal): AsyncIterable<StreamPart>;
}

/** A setting that is nothing but a permission of the browser: to be told when the computer is locked, to show notifications. */
export interface OptionalPermission {
  isOn(): Promise<boolean>;
  /** To be called in the click itself: it may ask the person. Resolves to how it is now. */
  set(on: boolean): Promise<boolean>;
}

/** Whether Oriel's button stands in the toolbar. */
export interface Toolbar {
  /** Undefined where the browser does not tell. */
  isPinned(): Promise<boolean | undefined>;
  /** @param listener is called when it may have changed. Returns what ends that. */
  onChanged(listener: () => void): () => void;
}

/** The browser's leave to be on web pages, which the person may have withheld. */
export interface SiteAccess {
  isGiven(): Promise<boolean>;
  /** To be called in the click itself: the browser asks the person. Resolves to how it is then; false too where it has to be given by hand. */
  ask(): Promise<boolean>;
  /** @param listener is called when it changed. Returns what ends that. */
  onChanged(listener: () => void): () => void;
}

/** What a screen needs of the browser around it. */
export interface Shell {
  readonly version: string;
  /** Where the browser keeps what is not pinned, and what it calls that. */
  readonly family: 'chromium' | 'firefox';
  readonly toolbar: Toolbar;
  readonly siteAccess: SiteAccess;
  /** Asks whether data may leave this computer, where the browser wants that to be asked. To be called in the click itself. Resolves to how it is then. */
  askToTransmit(): Promise<boolean>;
  readonly passphrases: Passphrases;
  /** Absent where the browser does not tell when the computer is locked. */
  readonly computerLock: OptionalPermission | undefined;
  /** Being told by the system of pages that wait. */
  readonly notifications: OptionalPermission | undefined;
  readonly shortcuts: Shortcuts;
  /** The tab that **This site** is about. */
  activeTab(): Promise<number | undefined>;
  /** Whether Oriel is in the page of a tab: it is not in pages from before it was installed, nor in those of the browser itself. */
  isInTab(tabId: number): Promise<boolean>;
  /** The site of that tab, where the person may let it ask as if Oriel were OpenAI: undefined for private windows and unencrypted sites. */
  tabSite(): Promise<Origin | undefined>;
  /** Asks the person to let a script run on this site's pages. To be called in the click itself. Resolves to what they said. */
  allowScript(origin: Origin): Promise<boolean>;
  /** The browser window that this screen is in. */
  window(): Promise<{ readonly id: number; readonly isPrivate: boolean }>;
  /** Opens the chat beside the page, in a tab where the browser cannot. To be called in the click itself. */
  openChat(): Promise<void>;
  /** Puts text on the clipboard. To be called in the click itself. */
  copy(text: string): Promise<void>;
  /** Opens the options at a route in a tab. */
  openOptions(route: string): Promise<void>;
  /** Shows the first run: the tab that has it already, else a new one. */
  openWelcome(): Promise<void>;
  /** Brings a tab and its window to the front. Does nothing where it is gone. */
  showTab(tabId: number): Promise<void>;
  close(): void;
}

const firstPause = 100;
const longestPause = 3_000;

export function createClient(connect: () => ChannelPort): Client {
  const overview = signal<Overview | undefined>(undefined);
  const session = signal(0);
  let caller: Caller<UiCall> | undefined;
  let pause = firstPause;

  const reopenLater = () => {
    caller = undefined;
    setTimeout(() => caller ?? open(), pause);
    pause = Math.min(pause * 2, longestPause);
  };

  const open = (): Caller<UiCall> => {
    const opened = createCaller<UiCall, UiEvent>(connect(), {
      onEvent: (event) => {
        overview.value = event.overview;
      },
      onClose: reopenLater,
    });
    caller = opened;
    session.value += 1;
    opened.call({ type: 'overview', input: {} }).then(
      (value) => {
        pause = firstPause;
        overview.value = value as Overview;
      },
      () => undefined, // The port is gone: onClose opens the next one, which asks again.
    );
    return opened;
  };

  open();
  return {
    overview,
    session,
    async call(type, input) {
      const value = await (caller ?? open()).call({ type, input } as UiCall);
      // The table pairs each operation with its answer, and the background is ours.
      return value as UiOperations[typeof type]['output'];
    },
    chat: (input, signal) => (caller ?? open()).stream({ type: 'chat', input }, signal),
  };
}

export const openClient = (): Client => createClient(() => browser.runtime.connect({ name: uiPortName }));

/** `?tab=7` stands in for the active tab where the popup was opened as a page of its own. */
async function activeTab(): Promise<number | undefined> {
  const named = new URLSearchParams(location.search).get('tab');
  if (named !== null) return Number(named);
  const [tab] = await browser.tabs.query({ active: true, currentWindow: true });
  return tab?.id;
}

async function tabSite(): Promise<Origin | undefined> {
  const tabId = await activeTab();
  const { url, incognito } = tabId === undefined ? { url: undefined, incognito: false } : await browser.tabs.get(tabId);
  const origin = url === undefined || incognito ? undefined : toOrigin(new URL(url).origin);
  return origin === undefined || isInsecure(origin) ? undefined : origin;
}

function allowScript(origin: Origin): Promise<boolean> {
  const { protocol, hostname } = new URL(origin);
  // Permissions are for hosts: a pattern with a port would be refused.
  return browser.permissions.request({ permissions: ['scripting'], origins: [`${protocol}//${hostname}/*`] });
}

/** Chromium alone has it. */
const sidePanel = () => (globalThis as { chrome?: { sidePanel?: typeof chrome.sidePanel } }).chrome?.sidePanel;

async function openPanel(): Promise<void> {
  const panel = sidePanel();
  // Firefox opens it in the click only, before anything is awaited.
  if (!panel) return browser.sidebarAction.open();
  const { id } = await browser.windows.getCurrent();
  if (id !== undefined) await panel.open({ windowId: id });
}

/** Undefined where the browser knows no such permission. */
function optionalPermission(name: 'idle' | 'notifications'): OptionalPermission | undefined {
  if (!browser.runtime.getManifest().optional_permissions?.includes(name)) return undefined;
  const permission = { permissions: [name] };
  const isOn = () => browser.permissions.contains(permission);
  return {
    isOn,
    async set(on) {
      await (on ? browser.permissions.request(permission) : browser.permissions.remove(permission));
      return isOn();
    },
  };
}

/**
 * Chromium: the relay in the page answers whoever opens a port to it; where none is, the browser closes the port. In a page that is still loading it
 * begins a moment later (entrypoints/relay.ts): each is asked twice.
 */
const answersInTab = (tabId: number, isLast = false): Promise<boolean> =>
  new Promise((resolve) => {
    const port = browser.tabs.connect(tabId, { frameId: 0 });
    port.onMessage.addListener(() => {
      resolve(true);
      port.disconnect();
    });
    port.onDisconnect.addListener(() => (isLast ? resolve(false) : setTimeout(() => resolve(answersInTab(tabId, true)), 700)));
  });

/** Firefox puts Oriel into every page that it may be in, also those from before it came, and tells their addresses and those of Oriel's own. */
const isWebTab = async (tabId: number): Promise<boolean> => /^https?:/.test((await browser.tabs.get(tabId)).url ?? '');

/** In both browsers, and not in the polyfill's types yet. */
type Recent = {
  readonly runtime: {
    getContexts(filter: { contextTypes: ['TAB']; documentUrls: string[] }): Promise<readonly { tabId: number }[]>;
  };
  readonly action: {
    readonly getUserSettings?: () => Promise<{ isOnToolbar?: boolean }>;
    readonly onUserSettingsChanged?: Listenable;
  };
};
type Listenable = { addListener(listener: () => void): void; removeListener(listener: () => void): void };
const recent = () => browser as unknown as Recent;

function listenTo(events: readonly (Listenable | undefined)[], listener: () => void): () => void {
  for (const event of events) event?.addListener(listener);
  return () => {
    for (const event of events) event?.removeListener(listener);
  };
}

const toolbar: Toolbar = {
  isPinned: async () => (await recent().action.getUserSettings?.())?.isOnToolbar,
  onChanged(listener) {
    const unlisten = listenTo([recent().action.onUserSettingsChanged], listener);
    // Where there is no event, the person comes back to this page from having done it.
    const timer = setInterval(listener, 1000);
    return () => {
      clearInterval(timer);
      unlisten();
    };
  },
};

const everySite = { origins: ['https://*/*', 'http://*/*'] };
const siteAccess: SiteAccess = {
  async isGiven() {
    // Not by `contains`: of hosts that are optional in the manifest Chromium says no there.
    const { origins = [] } = await browser.permissions.getAll();
    return everySite.origins.every((pattern) => origins.includes(pattern));
  },
  ask: () => browser.permissions.request(everySite).catch(() => false),
  onChanged: (listener) =>
    listenTo([browser.permissions.onAdded, browser.permissions.onRemoved] as unknown as readonly Listenable[], listener),
};

/** In Firefox: what the manifest lists as optional. The polyfill's types do not know it yet. */
async function askToTransmit(): Promise<boolean> {
  const { gecko } = browser.runtime.getManifest().browser_specific_settings ?? {};
  if (!gecko) return true;
  type Asked = Parameters<typeof browser.permissions.request>[0];
  // It is asked once: where it was given already, nothing is shown.
  return browser.permissions.request({ data_collection: [...transmitted] } as Asked);
}

async function showTab(tabId: number): Promise<void> {
  try {
    const { windowId } = await browser.tabs.update(tabId, { active: true });
    if (windowId !== undefined) await browser.windows.update(windowId, { focused: true });
  } catch {
    // It was closed meanwhile.
  }
}

async function openWelcome(): Promise<void> {
  const url = browser.runtime.getURL('welcome.html');
  const [shown] = await recent().runtime.getContexts({ contextTypes: ['TAB'], documentUrls: [url] });
  const tabId = shown?.tabId ?? (await browser.tabs.create({ url })).id;
  // A tab may have come up in a window behind this one.
  if (tabId !== undefined) await showTab(tabId);
}

export const browserShell = (): Shell => ({
  version: browser.runtime.getManifest().version,
  family: sidePanel() ? 'chromium' : 'firefox',
  toolbar,
  siteAccess,
  askToTransmit,
  openWelcome,
  showTab,
  computerLock: optionalPermission('idle'),
  notifications: optionalPermission('notifications'),
  passphrases: createPassphrases(() => new Worker(browser.runtime.getURL('kdf-worker.js'))),
  shortcuts: createShortcuts(browser.commands, (url) => browser.tabs.create({ url }), sidePanel() !== undefined),
  activeTab,
  isInTab: sidePanel() ? (tabId) => answersInTab(tabId) : isWebTab,
  tabSite,
  allowScript,
  async window() {
    const { id, incognito } = await browser.windows.getCurrent();
    return { id: id ?? browser.windows.WINDOW_ID_NONE, isPrivate: incognito };
  },
  openChat: () =>
    openPanel().catch(async () => void (await browser.tabs.create({ url: browser.runtime.getURL('sidepanel.html') }))),
  copy: (text) => navigator.clipboard.writeText(text),
  async openOptions(route) {
    await browser.tabs.create({ url: browser.runtime.getURL(`options.html${route}`) });
  },
  close: () => window.close(),
});
