/**
 * Rows of the database that can no longer be read, set aside in a database of their own until the person removes them: nothing is lost silently.
 * They lie here as they were, so that what a later version can read is still there.
 */

import type { DexieConstructor, Table } from 'dexie';
import { toBase64 } from '../protocol/base64';
import type { SetAsideView } from '../protocol/store-messages';
import { logDefect } from './log';

export interface UnreadableRow {
  readonly id?: number;
  readonly at: number;
  readonly table: string;
  readonly row: unknown;
  /** A renewal of the store has not looked at it yet: 1, so that it can be searched for. */
  readonly isPending?: 1 | undefined;
}

export interface UnreadableRows {
  /** Resolves when all of them are written, or rejects and none is. */
  add(rows: readonly UnreadableRow[]): Promise<void>;
  pending(): Promise<readonly UnreadableRow[]>;
  /** Ends a renewal: these went back into the store, and the rest stays. */
  settle(returned: readonly UnreadableRow[]): Promise<void>;
  /** Undefined where nothing is set aside. */
  view(): Promise<SetAsideView | undefined>;
  /** As JSON; bytes in base64. */
  file(): Promise<string>;
  remove(): Promise<void>;
}

/** @param Dexie the one that the background has: a second copy would be a third of what the screens load */
export function createUnreadableRows(Dexie: DexieConstructor, name = 'oriel-set-aside'): UnreadableRows {
  const database = new Dexie(name);
  database.version(1).stores({ rows: '++id, at, isPending' });
  const rows: Table<UnreadableRow, number> = database.table('rows');
  let known: Promise<SetAsideView | undefined> | undefined;

  const look = async (): Promise<SetAsideView | undefined> => {
    // Most people never have one: then none is made by looking.
    if (!database.isOpen() && !(await Dexie.exists(name))) return undefined;
    const last = await rows.orderBy('at').last();
    return last && { count: await rows.count(), at: last.at };
  };

  const changed = <Result>(work: Promise<Result>) =>
    work.finally(() => {
      known = undefined;
    });

  return {
    add: (added) => changed(rows.bulkAdd([...added]).then(() => undefined)),
    pending: async () => ((await look()) ? rows.where({ isPending: 1 }).toArray() : []),
    settle: (returned) =>
      changed(
        database.transaction('rw', rows, async () => {
          await rows.bulkDelete(returned.map(({ id }) => id as number));
          await rows.where({ isPending: 1 }).modify({ isPending: undefined });
        }),
      ),
    view() {
      // A screen without this word is better than none: looking opens a database, which Firefox refuses on a full disk.
      known ??= look().catch((error) => {
        known = undefined;
        logDefect(error);
        return undefined;
      });
      return known;
    },
    file: async () => JSON.stringify(await rows.orderBy('at').toArray(), asText, 2),
    remove: () => changed(database.delete()),
  };
}

function asText(_key: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value))
    return toBase64(new Uint8Array(value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength) as ArrayBuffer));
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]'
    ? toBase64(new Uint8Array(value as ArrayBuffer))
    : value;
}
