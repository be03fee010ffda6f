// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));
vi.mock('webextension-polyfill', () => ({ default: {} }));

import { PopupScreen } from '../../components/popup/PopupScreen';
import { AiError } from '../../protocol/errors';
import { toConnectionId, toMicroUsd } from '../../protocol/ids';
import type { ConnectionView, FailureView, SiteView } from '../../protocol/ui-messages';
import { fakeBackground } from './support/background';
import { approval, local, openai, origin } from './support/samples';
import { click, fakeShell, field, fill, findButton, press, settle, show, text } from './support/screen';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const subject = { top: origin('https://example.com') };
const at = new Date(2026, 10, 3, 14, 2).getTime();
const connected = { connections: [openai, local], activeConnection: openai.id };
const inputs = ({ calls }: ReturnType<typeof fakeBackground>, type: string) =>
  calls.filter((call) => call.type === type).map(({ input }) => input);
const options = () => [...document.querySelectorAll('[role="option"]')].map((option) => option.textContent);

test('with nothing connected it says what to do', async () => {
  const shell = await show(fakeBackground({}, { 'tab-sites': () => [] }), <PopupScreen />);
  expect(text()).toContain('No model connected yet');
  expect(text()).toContain('No site in this tab has asked for a model.');
  await click('Set up a model');
  expect(shell.opened).toEqual(['welcome']);
});

test('changes the active connection', async () => {
  const background = fakeBackground(connected);
  await show(background, <PopupScreen />);
  expect(field('Active connection').value).toBe(openai.id);
  await fill('Active connection', local.id);
  expect(inputs(background, 'connection-use')).toEqual([{ id: local.id }]);
});

test('where nothing more can be saved, that is said above all else, and the rest is there', async () => {
  await show(fakeBackground({ ...connected, isFull: true }), <PopupScreen />);
  expect(text()).toContain('There is no room left to save anything');
  expect(field('Active connection').value).toBe(openai.id);
});

const models = [
  { id: 'gpt-5-mini', name: 'gpt-5-mini', contextTokens: 400_000, pricing: { input: toMicroUsd(0.25), output: toMicroUsd(2) } },
  { id: 'gpt-5', name: 'GPT-5 \u202ebig' },
];

test('shows the current model at once and asks for the others only when they are wanted', async () => {
  const background = fakeBackground(connected, { models: () => models });
  await show(background, <PopupScreen />);
  expect(field('Model').value).toBe('gpt-5-mini');
  expect(inputs(background, 'models')).toEqual([]);
  field('Model').click();
  await settle();
  expect(inputs(background, 'models')).toEqual([{ id: openai.id }]);
  expect(options()).toEqual(['gpt-5-mini400K context · $0.25 in, $2.00 out', 'GPT-5 big']);
  document.querySelectorAll<HTMLElement>('[role="option"]')[1]?.click();
  await settle();
  expect(inputs(background, 'model-use')).toEqual([{ id: openai.id, model: 'gpt-5' }]);
});

test('narrows the list by typing, and takes a name that is not in it', async () => {
  const background = fakeBackground(connected, { models: () => models });
  await show(background, <PopupScreen />);
  await fill('Model', 'mini');
  expect(options()).toEqual(['gpt-5-mini400K context · $0.25 in, $2.00 out', 'Use “mini”']);
  await fill('Model', 'my-own-model');
  await press('Enter', field('Model'));
  expect(inputs(background, 'model-use')).toEqual([{ id: openai.id, model: 'my-own-model' }]);
});

test('the keyboard alone chooses a model; Escape leaves it as it was', async () => {
  const background = fakeBackground(connected, { models: () => models });
  await show(background, <PopupScreen />);
  await press('ArrowDown', field('Model'));
  expect(field('Model').getAttribute('aria-expanded')).toBe('true');
  await press('Escape', field('Model'));
  expect(field('Model').getAttribute('aria-expanded')).toBe('false');
  await press('ArrowDown', field('Model'));
  await press('ArrowDown', field('Model'));
  await press('Enter', field('Model'));
  expect(inputs(background, 'model-use')).toEqual([{ id: openai.id, model: 'gpt-5' }]);
});

