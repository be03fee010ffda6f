import { expect, test } from 'vitest';
import {
  type Account,
  charged,
  dayOf,
  isSilenced,
  isStale,
  limitViews,
  newAccount,
  noAmounts,
  plus,
  raised,
  shortfall,
  startOf,
  stopped,
  usedIn,
} from '../../background/budgets';
import type { Amounts, Budget } from '../../protocol/budgets';
import { limits } from '../../protocol/limits';

const some = (fields: Partial<Amounts>): Amounts => ({ ...noAmounts, ...fields });
const today = '2026-11-24';
const withUse = (days: Record<string, Partial<Amounts>>, fields: Partial<Account> = {}): Account => ({
  ...fields,
  days: Object.fromEntries(Object.entries(days).map(([day, amounts]) => [day, some(amounts)])),
});
const own = (budget: Budget, used: Partial<Amounts> = {}): Account => withUse({ [today]: used }, { budget });

test('a day is the local one', () => {
  expect(dayOf(new Date(2026, 0, 2, 0, 0, 0).getTime())).toBe('2026-01-02');
  expect(dayOf(new Date(2026, 0, 2, 23, 59, 59).getTime())).toBe('2026-01-02');
});

test.each([
  ['day', '2026-11-24', '2026-11-24'],
  ['week', '2026-11-24', '2026-11-23'],
  ['week', '2026-11-23', '2026-11-23'],
  ['week', '2026-11-29', '2026-11-23'],
  ['week', '2026-11-01', '2026-10-26'],
  ['week', '2027-01-01', '2026-12-28'],
  ['month', '2026-11-24', '2026-11-01'],
  ['month', '2026-12-01', '2026-12-01'],
] as const)('the %s of %s begins on %s', (period, day, from) => {
  expect(startOf(period, day)).toBe(from);
});

test('what was used is counted from the beginning of the period', () => {
  const account = withUse({
    '2026-10-31': { tokens: 1 },
    '2026-11-22': { tokens: 10 },
    '2026-11-23': { tokens: 100 },
    [today]: { tokens: 1000 },
  });
  expect(usedIn(account, 'day', today).tokens).toBe(1000);
  expect(usedIn(account, 'week', today).tokens).toBe(1100);
  expect(usedIn(account, 'month', today).tokens).toBe(1110);
});

test('what was counted for a day that is still to come waits for it', () => {
  expect(usedIn(withUse({ '2026-11-25': { tokens: 7 } }), 'day', today).tokens).toBe(0);
  expect(usedIn(withUse({ '2026-11-25': { tokens: 7 } }), 'month', today).tokens).toBe(0);
});

test('amounts never go below nothing', () => {
  expect(plus(some({ tokens: 1 }), some({ tokens: -5, microUsd: -1 }))).toEqual(noAmounts);
});

test('by default a site has 0.50 USD a day where the price is known', () => {
  expect(shortfall('site', newAccount, 'priced', some({ microUsd: 500_000 }), today)).toBeUndefined();
  expect(shortfall('site', newAccount, 'priced', some({ microUsd: 500_001 }), today)).toEqual({
    scope: 'site',
    unit: 'microUsd',
    period: 'day',
    limit: 500_000,
    used: 0,
    needed: 500_001,
    add: 500_000,
  });
});

test('by default a site has 200,000 tokens a day where no price is known, of those alone', () => {
  const account = withUse({ [today]: { tokens: 900_000, metered: 100_000 } });
  expect(shortfall('site', account, 'metered', some({ tokens: 100_000, metered: 100_000 }), today)).toBeUndefined();
  expect(shortfall('site', account, 'metered', some({ metered: 100_001 }), today)).toMatchObject({
    unit: 'metered',
    limit: 200_000,
  });
});

test('by default what is free has no limit', () => {
  expect(shortfall('site', newAccount, 'free', some({ tokens: 1e9 }), today)).toBeUndefined();
  expect(shortfall('all', withUse({ [today]: { microUsd: 9e9 } }), 'free', some({ tokens: 1e9 }), today)).toBeUndefined();
});

test('by default all sites together have 2 USD a day', () => {
  const account = withUse({ [today]: { microUsd: 1_999_999 } });
  expect(shortfall('all', account, 'priced', some({ microUsd: 1 }), today)).toBeUndefined();
  expect(shortfall('all', account, 'priced', some({ microUsd: 2 }), today)).toMatchObject({
    scope: 'all',
    limit: 2_000_000,
    add: 2_000_000,
  });
});

test('a call at an unknown price is stopped where the money is used up, by what providers told', () => {
  const account = withUse({ [today]: { microUsd: 2_000_000 } });
  expect(shortfall('all', account, 'metered', some({ tokens: 5, metered: 5 }), today)).toMatchObject({
    unit: 'microUsd',
    add: 2_000_000,
  });
  expect(shortfall('all', withUse({ [today]: { microUsd: 1_999_999 } }), 'metered', some({ tokens: 5 }), today)).toBeUndefined();
});

