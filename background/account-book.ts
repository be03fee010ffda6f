/**
 * The accounts of sites, and of all of them together, as they lie: in the database, and in memory what was read or written there once. Of private windows
 * there is nothing but memory, and the session's for when the background dies.
 */

import { limits } from '../protocol/limits';
import type { Subject } from '../protocol/ui-messages';
import type { Area } from './browser-api';
import { type Account, newAccount } from './budgets';
import type { AccountRecord, Database } from './database';
import { subjectKey } from './identity';
import { inBatches } from './in-batches';

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

export interface Book {
  /** Nothing had to be read for this: whoever need not wait until it is written may go on. */
  readonly isKnown: boolean;
  read(key: string): Account;
  write(key: string, account: Account): void;
}

interface Entry {
  readonly payer: Payer | undefined;
  readonly work: (book: Book) => unknown;
}

/** Rows as the last batch left them. They hold as long as nobody else has begun to write, in the database that was open then. */
interface Left {
  readonly rows: ReadonlyMap<string, Account>;
  readonly writes: number;
  readonly opened: IDBDatabase | null;
}

/** What was read or written once is known: whoever else writes here removes rows that have long been unused, or that nobody can read. */
export function createBook(database: Database, session: Area) {
  const { accounts } = database;
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

  const writes = () => database.writesTo(accounts.name);
  const takeLeft = (): Left['rows'] => {
    const last = left;
    left = undefined;
    return last?.writes === writes() && last.opened === database.backendDB() ? last.rows : new Map();
  };

  const attempt = async (batch: readonly Entry[]): Promise<readonly unknown[]> => {
    const privates = await loadPrivate();
    const lasting = [allKey, ...new Set(batch.flatMap(({ payer }) => (payer ? keyOf({ ...payer, isPrivate: false }) : [])))];
    const changed: (readonly [key: string, before: Account])[] = [];
    const undo = () => {
      for (const [key, before] of changed.reverse()) privates.set(key, before);
    };
    const known = new Map(takeLeft());
    const isKnown = lasting.every((key) => known.has(key));
    const written = new Map<string, AccountRecord>();
    const book: Book = {
      isKnown,
      read: (key) => (key.startsWith(privateMark) ? privates : known).get(key) ?? newAccount,
      write(key, account) {
        if (key.startsWith(privateMark)) {
          changed.push([key, book.read(key)]);
          privates.set(key, account);
        } else {
          known.set(key, account);
          written.set(key, { ...account, key });
        }
      },
    };
    const before = writes();
    const work = () => batch.map(({ work }) => work(book));
    const workInTransaction = () =>
      database.transaction('rw', accounts, async () => {
        const rows = await accounts.bulkGet(lasting);
        for (const row of rows) if (row) known.set(row.key, row);
        const done = work();
        if (written.size > 0) await accounts.bulkPut([...written.values()]);
        return done;
      });
    const workByHeart = async () => {
      const done = work();
      if (written.size > 0) await database.putAtOnce(accounts.name, [...written.values()]);
      return done;
    };
    try {
      const results = await (isKnown ? workByHeart() : workInTransaction());
      const isAlone = writes() === before + Math.min(written.size, 1);
      if (isAlone && known.size <= limits.rememberedRows) left = { rows: known, writes: writes(), opened: database.backendDB() };
      if (changed.length === 0) return results;
      // What is in the database is counted, and not tried once more.
      const noted = session.set('private-accounts', Object.fromEntries(privates));
      await noted.catch(undo);
      return batch.map(({ payer }, index) => (payer?.isPrivate ? noted.then(() => results[index]) : results[index]));
    } catch (error) {
      undo();
      throw error;
    }
  };
  // The browser may have closed the database without a word, which Dexie notices and opens it again.
  const run = inBatches<Entry, unknown>((batch) =>
    attempt(batch).catch((error) => (error.name === 'InvalidStateError' ? attempt(batch) : Promise.reject(error))),
  );

  return {
    /**
     * One transaction, of one write where what it needs is known, so that of many calls at once each sees what those before it hold; all
     * that `work` writes is written, or nothing. Those that come meanwhile share the next one.
     * @param work may read and write the account of this site, which it has in ordinary windows and in private ones, and that of all together
     */
    transact: <Result>(payer: Payer | undefined, work: (book: Book) => Result) => run({ payer, work }) as Promise<Result>,
  };
}