const many = Array.from({ length: 430 }, (_, index) => ({ id: `vendor/model-${index}`, name: `Model ${index}` }));
const shown = () => [...document.querySelectorAll('[role="option"] .option-name')].map((name) => name.textContent);
const note = () => document.querySelector('.combobox-note [role="status"]')?.textContent;

test('of hundreds of models those are drawn that can be seen; the keys and the wheel reach all of them', async () => {
  await show(fakeBackground(connected, { models: () => many }), <PopupScreen />);
  field('Model').click();
  await settle();
  expect(note()).toBe('430 models');
  expect(shown()).toHaveLength(40);
  expect(document.querySelector('[role="option"]')?.getAttribute('aria-setsize')).toBe('430');
  const list = document.querySelector('[role="listbox"]');
  list?.dispatchEvent(new Event('scroll'));
  await settle();
  expect(shown()).toHaveLength(80);
  for (let presses = 0; presses < 70; presses += 1) await press('ArrowDown', field('Model'));
  expect(document.querySelector('[aria-selected="true"] .option-name')?.textContent).toBe('Model 70');
  expect(shown().length).toBeGreaterThan(80);
  await fill('Model', 'model-42');
  expect(note()).toBe('11 of 430 models');
  expect(shown().slice(0, 2)).toEqual(['Model 42', 'Model 420']);
});

test('what the backend named last is there at once, and what it names now as soon as it has answered', async () => {
  let answer: (models: unknown) => void = () => undefined;
  const slow = new Promise((resolve) => {
    answer = resolve;
  });
  await show(fakeBackground(connected, { models: () => slow, 'models-known': () => models }), <PopupScreen />);
  field('Model').click();
  await settle();
  expect(shown()).toEqual(['gpt-5-mini', 'GPT-5 big']);
  answer([...models, { id: 'gpt-6', name: 'gpt-6' }]);
  await settle();
  expect(shown()).toEqual(['gpt-5-mini', 'GPT-5 big', 'gpt-6']);
});

test('a backend that does not answer is named, and what it named last stays', async () => {
  const failing = () => Promise.reject(new AiError('unavailable', 'no', { fault: 'network' }));
  await show(fakeBackground(connected, { models: failing, 'models-known': () => models }), <PopupScreen />);
  field('Model').click();
  await settle();
  expect(shown()).toEqual(['gpt-5-mini', 'GPT-5 big']);
  expect(text()).toContain('api.openai.com cannot be reached.');
});

test('starred models come first; the pointer and the keyboard set and take stars, and nothing jumps away meanwhile', async () => {
  const starring = { ...openai, favourites: ['vendor/model-7'] };
  const background = fakeBackground({ ...connected, connections: [starring] }, { models: () => many });
  await show(background, <PopupScreen />);
  field('Model').click();
  await settle();
  expect(shown().slice(0, 2)).toEqual(['Model 7', 'Model 0']);
  expect(document.querySelector('[role="option"]')?.textContent).toContain('Favourite');
  document.querySelectorAll<HTMLElement>('.option-star')[2]?.click();
  await settle();
  expect(inputs(background, 'model-favourite')).toEqual([{ id: openai.id, model: 'vendor/model-1', isFavourite: true }]);
  background.push({ connections: [{ ...starring, favourites: ['vendor/model-7', 'vendor/model-1'] }] });
  await settle();
  expect(shown().slice(0, 3)).toEqual(['Model 7', 'Model 0', 'Model 1']);
  await press('ArrowUp', field('Model'));
  field('Model').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', shiftKey: true, bubbles: true, cancelable: true }));
  await settle();
  expect(inputs(background, 'model-favourite').at(-1)).toEqual({ id: openai.id, model: 'vendor/model-7', isFavourite: false });
  expect(inputs(background, 'model-use')).toEqual([]);
  await press('Escape', field('Model'));
  field('Model').click();
  await settle();
  expect(shown().slice(0, 3)).toEqual(['Model 1', 'Model 7', 'Model 0']);
});

