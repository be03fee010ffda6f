/** The one seam to the browser's API: every other file of the background gets what it needs of it from here. */

import polyfill, { type Runtime } from 'webextension-polyfill';

/** A storage area as a small map. `session` lives in memory and is out of reach of content scripts. */
export interface Area {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
}

export interface OriginRule {
  /** Everything below this origin, for example `http://127.0.0.1:11434`. */
  readonly origin: string;
}

export type Sender = Runtime.MessageSender & {
  readonly origin?: string;
  readonly documentId?: string;
  readonly documentLifecycle?: string;
};

export interface Browser {
  readonly extensionId: string;
  readonly extensionOrigin: string;
  readonly session: Area;
  onConnect(listener: (port: Runtime.Port) => void): void;
  onTabRemoved(listener: (tabId: number) => void): void;
  onWindowRemoved(listener: (windowId: number) => void): void;
  /** Whether the tab is the visible one of its window; false where it is gone. */
  isTabActive(tabId: number): Promise<boolean>;
  /** Opens one of Oriel's pages in a small window of its own and resolves to the window's id. */
  openWindow(path: string, width: number, height: number): Promise<number>;
  hasWindow(windowId: number): Promise<boolean>;
  /** Opens one of Oriel's pages in a tab. Rejects where no window may show it, as where only private ones are open. */
  openTab(path: string): Promise<void>;
  setBadge(text: string): Promise<void>;
  /** Puts the entry into the menu of pages, where something is selected. @param listener gets the window and the text */
  onAskSelection(listener: (windowId: number, text: string) => void): void;
  /** Opens the chat beside the page. Only in the person's click, before anything is awaited. */
  openPanel(windowId: number): Promise<void>;
  /** Rings once at this time, also when the background was dead; undefined takes it back. */
  setAlarm(name: string, at: number | undefined): Promise<void>;
  onAlarm(listener: (name: string) => void): void;
  /** The browser started, or Oriel was updated: whatever was open before is not to be taken for open. */
  onStart(listener: () => void): void;
  /** Oriel was installed just now. */
  onInstalled(listener: () => void): void;
  /** The person locked the computer, or its screen saver did. Never told without the optional permission for it. */
  onComputerLocked(listener: () => void): void;
  /** Any call of the API counts as activity of the background. */
  touch(): Promise<void>;
  /** Whether the person's choice of sites (Chromium's "site access", Firefox's permissions) lets Oriel reach this host. */
  hasAccess(url: URL): Promise<boolean>;
  /** Removes the Origin header from our own requests to these servers, and from nobody else's. */
  setOriginRules(rules: readonly OriginRule[]): Promise<void>;
  /** Where the browser has offscreen documents: makes sure that ours is there. */
  readonly openOffscreen: (() => Promise<void>) | undefined;
  closeOffscreen(): Promise<void>;
  /** The address at which a provider's sign-in comes back: it is of this extension alone, and no page can be there. */
  signInAddress(path: string): string;
  /** Shows a provider's sign-in in a window until it comes back; resolves to the address it came back with. Rejects where the person closed it. */
  openSignIn(url: string): Promise<string>;
}

/** Not in the polyfill's types yet. */
type DeclarativeNetRequest = {
  getSessionRules(): Promise<{ id: number }[]>;
  updateSessionRules(update: { removeRuleIds: number[]; addRules: object[] }): Promise<void>;
};

const declarativeNetRequest = () =>
  (polyfill as unknown as { declarativeNetRequest: DeclarativeNetRequest }).declarativeNetRequest;

const askSelection = 'ask-selection';

function areaOf(name: 'session'): Area {
  const area = polyfill.storage[name];
  return {
    get: async (key) => (await area.get(key))[key],
    set: (key, value) => (value === undefined ? area.remove(key) : area.set({ [key]: value })),
  };
}

