/**
 * The arithmetic of budgets, pure: what limits an account, what it has used, what a claim lacks. An account holds one sum for each local day, in which
 * what running calls hold back is counted from the start; nothing must be done for it to stay counted when the background dies.
 */

import {
  type Amounts,
  type Budget,
  type BudgetQuestion,
  type LimitView,
  type Period,
  type Unit,
  units,
} from '../protocol/budgets';
import { limits } from '../protocol/limits';

/** How a call is billed: at a price that is known, at one that is not, or not at all. */
export type Tariff = 'priced' | 'metered' | 'free';

/** Said or added for one period only; over when the next one begins. */
interface ForPeriod<Value> {
  readonly period: Period;
  /** First day of the period. */
  readonly from: string;
  readonly value: Value;
}

export interface Account {
  readonly budget?: Budget | undefined;
  /** By local day, `2026-11-24`. */
  readonly days: Readonly<Record<string, Amounts>>;
  readonly added?: ForPeriod<Amounts> | undefined;
  /** How often the person said Stop. */
  readonly stops?: ForPeriod<number> | undefined;
  /** What the call needed to which the person said Stop last. */
  readonly refused?: { readonly unit: Unit; readonly needed: number } | undefined;
  /** Of all sites together: the latest moment at which anything was used. */
  readonly latest?: number | undefined;
}

/** What one unit of an account may come to in a period. */
interface Limit {
  readonly unit: Unit;
  readonly period: Period;
  readonly amount: number;
}

export const noAmounts: Amounts = { microUsd: 0, tokens: 0, metered: 0 };
export const newAccount: Account = { days: {} };
/** Longer than any period. */
const daysKept = 40;

const each = (amountOf: (unit: Unit) => number): Amounts =>
  Object.fromEntries(units.map((unit) => [unit, amountOf(unit)])) as Amounts;
/** Never below nothing: a refund takes back no more than is there. */
export const plus = (left: Amounts, right: Amounts): Amounts => each((unit) => Math.max(0, left[unit] + right[unit]));
export const minus = (left: Amounts, right: Amounts): Amounts => each((unit) => left[unit] - right[unit]);

const keyOf = (date: Date): string =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-');

/** The local day of a moment. Days are compared as text. */
export const dayOf = (at: number): string => keyOf(new Date(at));

/** The first day of the period that a day lies in. */
export function startOf(period: Period, day: string): string {
  if (period === 'day') return day;
  if (period === 'month') return `${day.slice(0, -2)}01`;
  return daysBefore(day, (weekdayOf(day) + 6) % 7);
}

// A day as a date is at noon: no change of the clocks reaches that far.
const dateOf = (day: string) => new Date(`${day}T12:00:00`);
const weekdayOf = (day: string) => dateOf(day).getDay();

function daysBefore(day: string, count: number): string {
  const date = dateOf(day);
  date.setDate(date.getDate() - count);
  return keyOf(date);
}

const isNow = <Value>(value: ForPeriod<Value> | undefined, period: Period, day: string): value is ForPeriod<Value> =>
  value !== undefined && value.period === period && value.from === startOf(period, day);

/** What was used in the period of this day, up to this day: what a clock that ran ahead counted for later waits for its day. */
export function usedIn({ days }: Account, period: Period, day: string): Amounts {
  const from = startOf(period, day);
  return Object.entries(days).reduce((sum, [key, amounts]) => (key >= from && key <= day ? plus(sum, amounts) : sum), noAmounts);
}

function limitsOfBudget({ period, microUsd, tokens }: Budget, tariff: Tariff): Limit[] {
  return [
    ...(microUsd === undefined || tariff === 'free' ? [] : [{ unit: 'microUsd', period, amount: microUsd } as const]),
    ...(tokens === undefined ? [] : [{ unit: 'tokens', period, amount: tokens } as const]),
  ];
}

const siteDefaults: Readonly<Record<Tariff, readonly Limit[]>> = {
  priced: [{ unit: 'microUsd', period: 'day', amount: limits.siteMicroUsd }],
  metered: [{ unit: 'metered', period: 'day', amount: limits.siteTokens }],
  free: [],
};

