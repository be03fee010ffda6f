/**
 * The sites whose own `fetch` reaches Oriel at its address, because the person switched that on: which they are, and the script that does it.
 * Whether a site may ask for anything is decided like everything else, request by request.
 */

import type { Origin } from '../protocol/ids';
import type { Browser } from './browser-api';
import { logDefect } from './log';
import type { Rows } from './rows';

export interface OpenAiSites {
  /** Whether the pages of the site carry the script from their next load on. */
  isOn(origin: Origin): Promise<boolean>;
  set(origin: Origin, on: boolean): Promise<void>;
  /** Makes the browser's list the same as ours: an update of Oriel empties it, and the permission may come after the wish. */
  renew(): Promise<void>;
}

interface OpenAiSitesDeps {
  readonly database: Rows;
  readonly siteScripts: Browser['siteScripts'];
}

export function createOpenAiSites({ database, siteScripts }: OpenAiSitesDeps): OpenAiSites {
  let last: Promise<void> = Promise.resolve();

  /** One after the other: what is registered twice at once is an error. */
  const apply = () => {
    const next = last.then(async () => {
      const registered = await siteScripts.known();
      // Without the browser's permission there is nothing to keep up.
      if (!registered) return;
      const wanted = (await database.all('openAiSites')).map(({ origin }) => origin);
      await siteScripts.remove(registered.filter((origin) => !wanted.some((one) => one === origin)));
      await siteScripts.add(wanted.filter((origin) => !registered.includes(origin)));
    });
    // Whoever asked for it hears of a failure; the next one starts from what is then there.
    last = next.catch(() => undefined);
    return next;
  };

  return {
    renew: () => apply().catch(logDefect),
    async isOn(origin) {
      return (await siteScripts.known())?.includes(origin) ?? false;
    },
    async set(origin, on) {
      const { openAiSites } = await database.whole();
      await (on ? openAiSites.put({ origin }) : openAiSites.delete(origin));
      await apply();
    },
  };
}
