/** Puts `window.ai` where a page looks for it, and leaves alone what is there already. */

import { defineProperties } from './realm';
import type { WindowAi } from './window-ai';

/** @returns whether `window.ai` is ours; where it is not, the announcement still leads here */
export function install(window: Window, ai: WindowAi): boolean {
  if ('ai' in window) return false;
  defineProperties(window, { ai: { value: ai, writable: false, configurable: true, enumerable: true } });
  return true;
}