/** What the person set for this site; the default as well, where that alone bites: money limits little where no price is known. */
function siteLimits({ budget }: Account, tariff: Tariff): readonly Limit[] {
  const own = budget ? limitsOfBudget(budget, tariff) : [];
  const bites = own.some(({ unit }) => unit === 'tokens' || tariff === 'priced');
  return bites ? own : [...own, ...siteDefaults[tariff]];
}

const allLimits = ({ budget }: Account, tariff: Tariff): readonly Limit[] =>
  limitsOfBudget(budget ?? { period: 'day', microUsd: limits.allMicroUsd }, tariff);

export type Scope = 'site' | 'all';
const limitsOf = (scope: Scope, account: Account, tariff: Tariff) =>
  scope === 'site' ? siteLimits(account, tariff) : allLimits(account, tariff);

const withAdded = ({ added }: Account, { unit, period, amount }: Limit, day: string): number =>
  amount + (isNow(added, period, day) ? added.value[unit] : 0);

/** As many whole budgets as let through what a limit lacks; one at least. */
const wholeBudgets = (lacking: number, { amount }: Limit): number => Math.max(1, Math.ceil(lacking / amount)) * amount;

/** What keeps this claim from being made, or undefined. */
export function shortfall(
  scope: Scope,
  account: Account,
  tariff: Tariff,
  claim: Amounts,
  day: string,
): BudgetQuestion | undefined {
  for (const limit of limitsOf(scope, account, tariff)) {
    const { unit, period } = limit;
    const [used, most] = [usedIn(account, period, day)[unit], withAdded(account, limit, day)];
    // What a call at an unknown price costs is not nothing: it is told afterwards by some providers, and counts then.
    const needed = unit === 'microUsd' && tariff === 'metered' ? 1 : claim[unit];
    if (used + needed <= most) continue;
    return { scope, unit, period, limit: most, used, needed, add: wholeBudgets(used + needed - most, limit) };
  }
  return undefined;
}

/** Said no twice in this period: further calls are refused without asking, until the person adds something. */
export const isSilenced = ({ stops }: Account, { period }: Pick<BudgetQuestion, 'period'>, day: string): boolean =>
  isNow(stops, period, day) && stops.value >= limits.budgetStops;

export function limitViews(scope: Scope, account: Account, tariff: Tariff, held: Amounts, day: string): LimitView[] {
  return limitsOf(scope, account, tariff).map((limit) => {
    const { unit, period, amount } = limit;
    const [counted, most] = [usedIn(account, period, day)[unit], withAdded(account, limit, day)];
    const used = Math.max(0, counted - held[unit]);
    // What the next request will hold is not known; of money not even about. One that was refused comes most likely again.
    const { refused } = account;
    const next = refused?.unit === unit ? refused.needed : unit === 'microUsd' ? 1 : limits.answerTokens;
    const add = wholeBudgets(counted + next - most, limit);
    const isStopped = isSilenced(account, limit, day);
    return { unit, period, limit: most, used, step: amount, add, ...(isStopped && { isStopped }) };
  });
}

/** With so much more on one day; days that no period reaches any more are dropped. */
export function charged(account: Account, day: string, amounts: Amounts): Account {
  const oldest = daysBefore(day, daysKept);
  const kept = Object.entries(account.days).filter(([key]) => key >= oldest);
  return { ...account, days: { ...Object.fromEntries(kept), [day]: plus(account.days[day] ?? noAmounts, amounts) } };
}

export function raised(
  account: Account,
  { unit, period, add }: Pick<BudgetQuestion, 'unit' | 'period' | 'add'>,
  day: string,
): Account {
  const before = isNow(account.added, period, day) ? account.added.value : noAmounts;
  const value = plus(before, { ...noAmounts, [unit]: add });
  return { ...account, added: { period, from: startOf(period, day), value }, stops: undefined, refused: undefined };
}

export function stopped(account: Account, { period, unit, needed }: BudgetQuestion, day: string): Account {
  const before = isNow(account.stops, period, day) ? account.stops.value : 0;
  return { ...account, stops: { period, from: startOf(period, day), value: before + 1 }, refused: { unit, needed } };
}

/** Whether nothing of it matters any more. */
export const isStale = ({ budget, days }: Account, day: string): boolean =>
  budget === undefined && Object.keys(days).every((key) => key < daysBefore(day, daysKept));
