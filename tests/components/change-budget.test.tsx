// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));
vi.mock('webextension-polyfill', () => ({ default: {} }));

import { ApprovalScreen } from '../../components/approval/ApprovalScreen';
import type { BudgetView, LimitView } from '../../protocol/budgets';
import { limits } from '../../protocol/limits';
import type { ApprovalView } from '../../protocol/ui-messages';
import { fakeBackground } from './support/background';
import { approval, budget, local, openai } from './support/samples';
import { button, click, field, fill, findButton, press, settle, show, text } from './support/screen';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const aDay: LimitView = { unit: 'microUsd', period: 'day', limit: 500_000, used: 0, step: 500_000, add: 500_000 };
const card = (budgeted: Partial<BudgetView>, other: Partial<NonNullable<ApprovalView['answeredBy']>> = {}) => {
  const { answeredBy } = approval();
  return approval({ answeredBy: answeredBy && { ...answeredBy, budget: budget(budgeted), ...other } });
};

async function open(shown: ApprovalView, answers: Parameters<typeof fakeBackground>[1] = {}) {
  const background = fakeBackground({ connections: [openai, local], approvals: [shown] }, answers);
  await show(background, <ApprovalScreen />);
  await settle(limits.inputDelay);
  const inputs = (type: string) => background.calls.filter((call) => call.type === type).map(({ input }) => input);
  return { background, inputs };
}

/** **Change** of the line that says what it costs, under the one that says who answers. */
const moneyChange = () => [...document.querySelectorAll<HTMLElement>('.fact button')][1] as HTMLElement;
const change = async () => {
  moneyChange().click();
  await settle();
};
const isDead = (name: string) => button(name).getAttribute('aria-disabled') === 'true';
const isOpen = () => document.querySelector('form') !== null;

test.each<[LimitView[], string]>([
  [[aDay], 'About $0.02. Stops at $0.50 a day'],
  [[{ ...aDay, unit: 'metered', period: 'week', limit: 200_000 }], 'About $0.02. Stops at 200,000 tokens a week'],
  [[{ ...aDay, unit: 'tokens', period: 'month', limit: 10 }], 'About $0.02. Stops at 10 tokens a month'],
  [[aDay, { ...aDay, unit: 'tokens', limit: 9000 }], 'About $0.02. Stops at $0.50 or 9,000 tokens a day'],
  [
    [
      { ...aDay, period: 'week' },
      { ...aDay, unit: 'metered', limit: 9000 },
    ],
    'About $0.02. Stops at $0.50 a week or 9,000 tokens a day',
  ],
  [[], 'About $0.02Change'],
])('a card for permission says where %j stops', async (stops, said) => {
  await open(card({ limits: stops }));
  expect(text()).toContain(said);
});

test('Change on the money line sets the budget of this site, which the card then shows', async () => {
  const { background, inputs } = await open(card({ limits: [aDay] }));
  await change();
  expect(text()).toContain('Budget of example.com');
  expect([field('US dollars').value, field('Tokens').value, field('Period').value]).toEqual(['0.50', '', 'day']);
  expect(document.activeElement).toBe(field('US dollars'));
  await fill('US dollars', '2');
  await fill('Tokens', '9000');
  await fill('Period', 'week');
  await click('Save');
  const next = { period: 'week', microUsd: 2_000_000, tokens: 9000 } as const;
  expect(inputs('budget-set')).toEqual([{ subject: { top: 'https://example.com' }, budget: next }]);
  expect(isOpen()).toBe(false);
  expect(document.activeElement).toBe(moneyChange());

  await settle(limits.inputDelay);
  const weekly = { ...aDay, period: 'week', limit: 2_000_000 } as const;
  background.push({ approvals: [card({ own: next, limits: [weekly, { ...weekly, unit: 'tokens', limit: 9000 }] })] });
  await settle();
  expect(text()).toContain('Stops at $2.00 or 9,000 tokens a week');
  await click('Allow this visit');
  expect(inputs('approval-decide')).toEqual([]);
  await settle(limits.inputDelay);
  await click('Allow this visit');
  // The request is the one that was shown all along.
  expect(inputs('approval-decide')).toEqual([{ id: 'a1', digest: 'd1', decision: 'allow-visit' }]);
});

