// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));
vi.mock('webextension-polyfill', () => ({ default: {} }));

import { balanceFacts } from '../../components/balance-text';
import { OptionsScreen } from '../../components/options/OptionsScreen';
import { watchRoute } from '../../components/options/route';
import { AiError, backendError } from '../../protocol/errors';
import type { Balance } from '../../protocol/generate';
import { toConnectionId, toMicroUsd } from '../../protocol/ids';
import type { ConnectionView, UiCall } from '../../protocol/ui-messages';
import { fakeBackground } from './support/background';
import { noImport } from './support/import';
import { openai } from './support/samples';
import { button, click, field, fill, findButton, settle, show, text } from './support/screen';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const openrouter: ConnectionView = { ...openai, id: toConnectionId('c-or'), providerId: 'openrouter', name: 'OpenRouter' };
const id = toConnectionId('c-new');
const money = (usd: number) => toMicroUsd(usd);
const balance: Balance = {
  type: 'money',
  left: money(5),
  limit: money(5),
  period: 'month',
  expiresAt: Date.UTC(2027, 1, 22, 12),
};

async function openAt(hash: string, background: ReturnType<typeof fakeBackground>) {
  location.hash = hash;
  await settle();
  return show(background, <OptionsScreen route={watchRoute()} importModel={noImport} />);
}
async function openForm(background: ReturnType<typeof fakeBackground>) {
  await openAt('#connections/add', background);
  await fill('Provider', 'openrouter');
}
const sent = (calls: readonly UiCall[], type: UiCall['type']) =>
  calls.filter((call) => call.type === type).map(({ input }) => input);
const answering = (answer: () => unknown) => fakeBackground({}, { 'connection-sign-in': answer });
const failingWith = (error: AiError) =>
  answering(() => {
    throw error;
  });

test('a provider where nobody can sign in offers no such thing', async () => {
  await openAt('#connections/add', fakeBackground());
  expect(text()).not.toContain('Sign in');
});

test('what the key may do is shown before, with careful values, and stands above the field for a key', async () => {
  const background = answering(() => ({ type: 'connected', models: [], id, balance }));
  await openForm(background);
  expect(field('The key may spend, in US dollars').value).toBe('5');
  const before = button('Sign in with OpenRouter').compareDocumentPosition(field('API key'));
  expect(before & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
  await click('Sign in with OpenRouter');
  expect(sent(background.calls, 'connection-sign-in')).toEqual([
    {
      providerId: 'openrouter',
      terms: { limit: 5_000_000, period: 'month', days: 90 },
      name: 'OpenRouter',
      defaultModel: '',
    },
  ]);
});

test('the person’s own terms are those that are asked for', async () => {
  const background = answering(() => ({ type: 'connected', models: [], id, balance }));
  await openForm(background);
  await fill('The key may spend, in US dollars', '2.50');
  await fill('In each period', 'week');
  await fill('The key ends after', '30');
  await click('Sign in with OpenRouter');
  expect(sent(background.calls, 'connection-sign-in')).toMatchObject([{ terms: { limit: 2_500_000, period: 'week', days: 30 } }]);
});

test.each(['', '0', 'five', '10001'])('no key is asked for that may spend "%s"', async (amount) => {
  const background = answering(() => ({ type: 'connected', models: [], id }));
  await openForm(background);
  await fill('The key may spend, in US dollars', amount);
  await click('Sign in with OpenRouter');
  expect(text()).toContain('Type an amount above zero');
  expect(sent(background.calls, 'connection-sign-in')).toEqual([]);
});

test('what the key may really do is shown after, in the provider’s word', async () => {
  await openForm(answering(() => ({ type: 'connected', models: [], id, balance })));
  await click('Sign in with OpenRouter');
  await settle();
  expect(text()).toContain('Signed in. The key is saved, and OpenRouter answered.');
  expect(text()).toContain('$5.00 left of $5.00 a month');
  expect(text()).toMatch(/The key ends .*2027/);
  expect(text()).not.toContain('has set no limit');
  await click('Close');
  expect(location.hash).toBe('#connections');
});

test('a key that got no limit is said to have none, with the way to set one', async () => {
  await openForm(answering(() => ({ type: 'connected', models: [], id, balance: { type: 'money' } })));
  await click('Sign in with OpenRouter');
  await settle();
  expect(text()).toContain('OpenRouter has set no limit on this key.');
  expect(document.querySelector('dialog a')?.getAttribute('href')).toBe('https://openrouter.ai/settings/keys');
});

test('while the provider’s page is open nothing is asked for twice', async () => {
  const background = answering(() => new Promise(() => undefined));
  await openForm(background);
  await click('Sign in with OpenRouter');
  await click('Waiting for OpenRouter…');
  expect(findButton('Sign in with OpenRouter')).toBeUndefined();
  // It is not the form that was sent.
  await click('Connect');
  expect(sent(background.calls, 'connection-add')).toEqual([]);
  expect(sent(background.calls, 'connection-sign-in')).toHaveLength(1);
});

test.each([
  [new AiError('aborted', ''), 'You are not signed in.'],
  [new AiError('not-allowed', ''), 'An answer came that belongs to no sign-in. It was ignored.'],
  [backendError('forbidden', '', { status: 403 }), 'OpenRouter gave no key.'],
  [backendError('malformed', ''), 'OpenRouter gave no key.'],
  [backendError('network', ''), 'OpenRouter cannot be reached.'],
])('a sign-in that failed is explained, and can be tried again: %o', async (error, said) => {
  await openForm(failingWith(error));
  await click('Sign in with OpenRouter');
  await settle();
  expect(document.querySelector('[role=alert]')?.textContent).toContain(said);
  expect(document.querySelectorAll('[role=alert]')).toHaveLength(1);
  expect(button('Sign in with OpenRouter')).toBeDefined();
});

test('a key that was saved and does not work yet is explained as such, and the same connection is tried again', async () => {
  const background = answering(() => ({ type: 'failed', error: { code: 'payment-required', fault: 'payment' }, id }));
  await openForm(background);
  await click('Sign in with OpenRouter');
  await settle();
  expect(text()).toContain('Your OpenRouter account has no credit left.');
  expect(text()).toContain('It is saved.');
  await click('Sign in with OpenRouter');
  expect(sent(background.calls, 'connection-sign-in')[1]).toMatchObject({ id });
});

test('signing in for a connection that has a key says that it is replaced', async () => {
  const background = fakeBackground({ connections: [openrouter] });
  await openAt(`#connections/${openrouter.id}`, background);
  expect(text()).toContain('Signing in makes a new key in place of the saved one.');
});

test('a test shows what may still be spent', async () => {
  const connected = { type: 'connected', models: [], balance: { ...balance, left: money(4.25), credit: money(7.5) } };
  await openAt('#connections', fakeBackground({ connections: [openrouter] }, { 'connection-test': () => connected }));
  await click('Test');
  await settle();
  expect(text()).toContain('$4.25 left of $5.00 a month');
  expect(text()).toContain('$7.50 of credit in the account');
});

test.each([
  [{ type: 'money' }, []],
  [{ type: 'money', limit: money(5) }, []],
  [{ type: 'money', left: money(0), limit: money(5) }, ['$0.00 left of $5.00']],
  [{ type: 'money', isFreeTier: true }, ['Free tier']],
  [{ type: 'money', isFreeTier: false, credit: money(0) }, ['$0.00 of credit in the account']],
] as const)('%o is told as %o', (told, facts) => {
  expect(balanceFacts(told)).toEqual(facts);
});
