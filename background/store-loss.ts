/**
 * Whether the browser has thrown the database away and made it anew, as Chromium may where a disk was full more than once (docs/faults.md). A mark
 * lies in it, and one beside it, in a store that the browser keeps apart.
 */

import type { Area } from './browser-api';
import type { Database } from './database';
import { logDefect } from './log';

export interface StoreLoss {
  /** Whether what was saved here is gone. The first look puts the marks where they are missing. */
  isLost(): Promise<boolean>;
  /** The person knows it, or wanted it so. */
  begin(): Promise<void>;
}

interface StoreLossDeps {
  readonly database: Pick<Database, 'connections' | 'security' | 'transaction'>;
  /** Outlives the database. */
  readonly beside: Area;
}

const key = 'store-begun';

export function createStoreLoss({ database, beside }: StoreLossDeps): StoreLoss {
  let isWhole = false;

  const begin = async () => {
    await database.transaction('rw', database.security, async () => {
      await database.security.put({ ...(await database.security.get('security')), id: 'security', isBegun: true });
    });
    // Last: a death before it leaves a mark too many inside, which says nothing.
    await beside.set(key, true);
    isWhole = true;
  };

  return {
    async isLost() {
      if (isWhole) return false;
      const [own, connections, wasBegun] = await Promise.all([
        database.security.get('security'),
        database.connections.count(),
        beside.get(key),
      ]);
      if (!own?.isBegun && connections === 0 && wasBegun) return true;
      // Where a full disk takes no mark the next look tries again.
      if (own?.isBegun && wasBegun) isWhole = true;
      else await begin().catch(logDefect);
      return false;
    },

    begin,
  };
}
