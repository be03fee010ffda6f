/**
 * What was stored and cannot be read, kept in a database of its own until the person removes it: nothing is lost silently. Rows lie here as
 * they were, so that what a later version can read is still there.
 */

import Dexie, { type Table } from 'dexie';
import { toBase64 } from '../protocol/base64';
import type { SetAsideView } from '../protocol/store-messages';

export interface AsideRow {
  readonly id?: number;
  readonly at: number;
  readonly table: string;
  readonly row: unknown;
  /** A renewal of the store has not looked at it yet: 1, so that it can be searched for. */
  readonly isPending?: 1 | undefined;
}

export interface SetAside {
  /** Resolves when all of them are written, or rejects and none is. */
  add(rows: readonly AsideRow[]): Promise<void>;
  pending(): Promise<readonly AsideRow[]>;
  /** Ends a renewal: these went back into the store, and the rest stays. */
  settle(returned: readonly AsideRow[]): Promise<void>;
  /** Undefined where nothing is set aside. */
  view(): Promise<SetAsideView | undefined>;
  /** As JSON; bytes in base64. */
  file(): Promise<string>;
  remove(): Promise<void>;
}

class AsideDatabase extends Dexie {
  readonly rows!: Table<AsideRow, number>;

  constructor(name: string) {
    super(name);
    this.version(1).stores({ rows: '++id, at, isPending' });
  }
}

export function createSetAside(name = 'oriel-set-aside'): SetAside {
  const database = new AsideDatabase(name);
  const { rows } = database;
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
      known ??= look();
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