test('a price that is not known whole is not shown, least of all as nothing', async () => {
  const half = [
    { id: 'm', name: 'm', contextTokens: 8192, pricing: { input: toMicroUsd(1) } },
    { id: 'n', name: 'n' },
  ];
  await show(fakeBackground(connected, { models: () => half }), <PopupScreen />);
  field('Model').click();
  await settle();
  expect(options()).toEqual(['m8K context', 'n']);
  expect(note()).toBe('2 models');
});

test('where prices are listed, it says once what they are for; where two models have one name, their ids tell them apart', async () => {
  const twins = [...models, { id: 'other/gpt-5-mini', name: 'gpt-5-mini' }];
  await show(fakeBackground(connected, { models: () => twins }), <PopupScreen />);
  field('Model').click();
  await settle();
  expect(note()).toBe('3 models · Prices per 1M tokens');
  expect(options()).toEqual([
    'gpt-5-minigpt-5-mini400K context · $0.25 in, $2.00 out',
    'GPT-5 big',
    'gpt-5-miniother/gpt-5-mini',
  ]);
});

test('a choice is shown at once, and the last one counts while an earlier one still runs', async () => {
  const background = fakeBackground(connected, { models: () => models, 'model-use': () => new Promise(() => undefined) });
  await show(background, <PopupScreen />);
  for (const name of ['gpt-5', 'my-own']) {
    await fill('Model', name);
    await press('Enter', field('Model'));
    expect(field('Model').value).toBe(name);
  }
  expect(inputs(background, 'model-use')).toHaveLength(2);
  await fill('Active connection', local.id);
  expect(field('Model').value).toBe('qwen3-8b');
});

test.each<[SiteView['state'], string, [string, string][]]>([
  [{ type: 'none' }, 'Asks before each visit', [['Block', 'block']]],
  [{ type: 'visit', since: at }, 'Allowed for this visit', [['Revoke', 'revoke']]],
  [{ type: 'always', since: at, lastUsedAt: at }, 'Always allowed', [['Revoke', 'revoke']]],
  [{ type: 'blocked', since: at }, 'Blocked', [['Unblock', 'unblock']]],
  [{ type: 'refused', at }, 'You said no at 14:02Further requests are refused', [['Ask again', 'ask-again']]],
  [{ type: 'refused', at, asksOnceMore: true }, 'You said no at 14:02If it asks again', [['Ask again', 'ask-again']]],
  [{ type: 'insecure' }, 'This site is on your local network, unencrypted', [['Use here', 'use-here']]],
])('This site in state %j says "%s"', async (state, said, actions) => {
  const background = fakeBackground(connected, { 'tab-sites': () => [{ subject, state }] });
  await show(background, <PopupScreen />);
  expect(text()).toContain(`example.com${said}`);
  expect(inputs(background, 'tab-sites')[0]).toEqual({ tabId: 7 });
  for (const [name, action] of actions) {
    await click(name);
    expect(inputs(background, 'site-set').at(-1)).toEqual({ subject, action });
  }
});

