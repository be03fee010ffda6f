/** What the background needs of a browser, in its own words: `browser.ts` gives it, tests have another one. */

import type { Runtime } from 'webextension-polyfill';
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
  /** Whether the person has agreed that data leave this computer. Firefox alone asks for that. */
  mayTransmit(): Promise<boolean>;
  /**
   * Removes the Origin header from our own requests to these servers, and from nobody else's. Absent where the browser sends the one that
   * egress.ts sets.
   */
  readonly setOriginRules: ((rules: readonly OriginRule[]) => Promise<void>) | undefined;
  /** The script on pages of chosen sites. Its part of the API is there with an optional permission only, which may come while the background runs. */
  readonly siteScripts: {
    /** The sites that have it; undefined without the permission. */
    known(): Promise<readonly string[] | undefined>;
    add(origins: readonly string[]): Promise<void>;
    remove(origins: readonly string[]): Promise<void>;
    /** The person gave a permission. */
    onAllowed(listener: () => void): void;
  };
  /** Where the browser has offscreen documents: makes sure that ours is there. */
  readonly openOffscreen: (() => Promise<void>) | undefined;
  closeOffscreen(): Promise<void>;
  /** The address at which a provider's sign-in comes back: it is of this extension alone, and no page can be there. */
  signInAddress(path: string): string;
  /** Shows a provider's sign-in in a window until it comes back; resolves to the address it came back with. Rejects where the person closed it. */
  openSignIn(url: string): Promise<string>;
}
