/** The one seam to the browser's API: every other file of the background gets what it needs of it from here. */

import polyfill, { type Runtime } from 'webextension-polyfill';
import { logDefect } from './log';
import type { Notice } from './notices';

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
  /** The number on the toolbar button, and what its name says for those who do not see it. */
  setBadge(text: string, title: string): Promise<void>;
  /** Words of the locale, for what is shown outside of Oriel's pages. `{name}` in them is replaced. */
  words(key: string, values?: Readonly<Record<string, string>>): string;
  /** Whether a window of the browser has the computer's focus. */
  isInFront(): Promise<boolean>;
  /** Tells the person through the system, as text. @returns false where they have not allowed that */
  notify(id: string, notice: Notice): Promise<boolean>;
  withdrawNotice(id: string): Promise<void>;
  onNoticePressed(listener: (id: string) => void): void;
  /** Opens one of Oriel's pages in a tab, in front. Rejects where no window may show it, as where only private ones are open. */
  openTab(path: string): Promise<void>;
  /** Oriel was installed or updated. @param listener gets the tabs that were open before */
  onArrived(listener: (tabIds: readonly number[]) => void): void;
  reloadTab(tabId: number): Promise<void>;
  /** Opens the chat beside the page, or closes it, whenever the person presses the keys for that. Firefox does so by itself. */
  togglePanelByKey(): void;
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
const toggleChat = 'toggle-chat';

/** There with its permission only, which may come while the background runs; with buttons in Chromium alone. */
type Notifications = Omit<typeof polyfill.notifications, 'onButtonClicked'> & {
  readonly onButtonClicked?: (typeof polyfill.notifications)['onButtonClicked'];
};
const notificationsOf = () => polyfill.notifications as Notifications | undefined;

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

    async setBadge(text, title) {
      await polyfill.action.setTitle({ title });
      await polyfill.action.setBadgeText({ text });
      await polyfill.action.setBadgeBackgroundColor({ color: '#8a4b00' });
    },

    words: (key, values = {}) =>
      polyfill.i18n.getMessage(key).replace(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place),

    // None of its windows is open where this rejects.
    isInFront: () =>
      polyfill.windows
        .getLastFocused()
        .then(({ focused }) => focused)
        .catch(() => false),

    async notify(id, { title, message, button }) {
      const notifications = notificationsOf();
      if (!notifications) return false;
      // Firefox shows none, and refuses the field.
      const buttons = 'onButtonClicked' in notifications ? { buttons: [{ title: button }] } : {};
      const iconUrl = polyfill.runtime.getURL('icon/128.png');
      return notifications.create(id, { type: 'basic', iconUrl, title, message, ...buttons }).then(() => true);
    },
    withdrawNotice: async (id) => void (await notificationsOf()?.clear(id)),
    onNoticePressed(listener) {
      const listen = () => {
        const notifications = notificationsOf();
        notifications?.onClicked.addListener(listener);
        notifications?.onButtonClicked?.addListener(listener);
      };
      listen();
      polyfill.permissions.onAdded.addListener(listen);
    },

    async openTab(path) {
      const { windowId } = await polyfill.tabs.create({ url: polyfill.runtime.getURL(path) });
      if (windowId !== undefined) await polyfill.windows.update(windowId, { focused: true });
    },

    onArrived(listener) {
      polyfill.runtime.onInstalled.addListener(async ({ reason }) => {
        if (reason !== 'install' && reason !== 'update') return;
        listener((await polyfill.tabs.query({})).flatMap(({ id }) => id ?? []));
      });
    },
    reloadTab: (tabId) => polyfill.tabs.reload(tabId),
    togglePanelByKey() {
      if (!sidePanel) return;
      polyfill.commands.onCommand.addListener((name, tab) => {
        if (name !== toggleChat || tab?.windowId === undefined) return;
        const { windowId } = tab;
        // Asked before it opens, and not awaited before it: afterwards the press of the keys opens nothing any more.
        const before = chrome.runtime.getContexts({
          contextTypes: ['SIDE_PANEL' as chrome.runtime.ContextType],
          windowIds: [windowId],
        });
        const opened = sidePanel.open({ windowId });
        void Promise.all([before, opened])
          .then(async ([panels]) => {
            // Only Chromium from 141 on can close it.
            if (panels.length > 0) await sidePanel.close?.({ windowId });
          })
          .catch(logDefect);
      });
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
