/** Puts a screen into its page: connected to the background, in the language that the browser took. */

import { type ComponentChild, h, render } from 'preact';
import { browserShell, openClient } from './client';
import { AppContext } from './context';
import { language } from './language';

export function show(screen: ComponentChild): void {
  const root = document.getElementById('root');
  if (!root) return;
  // Screen readers choose their voice by it, and browsers the shapes of Chinese letters.
  document.documentElement.lang = language;
  render(h(AppContext.Provider, { value: { client: openClient(), shell: browserShell() } }, screen), root);
}
