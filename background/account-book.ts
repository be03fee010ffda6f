/**
 * The accounts of sites, and of all of them together, as they lie: in the database, and in memory what was read or written there once. Of private windows
 * there is nothing but memory, and the session's for when the background dies.
 */

import { limits } from '../protocol/limits';
import type { Subject } from '../protocol/ui-messages';
import type { Area } from './browser-api';
import { type Account, newAccount } from './budgets';
import type { AccountRecord } from './database';
import { subjectKey } from './identity';
import { inBatches } from './in-batches';
import type { Rows } from './rows';

/** A site in an ordinary or a private window. */
export interface Payer {
  readonly subject: Subject;
  readonly isPrivate: boolean;
}

/** Of all sites together; no site is called so. */
export const allKey = '*';
export const privateMark = 'private ';
export const keyOf = (payer: Payer | undefined) =>
  payer ? `${payer.isPrivate ? privateMark : ''}${subjectKey(payer.subject)}` : allKey;

/** What lasts: the account of all together, and of a site that of its ordinary windows. */
const lastingKeysOf = (payer: Payer | undefined) => [allKey, ...(payer ? [keyOf({ ...payer, isPrivate: false })] : [])];

export interface Book {
  read(key: string): Account;
  write(key: string, account: Account): void;
}

interface Entry {
  readonly payer: Payer | undefined;
  readonly work: (book: Book) => unknown;
}

/** Rows as the last batch leaves them. They hold as long as nobody else has begun to write, in the database that was open then. */
interface Left {
  readonly rows: ReadonlyMap<string, Account>;
  readonly writes: number;
  readonly opened: IDBDatabase | null;
}

/** What was read or written once is known: whoever else writes here removes rows that have long been unused, or that nobody can read. */
export function createBook(database: Rows, session: Area) {
  let left: Left | undefined;
  let loading: Promise<Map<string, Account>> | undefined;
  const loadPrivate = () => {
    loading ??= session
      .get('private-accounts')
      .then((stored) => new Map(Object.entries((stored ?? {}) as Record<string, Account>)))
      .catch((error) => {
        loading = undefined;
        throw error;
      });
    return loading;
  };
  // Beside what else is read at the start; whoever needs it hears of a failure.
  loadPrivate().catch(() => undefined);

  const writes = () => database.writesTo('accounts');
  const leave = (rows: Left['rows']) => {
    left = { rows, writes: writes(), opened: database.opened() };
  };
  const leftRows = () => (left?.writes === writes() && left.opened === database.opened() ? left.rows : undefined);

  /** The rows of these, where they are in memory. */
  const known = (keys: readonly string[]) => {
    const rows = leftRows();
    return rows && keys.every((key) => rows.has(key)) ? rows : undefined;
  };
  const load = async (keys: readonly string[]) => {
    const before = writes();
    const rows = await database.rows('accounts', keys);
    // What somebody wrote meanwhile may not be in them.
    if (writes() !== before) return;
    const kept = leftRows();
    const all = new Map(kept && kept.size < limits.rememberedRows ? kept : []);
    for (const [index, key] of keys.entries()) all.set(key, rows[index] ?? newAccount);
    leave(all);
  };

  const reader =
    (rows: Left['rows'], ofPrivates: Left['rows']): Book['read'] =>
    (key) =>
      (key.startsWith(privateMark) ? ofPrivates : rows).get(key) ?? newAccount;

  const attempt = async (batch: readonly Entry[]): Promise<readonly unknown[]> => {
    const privates = await loadPrivate();
    const keys = [...new Set(batch.flatMap(({ payer }) => lastingKeysOf(payer)))];
    while (!known(keys)) await load(keys);
    // From here to the write nobody else has a turn.
    const rows = new Map(known(keys));
    const changed: (readonly [key: string, before: Account])[] = [];
    const undo = () => {
      for (const [key, before] of changed.reverse()) privates.set(key, before);
    };
    const written = new Map<string, AccountRecord>();
    const book: Book = {
      read: reader(rows, privates),
      write(key, account) {
        if (key.startsWith(privateMark)) {
          changed.push([key, book.read(key)]);
          privates.set(key, account);
        } else {
          rows.set(key, account);
          written.set(key, { ...account, key });
        }
      },
    };
    try {
      const results = batch.map(({ work }) => work(book));
      if (written.size > 0) {
        const writing = database.putAtOnce('accounts', [...written.values()]);
        // Who asks meanwhile is told what will stand there.
        leave(rows);
        await writing;
      }
      if (changed.length === 0) return results;
      // What is in the database is counted, and not tried once more.
      const noted = session.set('private-accounts', Object.fromEntries(privates));
      await noted.catch(undo);
      return batch.map(({ payer }, index) => (payer?.isPrivate ? noted.then(() => results[index]) : results[index]));
    } catch (error) {
      left = undefined;
      undo();
      throw error;
    }
  };
  // The browser may have closed the database without a word, which Dexie notices and opens it again.
  const run = inBatches<Entry, unknown>((batch) =>
    attempt(batch).catch((error) => (error.name === 'InvalidStateError' ? attempt(batch) : Promise.reject(error))),
  );

  return {
    /** The accounts of a site and of all together, to look at: at once where they are in memory. */
    async look(payer: Payer | undefined): Promise<Pick<Book, 'read'>> {
      const [privates, keys] = [await loadPrivate(), lastingKeysOf(payer)];
      for (;;) {
        const rows = known(keys);
        if (rows) return { read: reader(rows, privates) };
        await load(keys);
      }
    },

    /**
     * One write, after what it needs was read where it is not in memory, so that of many calls at once each sees what those before it hold; all
     * that `work` writes is written, or nothing. Those that come meanwhile share the next one.
     * @param work may read and write the account of this site, which it has in ordinary windows and in private ones, and that of all together
     */
    transact: <Result>(payer: Payer | undefined, work: (book: Book) => Result) => run({ payer, work }) as Promise<Result>,
  };
}
