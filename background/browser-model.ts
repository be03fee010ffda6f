/** Knows whether this browser has a model of its own. It is asked once, when somebody first looks, since the answer can take a while. */

import type { BrowserModel } from '../providers/provider';

/** @param onChange called once it is known that there is one */
export function createBrowserModelState(find: () => BrowserModel | undefined, onChange: () => void): () => boolean {
  let isThere = false;
  let isAsked = false;

  const ask = async () => {
    // A browser that cannot say has none that could be used.
    const availability = await find()
      ?.availability()
      .catch(() => undefined);
    isThere = availability !== undefined && availability !== 'unavailable';
    if (isThere) onChange();
  };

  return () => {
    if (!isAsked) void ask();
    isAsked = true;
    return isThere;
  };
}
