/** Puts a screen into its page: connected to the background, in the language that the browser took. */

import { type ComponentChild, h, render } from 'preact';
import { browserShell, openClient } from './client';
import { AppContext } from './context';
import { language } from './language';
import { StoreGate } from './StoreGate';

export function show(screen: ComponentChild): void {
  const root = document.getElementById('root');
  if (!root) return;
  // As in the background: nothing that is typed here is heard by a setter on every object.
  Object.preventExtensions(Object.prototype);
  // Screen readers choose their voice by it, and browsers the shapes of Chinese letters.
  document.documentElement.lang = language;
  const app = { client: openClient(), shell: browserShell() };
  render(h(AppContext.Provider, { value: app }, h(StoreGate, null, screen)), root);
}
