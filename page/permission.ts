/** The permission of this site as its page knows it, and who wants to hear when it changes. */

import type { PageModel, SiteCapabilities } from '../protocol/page-messages';
import type { Scope } from '../protocol/scopes';
import type { PageClient } from './client';
import { createObject, guarded, listen } from './realm';

/** `prompt`: the next call asks the person, or is refused; which of the two is not told. */
export type Permission =
  | { readonly state: 'prompt' }
  | { readonly state: 'granted'; readonly scopes: readonly Scope[]; readonly model: PageModel };

export type PermissionListener = (permission: Permission) => void;

export interface PermissionWatch {
  /** What the background told, in the platform's words. */
  read(told: SiteCapabilities): Permission;
  add(id: string, listener: PermissionListener): void;
  remove(idOrListener: unknown): void;
}

/** @param target where a page hears that its person is back */
export function createPermissionWatch(client: PageClient, target: EventTarget = globalThis): PermissionWatch {
  const listeners: Record<string, PermissionListener> = createObject(null);
  /** Enough to see that it is another one. */
  let known: string | undefined;
  let isMissed = false;
  let isWatching = false;

  const read = (told: SiteCapabilities): Permission => {
    isMissed = false;
    known = told.state === 'allowed' ? `${told.scopes.length}` : '';
    return told.state === 'allowed' ? { ...told, state: 'granted' } : { state: 'prompt' };
  };

  const tell = (permission: Permission) => {
    for (const id in listeners) guarded(() => listeners[id]?.(permission));
  };

  client.watch({
    onEvent(event) {
      if (event.type === 'permission-changed') tell(read(event.permission));
    },
    onStale() {
      isMissed = true;
    },
  });

  // An idle background is gone, and with it whoever would push: a page that wakes it at once would keep it for good. But what changed
  // meanwhile the person did somewhere else, and then comes back.
  const look = () => {
    if (!isMissed) return;
    const before = known;
    client.start(
      { type: 'capabilities' },
      {
        onEnd(value) {
          const permission = read(value as SiteCapabilities);
          if (known !== before) tell(permission);
        },
        onError: () => undefined,
      },
    );
  };

  return {
    read,
    add(id, listener) {
      if (!isWatching) listen(target, 'focus', look);
      isWatching = true;
      listeners[id] = listener;
    },
    remove(idOrListener) {
      for (const id in listeners) if (id === idOrListener || listeners[id] === idOrListener) delete listeners[id];
    },
  };
}
