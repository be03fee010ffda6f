/** Where Oriel shows itself unasked: one approval window at most, and the number on the toolbar badge. Never inside a page. */

import type { ApprovalId } from '../protocol/ids';
import type { Browser } from './browser-api';
import type { Notices } from './notices';
import { createStored } from './stored';

export interface Surface {
  /** The badge counts what waits in all queues together. */
  setWaiting(count: number, queue?: 'approval' | 'unlock'): void;
  /** Opens the approval window where none is open. */
  open(): Promise<void>;
  /** The approval window shows this card now. */
  shows(id: ApprovalId): Promise<void>;
  /** @param listener gets the card that was shown when the person closed the approval window */
  onClosed(listener: (shown: ApprovalId | undefined) => void): void;
}

interface WindowState {
  readonly windowId?: number | undefined;
  readonly shown?: ApprovalId | undefined;
}

const size = { width: 420, height: 600 };

export function createSurface(browser: Browser, notices: Pick<Notices, 'waiting' | 'nothingWaits'>): Surface {
  const state = createStored<WindowState>(browser.session, 'approval-window', {});
  const waiting = { approval: 0, unlock: 0 };
  let opening: Promise<void> | undefined;

  const openOnce = async () => {
    const { windowId } = await state.get();
    if (windowId !== undefined && (await browser.hasWindow(windowId))) return;
    const opened = await browser.openWindow('approval.html', size.width, size.height);
    // Its page may have told already which card it shows.
    await state.update((old) => ({ ...old, windowId: opened }));
  };

  return {
    setWaiting(count, queue = 'approval') {
      const before = waiting.approval + waiting.unlock;
      waiting[queue] = count;
      const total = waiting.approval + waiting.unlock;
      const title = total === 0 ? browser.words('extName') : browser.words('toolbarWaiting', { count: String(total) });
      // The badge is a hint; a browser that is shutting down may refuse it.
      browser.setBadge(total === 0 ? '' : String(total), title).catch(() => undefined);
      if (total > before) notices.waiting();
      else if (total === 0) notices.nothingWaits();
    },

    open() {
      opening ??= openOnce().finally(() => {
        opening = undefined;
      });
      return opening;
    },

    shows: (id) => state.update((old) => ({ ...old, shown: id })),

    onClosed(listener) {
      browser.onWindowRemoved(async (windowId) => {
        const closed = await state.get();
        if (closed.windowId !== windowId) return;
        await state.update(() => ({}));
        listener(closed.shown);
      });
    },
  };
}
