/** Budgets in words: amounts of money and of tokens, and the periods they hold for. */

import { i18n } from '#i18n';
import type { BudgetQuestion, BudgetView, LimitView, Period, Unit } from '../protocol/budgets';
import { count, usd } from './format';
import { subjectText } from './SiteLabel';

/** "$0.50" or "200,000 tokens". */
export const amountText = (unit: Unit, amount: number): string =>
  unit === 'microUsd' ? usd(amount) : i18n.t('budget.tokens', { count: count(amount) });

const perPeriod = (period: Period, amount: string): string =>
  ({
    day: i18n.t('budget.perDay', { amount }),
    week: i18n.t('budget.perWeek', { amount }),
    month: i18n.t('budget.perMonth', { amount }),
  })[period];

const either = (texts: readonly string[]): string => texts.reduce((one, other) => i18n.t('budget.either', { one, other }));

/** "$0.50 a day", "$0.50 or 200,000 tokens a day", "$2.00 a week or 200,000 tokens a day". Of one limit at least. */
export function limitsText(limits: readonly Pick<LimitView, 'unit' | 'period' | 'limit'>[]): string {
  const amounts = limits.map(({ unit, limit }) => amountText(unit, limit));
  const [period, ...others] = new Set(limits.map((limit) => limit.period));
  if (period && others.length === 0) return perPeriod(period, either(amounts));
  return either(limits.map((limit, index) => perPeriod(limit.period, amounts[index] ?? '')));
}

/** "Today: $0.12 of $0.50 used, $0.38 left". */
export function usedText({ unit, period, limit, used }: LimitView): string {
  const words = {
    used: amountText(unit, used),
    limit: amountText(unit, limit),
    left: amountText(unit, Math.max(0, limit - used)),
  };
  return {
    day: i18n.t('budget.usedDay', words),
    week: i18n.t('budget.usedWeek', words),
    month: i18n.t('budget.usedMonth', words),
  }[period];
}

/** "today's $0.50". */
export function budgetName({ unit, period, limit }: Pick<LimitView, 'unit' | 'period' | 'limit'>): string {
  const amount = amountText(unit, limit);
  return {
    day: i18n.t('budget.todays', { amount }),
    week: i18n.t('budget.thisWeeks', { amount }),
    month: i18n.t('budget.thisMonths', { amount }),
  }[period];
}

/** The heading of a card about money, with a place for the site's name. A call that no whole budget covers is not said to have used it. */
export function questionText(question: BudgetQuestion, site: string): string {
  const budget = budgetName(question);
  const isBeyond = question.needed > question.limit;
  if (question.scope === 'all') return isBeyond ? i18n.t('budget.allBeyond', { budget }) : i18n.t('budget.allUsed', { budget });
  return isBeyond ? i18n.t('budget.siteBeyond', { site, budget }) : i18n.t('budget.siteUsed', { site, budget });
}

export const periodText = (period: Period): string =>
  ({ day: i18n.t('budget.day'), week: i18n.t('budget.week'), month: i18n.t('budget.month') })[period];

export const budgetTitle = ({ subject }: BudgetView): string =>
  subject ? i18n.t('budget.titleSite', { site: subjectText(subject) }) : i18n.t('budget.titleAll');
