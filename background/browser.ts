/** The one seam to the browser's API: every other file of the background gets what it needs of it from here. */

import polyfill from 'webextension-polyfill';
import { transmitted } from '../protocol/transmitted';
import type { Area, Browser } from './browser-api';
import { inBatches } from './in-batches';
import { logDefect } from './log';
import { createStored } from './stored';

/** Not in the polyfill's types yet. */
type DeclarativeNetRequest = {
  getSessionRules(): Promise<{ id: number }[]>;
  updateSessionRules(update: { removeRuleIds: number[]; addRules: object[] }): Promise<void>;
};

/** In the polyfill's types it knows no worlds. */
type Scripting = {
  getRegisteredContentScripts(): Promise<{ id: string }[]>;
  registerContentScripts(scripts: object[]): Promise<void>;
  unregisterContentScripts(filter: { ids: string[] }): Promise<void>;
};
const scripting = () => (polyfill as unknown as { scripting?: Scripting }).scripting;

const isFirefox = () => polyfill.runtime.getURL('/').startsWith('moz-');

const siteScript = (origin: string) => {
  const { protocol, hostname } = new URL(origin);
  // Firefox takes a port in a pattern and then matches nothing: there the script is on every port of the host.
  const knowsPorts = !isFirefox();
  return {
    id: origin,
    js: ['openai-site.js'],
    matches: [knowsPorts ? `${origin}/*` : `${protocol}//${hostname}/*`],
    world: 'MAIN',
    runAt: 'document_start',
    allFrames: true,
    matchOriginAsFallback: true,
    persistAcrossSessions: true,
  };
};

const askSelection = 'ask-selection';
const toggleChat = 'toggle-chat';

/** There with its permission only, which may come while the background runs. */
const notificationsOf = () => polyfill.notifications as typeof polyfill.notifications | undefined;

function areaOf(name: 'session'): Area {
  const area = polyfill.storage[name];
  // What is asked for in one task travels together: each look is a way to another process and back.
  const read = inBatches<string, unknown>(async (keys) => {
    const found = await area.get([...keys]);
    return keys.map((key) => found[key]);
  });
  return {
    get: read,
    set: (key, value) => (value === undefined ? area.remove(key) : area.set({ [key]: value })),
  };
}

export function createBrowser(): Browser {
  const extensionUrl = new URL(polyfill.runtime.getURL('/'));
  // Chromium alone has these two.
  const { offscreen, sidePanel } =
    (globalThis as { chrome?: { offscreen?: typeof chrome.offscreen; sidePanel?: typeof chrome.sidePanel } }).chrome ?? {};

  // Firefox alone has the permission for it (docs/decisions/0009-own-origin.md).
  const { declarativeNetRequest: requestRules } = polyfill as unknown as { declarativeNetRequest?: DeclarativeNetRequest };

  const session = areaOf('session');
  const originRules = createStored<string | undefined>(session, 'origin-rules', undefined);

  return {
    extensionId: polyfill.runtime.id,
    extensionOrigin: extensionUrl.origin === 'null' ? `${extensionUrl.protocol}//${extensionUrl.host}` : extensionUrl.origin,
    session,
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

    // Firefox may call a window focused that is put away. None is open where this rejects.
    isInFront: () =>
      polyfill.windows
        .getLastFocused()
        .then(({ focused, state }) => focused && state !== 'minimized')
        .catch(() => false),

    async notify(id, { title, message, button }) {
      const notifications = notificationsOf();
      if (!notifications) return false;
      // Firefox has the event of a button, shows none, and throws where it is given one.
      const buttons = isFirefox() ? {} : { buttons: [{ title: button }] };
      const iconUrl = polyfill.runtime.getURL('icon/128.png');
      return notifications.create(id, { type: 'basic', iconUrl, title, message, ...buttons }).then(() => true);
    },
    withdrawNotice: async (id) => void (await notificationsOf()?.clear(id)),
    onNoticePressed(listener) {
      const listen = () => {
        const notifications = notificationsOf();
        notifications?.onClicked.addListener(listener);
        notifications?.onButtonClicked.addListener(listener);
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
      // Of hosts that are optional in the manifest Chromium's `contains` says no although it lets Oriel reach them; `getAll` names them.
      const { origins = [] } = await polyfill.permissions.getAll();
      if (origins.includes(`${protocol}//*/*`)) return true;
      try {
        return await polyfill.permissions.contains({ origins: [`${protocol}//${hostname}/*`] });
      } catch {
        // No pattern of the browser's can name this host: then its permission is not what is missing.
        return true;
      }
    },

    async mayTransmit() {
      if (extensionUrl.protocol !== 'moz-extension:') return true;
      // Not in the polyfill's types yet.
      type Asked = Parameters<typeof polyfill.permissions.contains>[0];
      return polyfill.permissions.contains({ data_collection: [...transmitted] } as Asked);
    },

    setOriginRules:
      requestRules &&
      (async (rules) => {
        const filters = rules.map(({ origin }) => `|${origin}/`);
        // They end together with what `storage.session` holds: after a wake-up they are there already, as a rule.
        if ((await originRules.get()) === filters.join()) return;
        const old = await requestRules.getSessionRules();
        await requestRules.updateSessionRules({
          removeRuleIds: old.map(({ id }) => id),
          addRules: filters.map((urlFilter, index) => ({
            id: index + 1,
            priority: 1,
            action: { type: 'modifyHeaders', requestHeaders: [{ header: 'origin', operation: 'remove' }] },
            // Without `initiatorDomains` every web page's requests would lose their Origin too (security.md M20).
            condition: { urlFilter, resourceTypes: ['xmlhttprequest'], initiatorDomains: [extensionUrl.hostname] },
          })),
        });
        await originRules.update(() => filters.join());
      }),

    siteScripts: {
      known: async () => (await scripting()?.getRegisteredContentScripts())?.map(({ id }) => id),
      async add(origins) {
        if (origins.length > 0) await scripting()?.registerContentScripts(origins.map(siteScript));
      },
      async remove(origins) {
        if (origins.length > 0) await scripting()?.unregisterContentScripts({ ids: [...origins] });
      },
      onAllowed: (listener) => polyfill.permissions.onAdded.addListener(listener),
    },

    openOffscreen:
      offscreen &&
      (async () => {
        if (await offscreen.hasDocument()) return;
        await offscreen.createDocument({
          url: 'offscreen.html',
          reasons: ['WORKERS' as chrome.offscreen.Reason],
          justification: 'Runs a language model in workers.',
        });
      }),
    async closeOffscreen() {
      if (offscreen && (await offscreen.hasDocument())) await offscreen.closeDocument();
    },

    signInAddress: (path) => polyfill.identity.getRedirectURL(path),
    openSignIn: (url) => polyfill.identity.launchWebAuthFlow({ url, interactive: true }),
  };
}
