/** What an account may still spend, in words. */

import { i18n } from '#i18n';
import type { Balance } from '../protocol/generate';
import { limitsText } from './budget-text';
import { moment, usd } from './format';

/** "$7.50 left of $10.00 a month", and what else is known; empty where nothing is. */
export function balanceFacts(balance: Balance): string[] {
  if (balance.type === 'kudos') {
    return [i18n.t('balance.kudos', { count: new Intl.NumberFormat().format(Math.floor(balance.kudos)) })];
  }
  const { left, limit, period, credit, expiresAt, isFreeTier } = balance;
  const ofLimit = limit !== undefined && (period === undefined ? usd(limit) : limitsText([{ unit: 'microUsd', period, limit }]));
  const facts = [
    left !== undefined && ofLimit !== false && i18n.t('balance.leftOf', { left: usd(left), limit: ofLimit }),
    credit !== undefined && i18n.t('balance.credit', { amount: usd(credit) }),
    expiresAt !== undefined && i18n.t('balance.ends', { date: moment(expiresAt) }),
    isFreeTier === true && i18n.t('balance.freeTier'),
  ];
  return facts.filter((fact) => fact !== false);
}
