/**
 * Discovery without a fight over one global, in the manner of EIP-6963: a frozen event at start and again on request, so that a page
 * finds Oriel even where another extension or the browser owns `window.ai`.
 */

import { dispatch, freeze, listen, NativeCustomEvent } from './realm';
import type { WindowAi } from './window-ai';

export const announceEvent = 'ai:announce';
export const requestEvent = 'ai:request';

export interface Announcement {
  readonly info: { readonly name: 'Oriel'; readonly id: 'invalid.oriel'; readonly version: string };
  readonly provider: WindowAi;
}

export function announce(window: Window, provider: WindowAi, version: string): void {
  const detail: Announcement = freeze({ info: freeze({ name: 'Oriel', id: 'invalid.oriel', version }), provider });
  const tell = () => dispatch(window, new NativeCustomEvent(announceEvent, { detail }));
  listen(window, requestEvent, () => {
    tell();
  });
  tell();
}
