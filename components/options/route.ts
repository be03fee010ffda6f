/** Where the options page stands: the hash of its address, read and written. */

import { type ReadonlySignal, signal } from '@preact/signals';

/** Pages without anything under them. */
const plainPages = ['sites', 'usage', 'activity', 'models', 'security', 'about'] as const;

export type Route =
  | { readonly page: 'connections'; readonly dialog?: { readonly type: 'add' } | { readonly type: 'edit'; readonly id: string } }
  | { readonly page: (typeof plainPages)[number] };

/** `#connections`, `#connections/add`, `#connections/<id>`, `#sites`, `#usage` and so on; anything else is Connections. */
export function parseRoute(hash: string): Route {
  const [page, rest] = hash.replace(/^#/, '').split('/');
  const plain = plainPages.find((name) => name === page);
  if (plain) return { page: plain };
  if (rest === undefined || rest === '') return { page: 'connections' };
  return { page: 'connections', dialog: rest === 'add' ? { type: 'add' } : { type: 'edit', id: decodeURIComponent(rest) } };
}

const current = signal<Route>({ page: 'connections' });

const read = () => {
  current.value = parseRoute(location.hash);
};

/** Follows the address bar from now on. */
export function watchRoute(): ReadonlySignal<Route> {
  window.addEventListener('hashchange', read);
  read();
  return current;
}

export function go(hash: string): void {
  location.hash = hash;
  // The event comes later; a dialog that was closed must not take one more click until then.
  read();
}
