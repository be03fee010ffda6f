// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));
vi.mock('webextension-polyfill', () => ({ default: {} }));

import { PopupScreen } from '../../components/popup/PopupScreen';
import { toMicroUsd } from '../../protocol/ids';
import type { FailureView, SiteView } from '../../protocol/ui-messages';
import { fakeBackground } from './support/background';
import { approval, local, openai, origin } from './support/samples';
import { click, field, fill, findButton, press, settle, show, text } from './support/screen';

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
  expect(options()).toEqual(['gpt-5-mini400K context · $0.25 in, $2.00 out per 1M', 'GPT-5 biggpt-5']);
  document.querySelectorAll<HTMLElement>('[role="option"]')[1]?.click();
  await settle();
  expect(inputs(background, 'model-use')).toEqual([{ id: openai.id, model: 'gpt-5' }]);
});

test('narrows the list by typing, and takes a name that is not in it', async () => {
  const background = fakeBackground(connected, { models: () => models });
  await show(background, <PopupScreen />);
  await fill('Model', 'mini');
  expect(options()).toEqual(['gpt-5-mini400K context · $0.25 in, $2.00 out per 1M', 'Use “mini”']);
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

test.each<[SiteView['state'], string, [string, string][]]>([
  [{ type: 'none' }, 'Asks before each visit', [['Block', 'block']]],
  [{ type: 'visit', since: at }, 'Allowed for this visit', [['Revoke', 'revoke']]],
  [{ type: 'always', since: at, lastUsedAt: at }, 'Always allowed', [['Revoke', 'revoke']]],
  [{ type: 'blocked', since: at }, 'Blocked', [['Unblock', 'unblock']]],
  [{ type: 'refused', at }, 'You said no at 14:02', [['Ask again', 'ask-again']]],
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