test.each<[boolean, SiteView['promptApi'], SiteView['state']['type'], string | undefined, string | undefined]>([
  [true, undefined, 'none', 'Use my models here', 'use-oriel'],
  [true, 'browser', 'none', 'Use my models here', 'use-oriel'],
  [false, 'browser', 'none', 'Use my models here', 'use-oriel'],
  [true, 'oriel', 'none', "Use the browser's own here", 'use-browser'],
  [false, undefined, 'none', undefined, undefined],
  [true, undefined, 'blocked', undefined, undefined],
])(
  'with a model of the browser’s (%s), answered by %s, %s: the popup offers %s',
  async (hasBrowserModel, promptApi, type, name, action) => {
    const site = { subject, state: { type, since: at }, ...(promptApi && { promptApi }) } as SiteView;
    const background = fakeBackground(
      { ...connected, ...(hasBrowserModel && { hasBrowserModel }) },
      { 'tab-sites': () => [site] },
    );
    await show(background, <PopupScreen />);
    const offered = [...document.querySelectorAll('button')].map((button) => button.textContent ?? '');
    expect(offered.filter((label) => label.startsWith('Use '))).toEqual(name === undefined ? [] : [name]);
    // What the site's budget still has to do must not be left to the next test.
    if (name === undefined) return settle();
    await click(name);
    expect(inputs(background, 'site-set')).toEqual([{ subject, action }]);
  },
);

test.each([[true], [undefined]])(
  'what is done to a site in a private window (%s) is said to be done there',
  async (isPrivate) => {
    const site: SiteView = { subject, state: { type: 'visit', since: at }, ...(isPrivate && { isPrivate }) };
    const background = fakeBackground(connected, { 'tab-sites': () => [site] });
    await show(background, <PopupScreen />);
    await click('Block');
    expect(inputs(background, 'site-set')).toEqual([{ subject, action: 'block', ...(isPrivate && { isPrivate }) }]);
  },
);

test('a failure names its mend and can be dismissed', async () => {
  const failure: FailureView = {
    id: 'f1',
    at,
    subject,
    connectionId: openai.id,
    connectionName: 'OpenAI',
    error: { code: 'unavailable', fault: 'auth', detail: 'Incorrect API key' },
  };
  const background = fakeBackground({ ...connected, failures: [failure] });
  await show(background, <PopupScreen />);
  expect(text()).toContain('OpenAI rejected your key.Check the key, or make a new one.');
  const fix = [...document.querySelectorAll('a')].find((link) => link.textContent === 'Fix');
  expect(fix?.getAttribute('href')).toBe(`options.html#connections/${openai.id}`);
  await click('Dismiss');
  expect(inputs(background, 'failure-dismiss')).toEqual([{ id: 'f1' }]);
});

test('what runs can be stopped, one and all', async () => {
  const running = [{ id: 'r1', subject, model: 'gpt-5-mini', connectionName: 'OpenAI', startedAt: at }];
  const background = fakeBackground({ ...connected, running });
  await show(background, <PopupScreen />);
  await click('Stop');
  await click('Stop everything');
  expect(inputs(background, 'run-stop')).toEqual([{ id: 'r1' }]);
  expect(inputs(background, 'run-stop-all')).toHaveLength(1);
  background.push({ running: [] });
  await settle();
  expect(findButton('Stop everything')).toBeUndefined();
});

test.each([
  [{ stage: 'queued', position: 3, seconds: 40 }, 'Number 3 in the queue, about 40 sec'],
  [{ stage: 'queued', seconds: 190 }, 'In the queue, about 4 min'],
  [{ stage: 'loading' }, 'Loading the model'],
  [{ stage: 'processing' }, 'Working on it'],
] as const)('%j of what runs reads "%s"', async (progress, said) => {
  const run = { id: 'r1', subject, model: 'any', connectionName: 'AI Horde', startedAt: at };
  const background = fakeBackground({ ...connected, running: [run] });
  await show(background, <PopupScreen />);
  expect(text()).not.toContain(said);
  background.push({ running: [{ ...run, progress: { type: 'progress', ...progress } }] });
  await settle();
  expect(text()).toContain(said);
});

