/** What an account may still use, in words. */

import { i18n } from '#i18n';
import type { Balance } from '../protocol/generate';
import { limitsText } from './budget-text';
import { count, moment, usd } from './format';

/** "$7.50 left of $10.00 a month", and what else is known; empty where nothing is. */
export function balanceFacts(balance: Balance): string[] {
  switch (balance.type) {
    case 'kudos':
      return [i18n.t('connections.kudos', { count: count(Math.floor(balance.kudos)) })];
    case 'money':
      return moneyFacts(balance);
  }
}

function moneyFacts({ left, limit, period, credit, expiresAt, isFreeTier }: Extract<Balance, { type: 'money' }>): string[] {
  const ofLimit = limit !== undefined && (period === undefined ? usd(limit) : limitsText([{ unit: 'microUsd', period, limit }]));
  const facts = [
    left !== undefined && ofLimit !== false && i18n.t('balance.leftOf', { left: usd(left), limit: ofLimit }),
    credit !== undefined && i18n.t('balance.credit', { amount: usd(credit) }),
    expiresAt !== undefined && i18n.t('balance.ends', { date: moment(expiresAt) }),
    isFreeTier === true && i18n.t('balance.freeTier'),
  ];
  return facts.filter((fact) => fact !== false);
}
