// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));
vi.mock('webextension-polyfill', () => ({ default: {} }));

import { readAmount } from '../../components/amounts';
import { ApprovalScreen } from '../../components/approval/ApprovalScreen';
import { SitesPage } from '../../components/options/SitesPage';
import { PopupScreen } from '../../components/popup/PopupScreen';
import type { BudgetQuestion, BudgetView, LimitView } from '../../protocol/budgets';
import { limits } from '../../protocol/limits';
import type { SiteView } from '../../protocol/ui-messages';
import { type FakeBackground, fakeBackground, nothing } from './support/background';
import { approval, local, openai, origin } from './support/samples';
import { button, click, field, fill, findButton, press, settle, show, text } from './support/screen';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const subject = { top: origin('https://example.com') };
const inputs = ({ calls }: FakeBackground, type: string) => calls.filter((call) => call.type === type).map(({ input }) => input);
const heading = () => document.querySelector('h1')?.textContent;

const half: BudgetQuestion = {
  scope: 'site',
  unit: 'microUsd',
  period: 'day',
  limit: 500_000,
  used: 493_000,
  needed: 21_000,
  add: 500_000,
};
const asking = (change: Partial<BudgetQuestion> = {}) => approval({ question: { ...half, ...change } });
const open = async (card = asking()) => {
  const background = fakeBackground({ connections: [openai], approvals: [card] });
  await show(background, <ApprovalScreen />);
  return background;
};

test.each<[Partial<BudgetQuestion>, string]>([
  [{}, "example.com has used today's $0.50"],
  [{ period: 'week' }, "example.com has used this week's $0.50"],
  [{ period: 'month', limit: 5_000_000 }, "example.com has used this month's $5.00"],
  [{ unit: 'metered', limit: 200_000, needed: 5000 }, "example.com has used today's 200,000 tokens"],
  [{ needed: 600_000 }, "example.com asks for more than today's $0.50"],
  [{ scope: 'all', limit: 2_000_000 }, "All sites together have used today's $2.00"],
  [{ scope: 'all', needed: 600_000 }, "One request asks for more than today's $0.50 of all sites together"],
])('a card about %j says "%s"', async (change, said) => {
  await open(asking(change));
  expect(heading()).toBe(said);
});

test('Stop is focused and works at once; so does Escape', async () => {
  const background = await open();
  expect(document.activeElement).toBe(button('Stop'));
  await click('Stop');
  await press('Escape');
  const stop = { id: 'a1', digest: 'd1', decision: 'deny' };
  expect(inputs(background, 'approval-decide')).toEqual([stop, stop]);
});

test('Add takes no click before the card has stood still, and then one', async () => {
  const background = await open();
  await click('Add $0.50');
  expect(inputs(background, 'approval-decide')).toEqual([]);
  await settle(limits.inputDelay);
  await click('Add $0.50');
  expect(inputs(background, 'approval-decide')).toEqual([{ id: 'a1', digest: 'd1', decision: 'add' }]);
});

test('a card about money says what the request may come to, and who asks', async () => {
  await open(asking({ scope: 'all' }));
  expect(text()).toContain('$0.493 of $0.50 used. This request may come to $0.021');
  expect(text()).toContain('Asked by example.com');
  expect(text()).toContain('gpt-5-mini · OpenAI');
  expect(findButton('Always allow')).toBeUndefined();
  await open(asking({ needed: 1 }));
  expect(text()).not.toContain('may come to');
});

test('a card about money that cannot be answered says so', async () => {
  const fail = () => {
    throw new Error('gone');
  };
  const background = fakeBackground({ connections: [openai], approvals: [asking()] }, { 'approval-decide': fail });
  await show(background, <ApprovalScreen />);
  await click('Stop');
  expect(document.querySelector('[role="alert"]')?.textContent).toContain('Something went wrong');
});

const view = (change: Partial<BudgetView> = {}): BudgetView => ({
  subject,
  limits: [{ unit: 'microUsd', period: 'day', limit: 500_000, used: 120_000, step: 500_000, add: 500_000 }],
  usedToday: { microUsd: 120_000, tokens: 4000, metered: 0 },
  ...change,
});
const all: BudgetView = {
  limits: [{ unit: 'microUsd', period: 'day', limit: 2_000_000, used: 120_000, step: 2_000_000, add: 2_000_000 }],
  usedToday: { microUsd: 120_000, tokens: 4000, metered: 0 },
};
const overview = { ...nothing, connections: [openai, local], activeConnection: openai.id };
const always: SiteView = { subject, state: { type: 'always', since: 1, lastUsedAt: 1 } };

const popup = async (site: BudgetView, together = all, visited: SiteView = always) => {
  const background = fakeBackground(overview, {
    'tab-sites': () => [visited],
    budgets: () => ({ all: together, sites: [site] }),
  });
  await show(background, <PopupScreen />);
  await settle();
  return background;
};

test('This site says what was used today and what is left', async () => {
  const background = await popup(view());
  expect(text()).toContain('Today: $0.12 of $0.50 used, $0.38 left');
  expect(inputs(background, 'budgets').at(-1)).toEqual({ sites: [{ subject }] });
  expect(findButton('Add $0.50')).toBeUndefined();
});