export function createBrowser(): Browser {
  const extensionUrl = new URL(polyfill.runtime.getURL('/'));
  // Chromium alone has these two.
  const { offscreen, sidePanel } =
    (globalThis as { chrome?: { offscreen?: typeof chrome.offscreen; sidePanel?: typeof chrome.sidePanel } }).chrome ?? {};

  return {
    extensionId: polyfill.runtime.id,
    extensionOrigin: extensionUrl.origin === 'null' ? `${extensionUrl.protocol}//${extensionUrl.host}` : extensionUrl.origin,
    session: areaOf('session'),
    onConnect: (listener) => polyfill.runtime.onConnect.addListener(listener),
    onTabRemoved: (listener) => polyfill.tabs.onRemoved.addListener((tabId) => listener(tabId)),
    onWindowRemoved: (listener) => polyfill.windows.onRemoved.addListener(listener),

    async isTabActive(tabId) {
      try {
        return (await polyfill.tabs.get(tabId)).active;
      } catch {
        // Closed in the meantime.
        return false;
      }
    },

    async openWindow(path, width, height) {
      const url = polyfill.runtime.getURL(path);
      const options = { url, type: 'popup' as const };
      const window = await polyfill.windows.create({ ...options, width, height }).catch(() => {
        // Some window managers refuse bounds; a window in the wrong size beats none.
        return polyfill.windows.create(options);
      });
      if (window.id === undefined) throw new Error('The browser opened no window.');
      return window.id;
    },

    hasWindow: (windowId) =>
      polyfill.windows.get(windowId).then(
        () => true,
        () => false,
      ),

    async openTab(path) {
      await polyfill.tabs.create({ url: polyfill.runtime.getURL(path) });
    },

    async setBadge(text) {
      await polyfill.action.setBadgeText({ text });
      await polyfill.action.setBadgeBackgroundColor({ color: '#8a4b00' });
    },

    onAskSelection(listener) {
      const { contextMenus, i18n, runtime } = polyfill;
      // Menus last as long as the installed version does.
      runtime.onInstalled.addListener(() => {
        contextMenus.create({ id: askSelection, contexts: ['selection'], title: i18n.getMessage('menuAskSelection') });
      });
      contextMenus.onClicked.addListener(({ menuItemId, selectionText }, tab) => {
        if (menuItemId !== askSelection || !selectionText || tab?.windowId === undefined) return;
        listener(tab.windowId, selectionText);
      });
    },
    openPanel: (windowId) => (sidePanel ? sidePanel.open({ windowId }) : polyfill.sidebarAction.open()),

    async setAlarm(name, at) {
      if (at === undefined) await polyfill.alarms.clear(name);
      else polyfill.alarms.create(name, { when: at });
    },
    onAlarm: (listener) => polyfill.alarms.onAlarm.addListener(({ name }) => listener(name)),
    onStart(listener) {
      polyfill.runtime.onStartup.addListener(listener);
      polyfill.runtime.onInstalled.addListener(({ reason }) => {
        if (reason === 'update') listener();
      });
    },

    onInstalled(listener) {
      polyfill.runtime.onInstalled.addListener(({ reason }) => {
        if (reason === 'install') listener();
      });
    },

    onComputerLocked(listener) {
      const heard = (state: string) => {
        if (state === 'locked') listener();
      };
      // This part of the API is there with its permission only, which may come while the background runs.
      const listen = () => (polyfill.idle as typeof polyfill.idle | undefined)?.onStateChanged.addListener(heard);
      listen();
      polyfill.permissions.onAdded.addListener(listen);
    },

    async touch() {
      await polyfill.runtime.getPlatformInfo();
    },

    async hasAccess({ protocol, hostname }) {
      try {
        return await polyfill.permissions.contains({ origins: [`${protocol}//${hostname}/*`] });
      } catch {
        // No pattern of the browser's can name this host: then its permission is not what is missing.
        return true;
      }
    },

    async setOriginRules(rules) {
      const api = declarativeNetRequest();
      const old = await api.getSessionRules();
      await api.updateSessionRules({
        removeRuleIds: old.map(({ id }) => id),
        addRules: rules.map(({ origin }, index) => ({
          id: index + 1,
          priority: 1,
          action: { type: 'modifyHeaders', requestHeaders: [{ header: 'origin', operation: 'remove' }] },
          // Without `initiatorDomains` every web page's requests would lose their Origin too (security.md M20).
          condition: { urlFilter: `|${origin}/`, resourceTypes: ['xmlhttprequest'], initiatorDomains: [extensionUrl.hostname] },
        })),
      });
    },

    openOffscreen:
      offscreen &&
      (async () => {
        if (await offscreen.hasDocument()) return;
        await offscreen.createDocument({
          url: 'offscreen.html',
          reasons: ['WORKERS' as chrome.offscreen.Reason],
          justification: 'Runs the language model on this device; a service worker cannot start the workers it needs.',
        });
      }),
    async closeOffscreen() {
      if (offscreen && (await offscreen.hasDocument())) await offscreen.closeDocument();
    },

    signInAddress: (path) => polyfill.identity.getRedirectURL(path),
    openSignIn: (url) => polyfill.identity.launchWebAuthFlow({ url, interactive: true }),
  };
}