test('shows every card that waits, and goes dead when the list above it moves', async () => {
  const second = approval({
    id: approval().id.replace('1', '2') as never,
    createdAt: 2,
    subject: { top: origin('https://b.example') },
  });
  const background = fakeBackground({ ...connected, approvals: [second, approval()] });
  await show(background, <PopupScreen />);
  const headings = () => [...document.querySelectorAll('article h3')].map((heading) => heading.textContent);
  expect(headings()).toEqual(['example.com wants to use your AI', 'b.example wants to use your AI']);
  await settle(700);
  background.push({ approvals: [second] });
  await settle();
  expect(headings()).toEqual(['b.example wants to use your AI']);
  await click('Always allow');
  expect(inputs(background, 'approval-decide')).toEqual([]);
});

/** The shell over a tab without Oriel in its page. */
const withoutOriel = () => ({ ...fakeShell(), isInTab: async () => false });

test('over a page from before Oriel was installed it offers to reload it, and closes', async () => {
  const background = fakeBackground(connected, { 'tab-sites': () => [], 'tab-opened-before': () => true });
  const shell = await show(background, <PopupScreen />, withoutOriel());
  await settle();
  expect(text()).toContain('This page was open before Oriel was installed or updated.');
  await click('Reload this tab');
  expect(inputs(background, 'tab-reload')).toEqual([{ tabId: 7 }]);
  expect(shell.closed()).toBe(1);
});

test('over a page of the browser itself it says that Oriel cannot be used there', async () => {
  const answers = { 'tab-sites': () => [], 'tab-opened-before': () => false };
  await show(fakeBackground(connected, answers), <PopupScreen />, withoutOriel());
  await settle();
  expect(text()).toContain('Oriel cannot be used on this page.');
  expect(findButton('Reload this tab')).toBeUndefined();
});

const failed: FailureView = {
  id: 'f1',
  at,
  subject,
  connectionId: openai.id,
  connectionName: 'OpenAI',
  error: { code: 'unavailable', fault: 'auth' },
};

const volunteers: ConnectionView = { ...openai, id: toConnectionId('c-horde'), name: 'AI Horde', place: 'volunteers' };
const broken: ConnectionView = {
  ...local,
  id: toConnectionId('c-broken'),
  name: 'Broken',
  state: { type: 'needs-attention', error: failed.error },
};

test('a failure of what answers offers another connection that works, which takes its place', async () => {
  const connections = [openai, volunteers, broken, local];
  const background = fakeBackground({ ...connected, connections, activeConnection: openai.id, failures: [failed] });
  await show(background, <PopupScreen />);
  await click('Use Desk server instead');
  expect(inputs(background, 'connection-use')).toEqual([{ id: local.id }]);
  expect(inputs(background, 'failure-dismiss')).toEqual([{ id: 'f1' }]);
});

test.each([
  ['no other works', { connections: [openai, volunteers, broken], activeConnection: openai.id }],
  ['another answers already', { connections: [openai, local], activeConnection: local.id }],
])('where %s, a failure offers no other connection', async (_, start) => {
  await show(fakeBackground({ ...connected, ...start, failures: [failed] }), <PopupScreen />);
  expect(findButton('Dismiss')).toBeDefined();
  expect([...document.querySelectorAll('.notice-actions button')].map(({ textContent }) => textContent)).toEqual(['Dismiss']);
});

test.each([
  [false, true],
  [true, false],
])('beside a failure, where notifications are %s, offering them is %s', async (isOn, isOffered) => {
  const set = vi.fn(async (on: boolean) => on);
  const shell = { ...fakeShell(), notifications: { isOn: async () => isOn, set } };
  await show(fakeBackground({ ...connected, failures: [failed] }), <PopupScreen />, shell);
  await settle();
  expect(findButton('Tell me when it happens again') !== undefined).toBe(isOffered);
  if (!isOffered) return;
  await click('Tell me when it happens again');
  expect(set).toHaveBeenCalledExactlyOnceWith(true);
  expect(findButton('Tell me when it happens again')).toBeUndefined();
});