test('This site without a limit says what was used, and nothing where that is nothing', async () => {
  await popup(view({ limits: [] }));
  expect(text()).toContain('Today: 4,000 tokens used, no limit');
  await popup(view({ limits: [], usedToday: { microUsd: 0, tokens: 0, metered: 0 } }));
  expect(text()).not.toContain('no limit');
});

test('a site that has used all it may gets more from the popup', async () => {
  const limit: LimitView = { unit: 'metered', period: 'day', limit: 200_000, used: 600_606, step: 200_000, add: 600_000 };
  const background = await popup(view({ limits: [limit] }), all, { ...always, isPrivate: true });
  expect(text()).toContain('600,606 tokens of 200,000 tokens used, 0 tokens left');
  await click('Add 600,000 tokens');
  expect(inputs(background, 'budget-add')).toEqual([
    { subject, isPrivate: true, scope: 'site', unit: 'metered', period: 'day', add: 600_000 },
  ]);
});

test('a site whose budget the person stopped says so while something is left, and can be given more', async () => {
  const limit: LimitView = {
    unit: 'microUsd',
    period: 'day',
    limit: 500_000,
    used: 480_000,
    step: 500_000,
    add: 500_000,
    isStopped: true,
  };
  const background = await popup(view({ limits: [limit] }), {
    ...all,
    limits: [{ ...limit, limit: 2_000_000, step: 2_000_000, add: 2_000_000 }],
  });
  expect(text()).toContain('$0.02 left');
  expect(text()).toContain('You said Stop. Requests that need more are refused without asking.');
  expect(text()).toContain('All sites together · Today: $0.48 of $2.00 used');
  await click('Add $0.50');
  expect(inputs(background, 'budget-add')[0]).toMatchObject({ scope: 'site', add: 500_000 });
});

test('where all sites together have used all they may, the popup says so', async () => {
  const used = { ...all, limits: [{ ...(all.limits[0] as LimitView), used: 2_000_000 }] };
  const background = await popup(view(), used);
  expect(text()).toContain("All sites together have used today's $2.00");
  await click('Add $2.00');
  expect(inputs(background, 'budget-add')[0]).toMatchObject({ scope: 'all', add: 2_000_000 });
});

const sites = async (site: BudgetView) => {
  const background = fakeBackground(overview, {
    sites: () => [always, { subject: { top: origin('https://b.example') }, state: { type: 'blocked', since: 1 } }],
    budgets: () => ({ all, sites: [site, view()] }),
  });
  await show(background, <SitesPage overview={overview} />);
  await settle();
  return background;
};
const edit = async (nth: number) => {
  [...document.querySelectorAll<HTMLElement>('button')].filter(({ textContent }) => textContent === 'Edit budget')[nth]?.click();
  await settle();
};

test('Sites has all sites together at its top, and a budget for each site that is not blocked', async () => {
  await sites(view());
  expect(text()).toContain('All sites togetherToday: $0.12 of $2.00 used, $1.88 left');
  expect([...document.querySelectorAll('button')].filter(({ textContent }) => textContent === 'Edit budget')).toHaveLength(2);
});

test('the budget of a site is set in money and tokens, for a period', async () => {
  const background = await sites(view());
  await edit(1);
  expect(document.querySelector('dialog h2')?.textContent).toBe('Budget of example.com');
  expect([field('US dollars').value, field('Tokens').value]).toEqual(['0.50', '']);
  expect(findButton('Use default')).toBeUndefined();
  await fill('US dollars', '$1,234.5');
  await fill('Tokens', '50 000');
  await fill('Period', 'week');
  await click('Save');
  expect(inputs(background, 'budget-set')).toEqual([
    { subject, budget: { period: 'week', microUsd: 1_234_500_000, tokens: 50_000 } },
  ]);
  expect(document.querySelector('dialog')).toBeNull();
});

test('what is no amount, or none at all, is not saved', async () => {
  const background = await sites(view());
  await edit(0);
  expect(document.querySelector('dialog h2')?.textContent).toBe('Budget of all sites together');
  await fill('US dollars', 'much');
  await click('Save');
  expect(text()).toContain('This is not an amount.');
  await fill('US dollars', '');
  expect(text()).toContain('Enter dollars or tokens.');
  await click('Save');
  expect(inputs(background, 'budget-set')).toEqual([]);
  await click('Cancel');
  expect(document.querySelector('dialog')).toBeNull();
});

test('a budget that was set can go back to the default', async () => {
  const background = await sites(view({ own: { period: 'month', tokens: 9 }, limits: [] }));
  await edit(1);
  expect([field('US dollars').value, field('Tokens').value, field('Period').value]).toEqual(['', '9', 'month']);
  await click('Use default');
  expect(inputs(background, 'budget-set')).toEqual([{ subject }]);
});

test.each([
  ['0.5', 500_000],
  ['0,5', 500_000],
  ['$2', 2_000_000],
  ['1,000', 1_000_000_000],
  ['1,000.25', 1_000_250_000],
  ['.05', 50_000],
  ['', 0],
  ['-1', undefined],
  ['1e9', undefined],
  ['1.2.3', undefined],
  ['.', undefined],
  ['NaN', undefined],
  ['9999999999', undefined],
])('%s typed as dollars are %s micro-dollars', (typed, amount) => {
  expect(readAmount(typed, 1e6)).toBe(amount);
});