test.each(['Cancel', 'Save'])('T23 a second click on %s, where the buttons move to, allows nothing', async (name) => {
  const { inputs } = await open(card({ limits: [aDay] }));
  await change();
  expect(isDead('Always allow')).toBe(true);
  await settle(limits.inputDelay);
  expect(isDead('Always allow')).toBe(false);
  await click(name);
  expect(isOpen()).toBe(false);
  await click('Always allow');
  expect(inputs('approval-decide')).toEqual([]);
  await settle(limits.inputDelay);
  expect(isDead('Always allow')).toBe(false);
});

test('T23 the form that changes who answers makes the buttons dead as it opens and closes', async () => {
  await open(card({}));
  for (const times of [1, 2]) {
    await click('Change who answers');
    expect(isDead('Always allow'), `click ${times}`).toBe(true);
    await settle(limits.inputDelay);
    expect(isDead('Always allow')).toBe(false);
  }
});

test('T23 a press among the facts, as on a list that lies over the buttons, makes them dead', async () => {
  const { inputs } = await open(card({}));
  await click('Change who answers');
  await settle(limits.inputDelay);
  field('Connection').dispatchEvent(new Event('pointerdown', { bubbles: true }));
  await settle();
  await click('Always allow');
  expect(inputs('approval-decide')).toEqual([]);
});

test('Escape closes the form and leaves the request waiting; once more, it refuses', async () => {
  const { inputs } = await open(card({ limits: [aDay] }));
  await change();
  await press('Escape', field('US dollars'));
  expect(isOpen()).toBe(false);
  expect(inputs('approval-decide')).toEqual([]);
  await press('Escape');
  expect(inputs('approval-decide')).toEqual([{ id: 'a1', digest: 'd1', decision: 'deny' }]);
});

test('one line is changed at a time, and pressing its Change again closes it', async () => {
  await open(card({ limits: [aDay] }));
  await change();
  await click('Change who answers');
  expect(isOpen()).toBe(false);
  expect(field('Connection')).toBeDefined();
  await change();
  expect(text()).not.toContain('Connection');
  await change();
  expect(isOpen()).toBe(false);
});

test('what answers for free is limited by tokens alone, and the form says so', async () => {
  await open(card({}, { connection: local, cost: { type: 'free' } }));
  expect(text()).toContain('FreeChange');
  await change();
  expect([field('US dollars').value, field('Tokens').value]).toEqual(['', '']);
  expect(text()).toContain('only tokens limit it');
});

test('in a private window the budget is set for private windows', async () => {
  const { inputs } = await open(card({ isPrivate: true, own: { period: 'day', microUsd: 4900 }, limits: [aDay] }));
  await change();
  expect(field('US dollars').value).toBe('0.0049');
  await click('Save');
  await change();
  await click('Use default');
  const whose = { subject: { top: 'https://example.com' }, isPrivate: true };
  expect(inputs('budget-set')).toEqual([{ ...whose, budget: { period: 'day', microUsd: 4900 } }, whose]);
});

test('a budget that cannot be saved says so and keeps what was typed', async () => {
  const fail = () => {
    throw new Error('gone');
  };
  await open(card({ limits: [aDay] }), { 'budget-set': fail });
  await change();
  await fill('US dollars', '3');
  await click('Save');
  expect(document.querySelector('[role="alert"]')?.textContent).toContain('Something went wrong');
  expect(field('US dollars').value).toBe('3');
});

test('a card that asks to set something up has no money to change', async () => {
  await open(approval({ answeredBy: undefined }));
  expect(findButton('Change the budget')).toBeUndefined();
});
