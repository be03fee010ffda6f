/**
 * Whether the browser has thrown the database away and made it anew, as Chromium may where a disk was full more than once (docs/faults.md). A mark
 * lies in it, and one beside it, which the browser keeps apart.
 */

import type { Database } from './database';
import { logDefect } from './log';

export interface StoreLoss {
  /** Whether what was saved here is gone. The first look puts the marks where they are missing. */
  isLost(): Promise<boolean>;
  /** The person knows it, or wanted it so. */
  begin(): Promise<void>;
}

/** An empty file; no page and no content script can see it. */
export interface Mark {
  isSet(): Promise<boolean>;
  set(): Promise<void>;
}

interface StoreLossDeps {
  readonly database: Pick<Database, 'connections' | 'security' | 'transaction'>;
  readonly mark: Mark;
}

const fileName = 'begun';

/** In the origin's private file system. */
export function createMark(disk: Pick<StorageManager, 'getDirectory'>): Mark {
  const file = async (options?: FileSystemGetFileOptions) => (await disk.getDirectory()).getFileHandle(fileName, options);
  return {
    isSet: () =>
      file().then(
        () => true,
        (error) => {
          if (error instanceof DOMException && error.name === 'NotFoundError') return false;
          throw error;
        },
      ),
    set: async () => void (await file({ create: true })),
  };
}

export function createStoreLoss({ database, mark }: StoreLossDeps): StoreLoss {
  let isWhole = false;

  const begin = async () => {
    await database.transaction('rw', database.security, async () => {
      await database.security.put({ ...(await database.security.get('security')), id: 'security', isBegun: true });
    });
    // Last: a death before it leaves a mark too many inside, which says nothing.
    await mark.set();
    isWhole = true;
  };

  const look = async () => {
    const [own, connections, wasBegun] = await Promise.all([
      database.security.get('security'),
      database.connections.count(),
      mark.isSet(),
    ]);
    if (!own?.isBegun && connections === 0 && wasBegun) return true;
    if (own?.isBegun && wasBegun) isWhole = true;
    else await begin();
    return false;
  };

  return {
    async isLost() {
      if (isWhole) return false;
      try {
        return await look();
      } catch (error) {
        // A full disk takes no mark and may show none: screens do without that word, and the next look tries again.
        logDefect(error);
        return false;
      }
    },

    begin,
  };
}
