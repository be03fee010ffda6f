/** The entry of the page menu that takes a selection into the chat: kept until the chat of that window shows it. Nothing of it is sent by itself. */

import { limits } from '../protocol/limits';
import type { SelectionView } from '../protocol/ui-messages';
import type { Browser } from './browser-api';
import { logDefect } from './log';
import { createStored } from './stored';

export interface Selection {
  /** The one that waits for its chat. */
  waiting(): Promise<SelectionView | undefined>;
  taken(windowId: number): Promise<void>;
}

export function createSelection(browser: Browser, onChange: () => void): Selection {
  const stored = createStored<SelectionView | undefined>(browser.session, 'selection', undefined);
  const change = (next: (old: SelectionView | undefined) => SelectionView | undefined) => stored.update(next).then(onChange);

  browser.onAskSelection((windowId, text) => {
    // In the click itself: later the browser opens no panel.
    browser.openPanel(windowId).catch(logDefect);
    change(() => ({ windowId, text: text.slice(0, limits.selectionChars) })).catch(logDefect);
  });

  return {
    waiting: () => stored.get(),
    taken: (windowId) => change((old) => (old?.windowId === windowId ? undefined : old)),
  };
}