test('tokens that the person set hold for what is free too', () => {
  const account = own({ period: 'day', tokens: 100 }, { tokens: 90 });
  expect(shortfall('site', account, 'free', some({ tokens: 11 }), today)).toMatchObject({
    unit: 'tokens',
    limit: 100,
    used: 90,
    needed: 11,
    add: 100,
  });
  expect(shortfall('site', account, 'free', some({ tokens: 10 }), today)).toBeUndefined();
});

test('money that the person set takes the place of the default, and leaves that for tokens without a price', () => {
  const account = own({ period: 'month', microUsd: 5_000_000 }, { microUsd: 4_000_000, metered: 200_000 });
  expect(shortfall('site', account, 'priced', some({ microUsd: 1_000_000 }), today)).toBeUndefined();
  expect(shortfall('site', account, 'priced', some({ microUsd: 1_000_001 }), today)).toMatchObject({ period: 'month' });
  expect(shortfall('site', account, 'metered', some({ metered: 1 }), today)).toMatchObject({ unit: 'metered', period: 'day' });
  expect(limitViews('site', account, 'free', noAmounts, today)).toEqual([]);
});

test('with money and tokens set, whichever is used up first stops it', () => {
  const account = own({ period: 'week', microUsd: 100, tokens: 50 });
  expect(shortfall('site', account, 'priced', some({ microUsd: 101, tokens: 1 }), today)?.unit).toBe('microUsd');
  expect(shortfall('site', account, 'priced', some({ microUsd: 1, tokens: 51 }), today)?.unit).toBe('tokens');
});

test('one press adds as many whole budgets as the call needs, for this period only', () => {
  const account = own({ period: 'day', tokens: 100 }, { tokens: 90 });
  const question = shortfall('site', account, 'free', some({ tokens: 250 }), today);
  expect(question?.add).toBe(300);
  const more = raised(account, question as never, today);
  expect(shortfall('site', more, 'free', some({ tokens: 250 }), today)).toBeUndefined();
  expect(limitViews('site', more, 'free', some({ tokens: 40 }), today)).toEqual([
    { unit: 'tokens', period: 'day', limit: 400, used: 50, step: 100, add: 3800 },
  ]);
  expect(limitViews('site', raised(more, question as never, today), 'free', noAmounts, today)[0]?.limit).toBe(700);
  expect(limitViews('site', more, 'free', noAmounts, '2026-11-25')[0]).toMatchObject({ limit: 100, used: 0 });
  expect(limitViews('site', { ...more, budget: { period: 'week', tokens: 100 } }, 'free', noAmounts, today)[0]?.limit).toBe(100);
});

test('without a call that asks, a press adds as many whole budgets as let one more request through', () => {
  const account = own({ period: 'day', tokens: 200, microUsd: 100 }, { tokens: 606, microUsd: 350 });
  const views = limitViews('site', account, 'priced', noAmounts, today);
  expect(views.map(({ unit, add }) => [unit, add])).toEqual([
    ['microUsd', 300],
    ['tokens', 4600],
  ]);
  const next = some({ tokens: limits.answerTokens, microUsd: 1 });
  const given = views.reduce((before, view) => raised(before, view, today), account);
  expect(shortfall('site', account, 'priced', next, today)).toBeDefined();
  expect(shortfall('site', given, 'priced', next, today)).toBeUndefined();
});

test('after a Stop, a press adds as much as the call needed that was refused, until something was added', () => {
  const account = own({ period: 'day', tokens: 150 }, { tokens: 60 });
  const question = shortfall('site', account, 'free', some({ tokens: 300 }), today);
  const stop = stopped(account, question as never, today);
  expect(limitViews('site', stop, 'free', noAmounts, today)[0]?.add).toBe(300);
  expect(question?.add).toBe(300);
  const more = raised(stop, question as never, today);
  expect(limitViews('site', more, 'free', noAmounts, today)[0]?.add).toBe(3750);
});

test('after two stops a period is silent; adding, or the next period, ends that', () => {
  const question = { scope: 'site', unit: 'tokens', period: 'day', limit: 1, used: 1, needed: 1, add: 1 } as const;
  const once = stopped(newAccount, question, today);
  const twice = stopped(once, question, today);
  expect([newAccount, once, twice].map((account) => isSilenced(account, question, today))).toEqual([false, false, true]);
  const limited = { ...twice, budget: { period: 'day', tokens: 1 } } as const;
  expect(limitViews('site', limited, 'free', noAmounts, today)).toMatchObject([{ isStopped: true }]);
  expect(isSilenced(twice, question, '2026-11-25')).toBe(false);
  expect(stopped(twice, question, '2026-11-25').stops?.value).toBe(1);
  expect(isSilenced(raised(twice, question, today), question, today)).toBe(false);
});

test('days that no period reaches are dropped, and an account of nothing else is stale', () => {
  const account = charged(withUse({ '2026-01-01': { tokens: 1 }, '2026-11-01': { tokens: 2 } }), today, some({ tokens: 4 }));
  expect(Object.keys(account.days)).toEqual(['2026-11-01', today]);
  expect(isStale(account, today)).toBe(false);
  expect(isStale(account, '2027-03-01')).toBe(true);
  expect(isStale({ ...account, budget: { period: 'day', tokens: 1 } }, '2027-03-01')).toBe(false);
});
