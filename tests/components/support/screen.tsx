/** Renders a screen against a fake background and finds what people find: roles and names. */

import { type ComponentChildren, render } from 'preact';
import { vi } from 'vitest';
import type { Shell } from '../../../components/client';
import { AppContext } from '../../../components/context';
import { parameters } from '../../background/support/vault';
import type { FakeBackground } from './background';

export interface FakeShell extends Shell {
  readonly opened: string[];
  /** What was put on the clipboard. */
  readonly copied: string[];
  readonly closed: () => number;
  /** Tabs that were brought to the front. */
  readonly tabs: number[];
  /** What the browser has been told by the person, and tells. */
  readonly state: { isPinned: boolean | undefined; hasAccess: boolean; givesAccess: boolean; agrees: boolean; asked: number };
  /** As when the person pins Oriel, or gives access. */
  readonly change: (state: Partial<FakeShell['state']>) => void;
}

/** 32 bytes that hang on the passphrase, at no cost. */
export const fakeDerivation = (passphrase: string): string => btoa(passphrase.padEnd(32, '.').slice(0, 32));

export function fakeShell(): FakeShell {
  const opened: string[] = [];
  const copied: string[] = [];
  const tabs: number[] = [];
  const listeners = new Set<() => void>();
  const state: FakeShell['state'] = { isPinned: true, hasAccess: true, givesAccess: true, agrees: true, asked: 0 };
  const change = (changed: Partial<FakeShell['state']>) => {
    Object.assign(state, changed);
    for (const listener of listeners) listener();
  };
  const onChanged = (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  let closed = 0;
  return {
    version: '1.2.3',
    family: 'chromium',
    state,
    change,
    tabs,
    toolbar: { isPinned: async () => state.isPinned, onChanged },
    siteAccess: {
      isGiven: async () => state.hasAccess,
      async ask() {
        change({ hasAccess: state.givesAccess });
        return state.givesAccess;
      },
      onChanged,
    },
    async askToTransmit() {
      state.asked += 1;
      return state.agrees;
    },
    openWelcome: async () => void opened.push('welcome'),
    showTab: async (tabId) => void tabs.push(tabId),
    passphrases: {
      derive: async (passphrase) => fakeDerivation(passphrase),
      create: async (passphrase) => ({ key: fakeDerivation(passphrase), parameters }),
    },
    computerLock: undefined,
    notifications: undefined,
    shortcuts: { all: async () => [], open: async () => opened.push('shortcuts') },
    isInTab: async () => true,
    activeTab: async () => 7,
    tabSite: async () => undefined,
    allowScript: async () => true,
    window: async () => ({ id: 3, isPrivate: false }),
    openChat: async () => void opened.push('chat'),
    copy: async (text) => void copied.push(text),
    openOptions: async (route) => void opened.push(route),
    close: () => {
      closed += 1;
    },
    opened,
    copied,
    closed: () => closed,
  };
}

/** Lets frames travel and effects run; the clock moves only by what is asked. */
export async function settle(milliseconds = 0): Promise<void> {
  // Effects wait for a frame, which happy-dom gives by a timer.
  for (let round = 0; round < 6; round += 1) await vi.advanceTimersByTimeAsync(milliseconds === 0 ? 5 : 0);
  if (milliseconds > 0) await vi.advanceTimersByTimeAsync(milliseconds);
}

export async function show(background: FakeBackground, screen: ComponentChildren, shell = fakeShell()): Promise<FakeShell> {
  const root = document.createElement('div');
  document.body.replaceChildren(root);
  render(<AppContext.Provider value={{ client: background.client, shell }}>{screen}</AppContext.Provider>, root);
  await settle();
  return shell;
}

const all = (selector: string): HTMLElement[] => [...document.body.querySelectorAll<HTMLElement>(selector)];
const nameOf = (element: HTMLElement): string => (element.getAttribute('aria-label') ?? element.textContent ?? '').trim();

export const findButton = (name: string): HTMLElement | undefined => all('button').find((element) => nameOf(element) === name);

export function button(name: string): HTMLElement {
  const found = findButton(name);
  if (!found) throw new Error(`No button "${name}" in: ${document.body.textContent}`);
  return found;
}

export function field(label: string): HTMLInputElement {
  const id = all('label')
    .find((element) => nameOf(element) === label)
    ?.getAttribute('for');
  const found = id && document.getElementById(id);
  if (!found) throw new Error(`No field "${label}" in: ${document.body.textContent}`);
  return found as HTMLInputElement;
}

export async function click(name: string): Promise<void> {
  button(name).click();
  await settle();
}

export async function fill(label: string, value: string): Promise<void> {
  const input = field(label);
  input.value = value;
  input.dispatchEvent(new Event(input.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }));
  await settle();
}

export async function press(key: string, target: EventTarget = window): Promise<void> {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  await settle();
}

export const text = (): string => document.body.textContent ?? '';
