/** Knows whether this browser has a model of its own. It is asked when somebody looks, and what it said last counts until it answers: that can take a while. */

import type { BrowserModel } from '../providers/provider';

/** Milliseconds for which an answer counts: a model can be downloaded, or turned off, while Oriel runs. */
const fresh = 5_000;

/** @param onChange called when there is one, and when there is none any more */
export function createBrowserModelState(
  find: () => BrowserModel | undefined,
  now: () => number,
  onChange: () => void,
): () => boolean {
  let isThere = false;
  let isAsking = false;
  let askedAt = Number.NEGATIVE_INFINITY;

  const ask = async () => {
    isAsking = true;
    // A browser that cannot say has none that could be used.
    const availability = await find()
      ?.availability()
      .catch(() => undefined);
    const wasThere = isThere;
    isThere = availability !== undefined && availability !== 'unavailable';
    isAsking = false;
    askedAt = now();
    if (isThere !== wasThere) onChange();
  };

  return () => {
    if (!isAsking && now() - askedAt >= fresh) void ask();
    return isThere;
  };
}
