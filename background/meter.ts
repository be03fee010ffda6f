/**
 * Keeps what every site, and all of them together, have used, and lets nobody use more than the person allows. The worst case of a call is counted before
 * it is sent, in one transaction; settling puts what it really came to in its place. So a death at any moment leaves it counted in full, once.
 *
 * A call counts on the day on which it began. Private windows are counted in memory; of what they use only the sum of all sites is written, which
 * names no site.
 */

import type { Amounts, Budget, BudgetQuestion } from '../protocol/budgets';
import { limits } from '../protocol/limits';
import type { Subject } from '../protocol/ui-messages';
import type { Area } from './browser-api';
import {
  type Account,
  charged,
  dayOf,
  isSilenced,
  isStale,
  minus,
  newAccount,
  noAmounts,
  plus,
  raised,
  type Scope,
  shortfall,
  stopped,
  type Tariff,
} from './budgets';
import type { AccountRecord, Database } from './database';
import { subjectKey } from './identity';
import { inBatches } from './in-batches';

/** A site in an ordinary or a private window. */
export interface Payer {
  readonly subject: Subject;
  readonly isPrivate: boolean;
}

export type Verdict =
  | { readonly type: 'held' }
  | { readonly type: 'over'; readonly question: BudgetQuestion }
  /** Over, and the person has said Stop to it before. */
  | { readonly type: 'silenced' };

/** With the day on which it is counted, once it is. */
type Held = Verdict & { readonly day?: string };

/** What one call holds back. */
export interface Reservation {
  /**
   * Holds back so much, or so much more, for as long as the call runs. It is written when this resolves; where nothing can be written, as on a full
   * disk, what costs nothing and nobody limits goes on uncounted.
   */
  hold(amounts: Amounts): Promise<Verdict>;
  /** Counts this in the place of what is held. What comes after does nothing. */
  settle(amounts: Amounts): Promise<void>;
}

export interface Meter {
  /** Of a site, or of all together alone. */
  reservation(payer: Payer | undefined, tariff: Tariff): Reservation;
  /** The person adds what a card asks for. */
  add(payer: Payer, question: Pick<BudgetQuestion, 'scope' | 'unit' | 'period' | 'add'>): Promise<void>;
  /** The person says Stop. */
  stop(payer: Payer, question: BudgetQuestion): Promise<void>;
  /** Of a site, or of all together; without a budget the default holds, in a private window what holds in the others. */
  set(payer: Payer | undefined, budget: Budget | undefined): Promise<void>;
  /** Of a site, or of all together: its account, what the calls of it hold back that run now, and which day it is. */
  look(payer: Payer | undefined): Promise<{ readonly account: Account; readonly running: Amounts; readonly day: string }>;
  /** Forgets sites that have long used nothing. */
  tidy(): Promise<void>;
}

interface MeterDeps {
  readonly database: Database;
  readonly session: Area;
  readonly now: () => number;
  readonly onChange: () => void;
}

/** Of all sites together; no site is called so. */
const allKey = '*';
const privateMark = 'private ';
const keyOf = (payer: Payer | undefined) =>
  payer ? `${payer.isPrivate ? privateMark : ''}${subjectKey(payer.subject)}` : allKey;

export function createMeter({ database, session, now, onChange }: MeterDeps): Meter {
  const { transact } = createBook(database, session);
  /** What the calls of each account hold back that run now. */
  const held = new Map<string, Amounts>();

  const holdBack = (keys: readonly string[], amounts: Amounts) => {
    for (const key of keys) held.set(key, plus(held.get(key) ?? noAmounts, amounts));
  };

  /** A clock that was set back does not open a day again that is over. */
  const latestOf = ({ latest = 0 }: Account) => Math.max(latest, now());

  const readSite = (book: Book, payer: Payer): Account => {
    const account = book.read(keyOf(payer));
    if (!payer.isPrivate) return account;
    // What the person set holds in every window, until they set something else in a private one.
    const { budget } = account.budget ? account : book.read(keyOf({ ...payer, isPrivate: false }));
    return { ...account, budget };
  };

  const change = (payer: Payer, scope: Scope, apply: (account: Account, day: string) => Account) =>
    transact(payer, (book) => {
      const key = scope === 'site' ? keyOf(payer) : allKey;
      const day = dayOf(latestOf(book.read(allKey)));
      book.write(key, apply(book.read(key), day));
    }).then(onChange);

  const reservation = (payer: Payer | undefined, tariff: Tariff): Reservation => {
    const keys = payer ? [keyOf(payer), allKey] : [allKey];
    let day: string | undefined;
    let holding = noAmounts;
    let isSettled = false;

    return {
      async hold(amounts) {
        let isLimited = true;
        const verdict = await transact(payer, (book): Held => {
          const all = book.read(allKey);
          const site = payer && readSite(book, payer);
          isLimited = tariff !== 'free' || (site?.budget ?? all.budget) !== undefined;
          const latest = latestOf(all);
          const today = day ?? dayOf(latest);
          const ofSite = site && shortfall('site', site, tariff, amounts, today);
          const question = ofSite ?? shortfall('all', all, tariff, amounts, today);
          if (question) {
            const isSaid = isSilenced(ofSite ? site : all, question, today);
            return isSaid ? { type: 'silenced' } : { type: 'over', question };
          }
          if (payer) book.write(keyOf(payer), charged(book.read(keyOf(payer)), today, amounts));
          book.write(allKey, { ...charged(all, today, amounts), latest });
          return { type: 'held', day: today };
        }).catch((error): Held => {
          if (isLimited) throw error;
          return { type: 'held' };
        });
        if (verdict.day === undefined) return verdict;
        day = verdict.day;
        holding = plus(holding, amounts);
        holdBack(keys, amounts);
        return { type: 'held' };
      },

      async settle(amounts) {
        const heldOn = day;
        if (heldOn === undefined || isSettled) return;
        isSettled = true;
        const difference = minus(amounts, holding);
        holdBack(keys, minus(noAmounts, holding));
        await transact(payer, (book) => {
          for (const key of keys) book.write(key, charged(book.read(key), heldOn, difference));
        });
        onChange();
      },
    };
  };

  return {
    reservation,
    add: (payer, question) => change(payer, question.scope, (account, day) => raised(account, question, day)),
    stop: (payer, question) => change(payer, question.scope, (account, day) => stopped(account, question, day)),

    set: (payer, budget) =>
      transact(payer, (book) => {
        const key = keyOf(payer);
        const account: Account = { ...book.read(key), budget, added: undefined, stops: undefined, refused: undefined };
        // Whoever sets a budget is there to see the clock: the way out where it once ran ahead.
        book.write(key, payer ? account : { ...account, latest: now() });
      }).then(onChange),

    look: (payer) =>
      transact(payer, (book) => {
        const all = book.read(allKey);
        const account = payer ? readSite(book, payer) : all;
        return { account, running: held.get(keyOf(payer)) ?? noAmounts, day: dayOf(latestOf(all)) };
      }),

    async tidy() {
      const today = dayOf(now());
      await database.accounts.filter((account) => account.key !== allKey && isStale(account, today)).delete();
    },
  };
}

interface Book {
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

/**
 * The accounts, of which those of private windows lie in memory alone: here, and in the session's for when the background dies. What was read or
 * written once is known: whoever else writes here removes rows that have long been unused, or that nobody can read.
 */
function createBook(database: Database, session: Area) {
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
    const written = new Map<string, AccountRecord>();
    const book: Book = {
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
      const results = await (lasting.every((key) => known.has(key)) ? workByHeart() : workInTransaction());
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
