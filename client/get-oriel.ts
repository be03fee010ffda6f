/** Finds Oriel by its announcement, also where the browser or another extension owns `window.ai`. */

import type { Announcement, Oriel } from './types';

const announceEvent = 'ai:announce';
const requestEvent = 'ai:request';
const orielId = 'invalid.oriel';

/**
 * Another wallet may announce itself by the same event, and anything may dispatch one. On a page over plain http Oriel has its classic half only,
 * which is not what is looked for here.
 */
function orielOf(event: Event): Oriel | undefined {
  const { detail } = event as CustomEvent<Partial<Announcement> | null>;
  const provider = detail?.info?.id === orielId ? detail.provider : undefined;
  return typeof provider?.generate === 'function' ? provider : undefined;
}

/**
 * Calls back once, now or when Oriel comes: a visitor may install it while the page is open.
 * @returns how to stop listening
 */
export function onOriel(found: (oriel: Oriel) => void, target: EventTarget | undefined = globalThis.window): () => void {
  const stop = () => target?.removeEventListener(announceEvent, listen);
  const listen = (event: Event) => {
    const oriel = orielOf(event);
    if (!oriel) return;
    stop();
    found(oriel);
  };
  target?.addEventListener(announceEvent, listen);
  target?.dispatchEvent(new Event(requestEvent));
  return stop;
}

export interface GetOrielOptions {
  /**
   * How long to wait for it, in milliseconds. Oriel is there before the first script of a page, so an answer usually comes at once; the time is
   * for frames that are still being set up.
   * @defaultValue 500
   */
  readonly timeout?: number;
}

/** Resolves to Oriel, or to `undefined` where the visitor does not have it, the page came over plain http, or there is no window at all (a server). */
export function getOriel({ timeout = 500 }: GetOrielOptions = {}): Promise<Oriel | undefined> {
  return new Promise((resolve) => {
    if (typeof window === 'undefined') return resolve(undefined);
    const timer = setTimeout(() => {
      stop();
      resolve(undefined);
    }, timeout);
    const stop = onOriel((oriel) => {
      clearTimeout(timer);
      resolve(oriel);
    });
  });
}
