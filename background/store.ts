/**
 * Whether what Oriel saved can be read, and the way on where it cannot: rows that no code can work with are set aside, and a store that does
 * not open is renewed when the person says so. Every step may be the last one of this background: what was put away is never only half so.
 */

import type { DexieConstructor, IndexableType } from 'dexie';
import type { StoreFault } from '../protocol/store-messages';
import { kindsOf } from './call-kinds';
import type { ActivityRecord, Database } from './database';
import type { Trial } from './disk-room';
import { logDefect } from './log';
import { isKept, isSound, smallTables } from './row-schemas';
import type { StoreLoss } from './store-loss';
import type { UnreadableRow, UnreadableRows } from './unreadable-rows';

export interface Store {
  /** Undefined where it can be read. The first look sets aside what is damaged of it. */
  fault(): Promise<StoreFault | undefined>;
  /** A write found no room, and there is none yet. What was written before can be read. */
  isFull(): Promise<boolean>;
  /** Opens it once more. */
  retry(): Promise<void>;
  /** Puts away all that can be read, begins anew, and takes over what is in order. @throws where there is no room to put it away: then nothing is changed */
  renew(): Promise<void>;
}

interface StoreDeps {
  /** The one that the background has. */
  readonly Dexie: DexieConstructor;
  readonly database: Database;
  readonly aside: UnreadableRows;
  readonly loss: StoreLoss;
  readonly tryDisk: () => Promise<Trial>;
  readonly now: () => number;
  readonly onChange: () => void;
}

export function createStore({ Dexie, database, aside, loss, tryDisk, now, onChange }: StoreDeps): Store {
  let looked: Promise<void> | undefined;

  /** Brings back what a renewal put away and has not looked at: as it is where nothing newer is in its place. */
  const bringBack = async () => {
    const pending = await aside.pending();
    if (pending.length === 0) return;
    const sound = pending.filter(({ table, row }) => isSound(table, row));
    const rowsOf = (name: string) => sound.flatMap(({ table, row }) => (table === name ? [row] : []));
    const tables = database.tables.filter(({ name }) => isKept(name));
    await database.transaction('rw', [...tables, database.callKinds], async () => {
      for (const table of tables) await addMissing(Dexie, table, rowsOf(table.name));
      const calls = await database.activity.toArray();
      await database.callKinds.clear();
      await database.callKinds.bulkAdd(kindsOf(calls as ActivityRecord[]));
    });
    await aside.settle(pending.filter((one) => sound.includes(one) || one.table === database.callKinds.name));
  };

  const setDamagedAside = async () => {
    for (const name of smallTables) {
      const table = database.table(name);
      const damaged: { readonly key: IndexableType; readonly row: unknown }[] = [];
      await table.each((row, { primaryKey: key }) => {
        if (!isSound(name, row)) damaged.push({ key, row });
      });
      if (damaged.length === 0) continue;
      // Put away before it is taken out: a death in between leaves it twice, and never not at all.
      await aside.add(damaged.map(({ row }) => ({ at: now(), table: name, row })));
      await table.bulkDelete(damaged.map(({ key }) => key));
      onChange();
    }
  };

  const look = async () => {
    await bringBack();
    await setDamagedAside();
  };

  const fault = async (): Promise<StoreFault | undefined> => {
    try {
      await database.open();
    } catch (error) {
      const type = faultOf(error);
      return { type: type === 'unreadable' && (await tryDisk()) === 'full' ? 'full' : type };
    }
    // What goes wrong here leaves everything where it is, and is tried again by the next background.
    looked ??= look().catch(logDefect);
    await looked;
    return undefined;
  };

  return {
    fault,
    async isFull() {
      if (database.isFull && (await tryDisk()) === 'written') database.isFull = false;
      return database.isFull;
    },

    async retry() {
      database.close();
      await database.open().catch(() => undefined);
      onChange();
    },

    async renew() {
      // What can be read is not begun anew.
      if (!(await fault())) return;
      database.close();
      const rows = await readRaw(Dexie, database.name);
      const at = now();
      await aside.add(rows.map(({ table, row }): UnreadableRow => ({ at, table, row, isPending: 1 })));
      await Dexie.delete(database.name);
      await database.open();
      await bringBack();
      // Without its marks it is as good.
      await loss.begin().catch(logDefect);
      onChange();
    },
  };
}

/** Adds the rows whose key is still free. */
async function addMissing(Dexie: DexieConstructor, table: Database['tables'][number], rows: readonly unknown[]): Promise<void> {
  const keyPath = table.schema.primKey.keyPath as string | string[];
  const keyOf = (row: unknown) => Dexie.getByKeyPath(row as object, keyPath as string);
  // By key: a renewal that was cut off may have put them away twice.
  const missing = new Map(rows.map((row) => [JSON.stringify(keyOf(row)), row]));
  for (const key of await table.toCollection().primaryKeys()) missing.delete(JSON.stringify(key));
  await table.bulkAdd([...missing.values()]);
}

/** Every row as it lies there, whatever version wrote it; none where the browser cannot open it at all. */
async function readRaw(
  Dexie: DexieConstructor,
  name: string,
): Promise<readonly { readonly table: string; readonly row: unknown }[]> {
  // Without a version Dexie takes the tables as they are, and changes nothing.
  const raw = new Dexie(name);
  try {
    await raw.open();
    const read = raw.tables.map(async (table) => (await table.toArray()).map((row) => ({ table: table.name, row })));
    return (await Promise.all(read)).flat();
  } catch (error) {
    logDefect(error);
    return [];
  } finally {
    raw.close();
  }
}

function faultOf(error: unknown): StoreFault['type'] {
  for (let inner = error; inner instanceof Error; inner = (inner as { readonly inner?: unknown }).inner) {
    if (isWrittenByNewer(inner)) return 'newer';
    if (inner.name === 'QuotaExceededError') return 'full';
  }
  return 'unreadable';
}

/** Whether an error of opening says that a newer version of Oriel wrote the store. */
const isWrittenByNewer = ({ name }: Error): boolean => name === 'VersionError';
