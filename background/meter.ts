/**
 * Keeps what every site, and all of them together, have used, and lets nobody use more than the person allows. The worst case of a call is counted before
 * it is sent, in one transaction; settling puts what it really came to in its place. So a death at any moment leaves it counted in full, once. Only what
 * costs nothing and nobody limits is not waited for.
 *
 * A call counts on the day on which it began. Private windows are counted in memory; of what they use only the sum of all sites is written, which
 * names no site.
 */

import type { Amounts, Budget, BudgetQuestion } from '../protocol/budgets';
import { allKey, type Book, createBook, keyOf, type Payer } from './account-book';
import type { Area } from './browser-api';
import {
  type Account,
  charged,
  dayOf,
  isSilenced,
  isStale,
  minus,
  noAmounts,
  plus,
  raised,
  type Scope,
  shortfall,
  stopped,
  type Tariff,
} from './budgets';
import type { Rows } from './rows';

export type Verdict =
  | { readonly type: 'held' }
  | { readonly type: 'over'; readonly question: BudgetQuestion }
  /** Over, and the person has said Stop to it before. */
  | { readonly type: 'silenced' };

/** With the day on which it is counted. */
type Held = Exclude<Verdict, { readonly type: 'held' }> | { readonly type: 'held'; readonly day: string };

/** What can be sent now is sent before. */
const nextTask = () => new Promise<void>((resolve) => setTimeout(resolve));

/** What one call holds back. */
export interface Reservation {
  /**
   * It costs nothing, nobody limits it, and no other call of the kind is being counted: nothing is waited for. Many at once go together, once they are
   * counted: otherwise the answers to some would hold up the questions of others.
   */
  isFree(): Promise<boolean>;
  /**
   * Holds back so much, or so much more, for as long as the call runs. It is written when this resolves. What is free is sent first and counted then, and
   * goes on uncounted where nothing can be written, as on a full disk.
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
  readonly database: Rows;
  readonly session: Area;
  readonly now: () => number;
  readonly onChange: () => void;
}

export function createMeter({ database, session, now, onChange }: MeterDeps): Meter {
  const { transact, look } = createBook(database, session);
  /** Calls that were sent, and are not counted yet. */
  let uncounted = 0;
  /** What the calls of each account hold back that run now. */
  const held = new Map<string, Amounts>();

  const holdBack = (keys: readonly string[], amounts: Amounts) => {
    for (const key of keys) held.set(key, plus(held.get(key) ?? noAmounts, amounts));
  };

  /** A clock that was set back does not open a day again that is over. */
  const latestOf = ({ latest = 0 }: Account) => Math.max(latest, now());

  const readSite = (book: Pick<Book, 'read'>, payer: Payer): Account => {
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
    let counted: Promise<unknown> | undefined;

    const costsNothing = async () => {
      if (tariff !== 'free') return false;
      const book = await look(payer);
      return ((payer && readSite(book, payer))?.budget ?? book.read(allKey).budget) === undefined;
    };

    /** @param isSent what is under way counts, whatever the person has set since */
    const count = async (amounts: Amounts, isSent = false): Promise<Verdict> => {
      const verdict = await transact(payer, (book): Held => {
        const all = book.read(allKey);
        const site = payer && readSite(book, payer);
        const latest = latestOf(all);
        const today = day ?? dayOf(latest);
        const ofSite = site && shortfall('site', site, tariff, amounts, today);
        const question = ofSite ?? shortfall('all', all, tariff, amounts, today);
        if (question && !isSent) {
          const isSaid = isSilenced(ofSite ? site : all, question, today);
          return isSaid ? { type: 'silenced' } : { type: 'over', question };
        }
        if (payer) book.write(keyOf(payer), charged(book.read(keyOf(payer)), today, amounts));
        book.write(allKey, { ...charged(all, today, amounts), latest });
        return { type: 'held', day: today };
      });
      if (verdict.type !== 'held') return verdict;
      day = verdict.day;
      holding = plus(holding, amounts);
      holdBack(keys, amounts);
      return { type: 'held' };
    };

    return {
      isFree: async () => (await costsNothing()) && uncounted === 0,

      async hold(amounts) {
        if (!(await costsNothing())) return count(amounts);
        const isAlone = uncounted === 0;
        uncounted += 1;
        const begun = counted ?? (isAlone ? nextTask() : Promise.resolve());
        const over = () => {
          uncounted -= 1;
        };
        // Where it cannot be written it stays uncounted: of a full disk screens tell.
        counted = begun.then(() => count(amounts, true)).then(over, over);
        if (!isAlone) await counted;
        return { type: 'held' };
      },

      async settle(amounts) {
        await counted;
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
      const { accounts } = await database.whole();
      await accounts.filter((account) => account.key !== allKey && isStale(account, today)).delete();
    },
  };
}
