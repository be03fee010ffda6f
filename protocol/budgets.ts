/** What a budget is, between the background that keeps it and the screens that show it. Amounts are integers and never negative. */

import * as v from 'valibot';
import type { MicroUsd } from './ids';
import type { Subject } from './ui-messages';

/** Calendar periods in the person's local time; a week begins on Monday (ISO 8601). */
export type Period = 'day' | 'week' | 'month';

/**
 * What is counted: micro-dollars where the price is known, tokens always, and `metered` tokens, which somebody bills at a price that nobody
 * told: the default budget in tokens is about those alone.
 */
export const units = ['microUsd', 'tokens', 'metered'] as const;
export type Unit = (typeof units)[number];
export type Amounts = Readonly<Record<Unit, number>>;

/** What the person has set. A unit that is absent is not limited. */
export interface Budget {
  readonly period: Period;
  readonly microUsd?: number | undefined;
  readonly tokens?: number | undefined;
}

/** One limit as it stands now. */
export interface LimitView {
  readonly unit: Unit;
  readonly period: Period;
  /** What was added for this period included. */
  readonly limit: number;
  /** Without what running calls hold back. */
  readonly used: number;
  /** The budget itself, without what was added. */
  readonly step: number;
  /** What one press of **Add** adds: as many whole budgets as let one more request through. */
  readonly add: number;
  /** The person has said Stop at it: what needs more is refused without asking, until they add something. */
  readonly isStopped?: boolean | undefined;
}

/** How a site, or all of them together, stands. */
export interface BudgetView {
  /** Absent for all sites together. */
  readonly subject?: Subject | undefined;
  /** In private windows. */
  readonly isPrivate?: boolean | undefined;
  /** Absent where the default holds. */
  readonly own?: Budget | undefined;
  /** Empty where nothing limits it: what answers now costs nothing. */
  readonly limits: readonly LimitView[];
  readonly usedToday: Amounts;
}

/** Why a call waits for money: asked on a card of its own. */
export interface BudgetQuestion {
  readonly scope: 'site' | 'all';
  readonly unit: Unit;
  readonly period: Period;
  readonly limit: number;
  readonly used: number;
  /** What this call may come to. */
  readonly needed: number;
  /** What **Add** adds: as many whole budgets as let this call through. */
  readonly add: number;
}

/** More than anybody means: a slip of the keyboard must not become a budget. */
const most = 1_000_000_000_000;
const amount = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(most));
const period = v.picklist(['day', 'week', 'month']);

export const budgetSchema = v.pipe(
  v.strictObject({ period, microUsd: v.optional(amount), tokens: v.optional(amount) }),
  v.check(({ microUsd, tokens }) => microUsd !== undefined || tokens !== undefined),
);

export const additionSchema = v.strictObject({ unit: v.picklist(units), period, add: amount });

/** What one request costs, as its card says it. */
export type CostView =
  | { readonly type: 'free' }
  /** Billed by the provider, price not known to Oriel. */
  | { readonly type: 'metered' }
  | { readonly type: 'estimate'; readonly microUsd: MicroUsd };
