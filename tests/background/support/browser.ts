/** The browser that the background sees: windows, tabs and a badge in memory. */
import type { Browser, OriginRule, Sender } from '../../../background/browser-api';
import type { Notice } from '../../../background/notices';
import type { ChannelPort } from '../../../protocol/channel';
import { createPorts, type FakePort } from '../../protocol/support/ports';
import { createArea, type MemoryArea } from './area';
import { own } from './pages';

export interface FakeBrowser extends Browser {
  readonly session: MemoryArea;
  readonly badges: string[];
  readonly opened: string[];
  /** What the badge says to those who do not see it. */
  readonly titles: string[];
  readonly notices: Map<string, Notice>;
  /** The person looks at the browser. */
  inFront: boolean;
  /** The person lets Oriel tell them through the system. */
  mayNotify: boolean;
  pressNotice(id: string): void;
  readonly tabsReloaded: number[];
  /** As after Oriel was installed or updated, with these tabs open. */
  arrived(tabIds: readonly number[]): void;
  readonly windows: Set<number>;
  readonly rules: (readonly OriginRule[])[];
  readonly activeTabs: Set<number>;
  /** When the alarm of this name rings. */
  readonly alarms: Map<string, number>;
  ring(name: string): void;
  /** As after a start of the browser or an update. */
  started(): void;
  /** As when the person has just installed Oriel. */
  installed(): void;
  /** Oriel's pages that were opened in a tab. */
  readonly tabs: string[];
  /** As when the person locks the screen. */
  lockComputer(): void;
  failOpening: boolean;
  /** The provider's page for signing in: gets its address, and says where it comes back to. */
  signInPage: (url: URL) => Promise<string>;
  onOpen: (() => Promise<void>) | undefined;
  closeWindow(id: number): Promise<void>;
  closeTab(id: number): void;
  /** As when the person takes the entry of a page's menu. */
  askSelection(windowId: number, text: string): void;
  /** Windows in which the chat was opened. */
  readonly panels: number[];
  /** Sites with the script, in the browser's own list; undefined without the permission. */
  scripted: string[] | undefined;
  /** As when the person gives a permission. */
  allowScripts(): void;
  /** Another context connects; its end of the port. */
  connect(sender: Sender): FakePort;
}

export function createFakeBrowser(session: MemoryArea = createArea(), openOffscreen?: () => Promise<void>): FakeBrowser {
  const connectListeners: ((port: never) => void)[] = [];
  const tabListeners: ((tabId: number) => void)[] = [];
  const alarmListeners: ((name: string) => void)[] = [];
  const startListeners: (() => void)[] = [];
  const installListeners: (() => void)[] = [];
  const computerListeners: (() => void)[] = [];
  const permissionListeners: (() => void)[] = [];
  const alarms = new Map<string, number>();
  const windowListeners: ((windowId: number) => void)[] = [];
  const selectionListeners: ((windowId: number, text: string) => void)[] = [];
  const panels: number[] = [];
  const windows = new Set<number>();
  const titles: string[] = [];
  const notices = new Map<string, Notice>();
  const noticeListeners: ((id: string) => void)[] = [];
  const arrivalListeners: ((tabIds: readonly number[]) => void)[] = [];
  const tabsReloaded: number[] = [];
  const activeTabs = new Set([1]);
  const badges: string[] = [];
  const opened: string[] = [];
  const tabs: string[] = [];
  const rules: (readonly OriginRule[])[] = [];
  let windowCount = 0;

  const browser: FakeBrowser = {
    ...own,
    session,
    badges,
    panels,
    opened,
    tabs,
    windows,
    rules,
    activeTabs,
    alarms,
    failOpening: false,
    signInPage: () => Promise.reject(new Error('The user did not approve access.')),
    onOpen: undefined,
    onConnect: (listener) => connectListeners.push(listener as (port: never) => void),
    onTabRemoved: (listener) => tabListeners.push(listener),
    onWindowRemoved: (listener) => windowListeners.push(listener),
    isTabActive: async (tabId) => activeTabs.has(tabId),
    hasAccess: async () => true,
    mayTransmit: async () => true,
    async openWindow(path) {
      if (browser.failOpening) throw new Error('The browser opened no window.');
      opened.push(path);
      windowCount += 1;
      windows.add(windowCount);
      await browser.onOpen?.();
      return windowCount;
    },
    hasWindow: async (windowId) => windows.has(windowId),
    async setBadge(text, title) {
      badges.push(text);
      titles.push(title);
    },
    words: (key, values = {}) => [key, ...Object.values(values)].join(' '),
    titles,
    notices,
    inFront: true,
    mayNotify: true,
    isInFront: async () => browser.inFront,
    async notify(id, notice) {
      if (browser.mayNotify) notices.set(id, notice);
      return browser.mayNotify;
    },
    withdrawNotice: async (id) => void notices.delete(id),
    onNoticePressed: (listener) => noticeListeners.push(listener),
    pressNotice(id) {
      for (const listener of noticeListeners) listener(id);
    },
    async openTab(path) {
      if (browser.failOpening) throw new Error('No window may show this.');
      tabs.push(path);
    },
    onArrived: (listener) => arrivalListeners.push(listener),
    arrived(tabIds) {
      for (const listener of arrivalListeners) listener(tabIds);
    },
    tabsReloaded,
    reloadTab: async (tabId) => void tabsReloaded.push(tabId),
    togglePanelByKey: () => undefined,
    onAskSelection: (listener) => selectionListeners.push(listener),
    openPanel: async (windowId) => void panels.push(windowId),
    askSelection(windowId, text) {
      for (const listener of selectionListeners) listener(windowId, text);
    },
    async setAlarm(name, at) {
      if (at === undefined) alarms.delete(name);
      else alarms.set(name, at);
    },
    onAlarm: (listener) => alarmListeners.push(listener),
    onStart: (listener) => startListeners.push(listener),
    onInstalled: (listener) => installListeners.push(listener),
    onComputerLocked: (listener) => computerListeners.push(listener),
    ring(name) {
      for (const listener of alarmListeners) listener(name);
    },
    started() {
      for (const listener of startListeners) listener();
    },
    installed() {
      for (const listener of installListeners) listener();
    },
    lockComputer() {
      for (const listener of computerListeners) listener();
    },
    touch: async () => undefined,
    setOriginRules: async (next) => void rules.push(next),
    scripted: undefined,
    siteScripts: {
      known: async () => browser.scripted,
      add: async (origins) => void browser.scripted?.push(...origins),
      remove: async (origins) => {
        browser.scripted = browser.scripted?.filter((origin) => !origins.includes(origin));
      },
      onAllowed: (listener) => permissionListeners.push(listener),
    },
    allowScripts() {
      browser.scripted ??= [];
      for (const listener of permissionListeners) listener();
    },
    openOffscreen,
    closeOffscreen: async () => undefined,
    signInAddress: (path) => `https://oriel-id.chromiumapp.org/${path}`,
    openSignIn: (url) => browser.signInPage(new URL(url)),

    async closeWindow(id) {
      windows.delete(id);
      for (const listener of windowListeners) listener(id);
      await new Promise((resolve) => setImmediate(resolve));
    },
    closeTab(id) {
      for (const listener of tabListeners) listener(id);
    },
    connect(sender) {
      const { near, far } = createPorts();
      const port: ChannelPort & { readonly sender: Sender } = { ...far, sender };
      for (const listener of connectListeners) listener(port as never);
      return near;
    },
  };
  return browser;
}
