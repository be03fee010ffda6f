// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));
vi.mock('webextension-polyfill', () => ({ default: {} }));

import { WelcomeScreen } from '../../components/welcome/WelcomeScreen';
import { AiError, backendError } from '../../protocol/errors';
import { toConnectionId } from '../../protocol/ids';
import type { ConnectionView, Overview, UiCall } from '../../protocol/ui-messages';
import { fakeBackground } from './support/background';
import { approval, local, openai } from './support/samples';
import { click, fakeShell, field, fill, findButton, settle, show, text } from './support/screen';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const id = toConnectionId('c-new');
const added = { type: 'connected', models: [], id };
const connected: Partial<Overview> = { connections: [local], activeConnection: local.id };
const server = { providerId: 'ollama', baseUrl: 'http://127.0.0.1:11434', models: ['qwen3:8b'] };
const sent = (calls: readonly UiCall[], type: UiCall['type']) =>
  calls.filter((call) => call.type === type).map(({ input }) => input);
const heading = () => document.querySelector('h1')?.textContent;

type Answers = Parameters<typeof fakeBackground>[1];

/** A first run in which whatever is added becomes the active connection. */
async function open(answers: Answers = {}, start: Partial<Overview> = {}, shell = fakeShell()) {
  const background = fakeBackground(start, {
    'connection-add': () => added,
    'connection-use': () => background.push({ connections: [{ ...local, id }], activeConnection: id }),
    'find-servers': () => [],
    ...answers,
  });
  await show(background, <WelcomeScreen />, shell);
  // What the browser tells comes a moment later.
  await settle();
  return { background, shell, calls: background.calls };
}

test('nothing is asked of this computer before its door is opened, and then at once', async () => {
  const { calls } = await open({ 'find-servers': () => [server] });
  expect(sent(calls, 'find-servers')).toEqual([]);
  await click('On this computer');
  expect(sent(calls, 'find-servers')).toHaveLength(1);
  expect(text()).toContain('Ollama at 127.0.0.1:11434');
});

test('one press on a found server connects it under its name and makes it the one that answers', async () => {
  const { calls } = await open({ 'find-servers': () => [server] }, connected);
  // Something else answers already.
  await click('Connect another model');
  await click('On this computer');
  await click('Connect');
  expect(sent(calls, 'connection-add')).toEqual([{ providerId: 'ollama', baseUrl: server.baseUrl, name: 'Ollama' }]);
  expect(sent(calls, 'connection-use')).toEqual([{ id }]);
  expect(heading()).toBe('Desk server is connected');
});

test('doors: one is open at a time, and pressed again it closes', async () => {
  await open();
  const open1 = () => [...document.querySelectorAll('[aria-expanded="true"]')].map(({ textContent }) => textContent);
  expect(open1()).toEqual([]);
  await click('Sign in');
  expect(open1()).toEqual(['Sign in']);
  await click('AI Horde');
  expect(open1()).toEqual(['AI Horde']);
  await click('AI Horde');
  expect(open1()).toEqual([]);
});

test("the browser's own model is offered where there is one, and connected with one press", async () => {
  const { calls } = await open({}, { hasBrowserModel: true });
  await click('On this computer');
  expect(text()).toContain('It came with this browser');
  await click('Connect');
  expect(sent(calls, 'connection-add')).toMatchObject([{ providerId: 'browser' }]);
});

const shelf = (['test', undefined, undefined, 'recommended'] as const).map((mark, index) => ({
  model: { id: `m${index}`, name: `Model ${index}`, url: 'https://models.example/m', bytes: 1e8, ...(mark && { mark }) },
  state: { type: 'absent' as const },
})) as unknown as NonNullable<Overview['device']>;
const primary = () => [...document.querySelectorAll('.door-panel [data-kind="primary"]')].map(({ textContent }) => textContent);

test('of the models to fetch, the recommended one comes first and then the test model; the rest is behind More', async () => {
  await open({}, { device: shelf });
  await click('On this computer');
  const names = (within: string) =>
    [...document.querySelectorAll(`${within} .device-model h3`)].map(({ textContent }) => textContent);
  expect(names('.door-panel section > ul')).toEqual(['Model 3', 'Model 0']);
  expect(names('details')).toEqual(['Model 1', 'Model 2']);
  expect(primary()).toEqual(['Download and connect']);
});

test('a server that was found is the main thing to press, and a model to fetch is beside it', async () => {
  await open({ 'find-servers': () => [server] }, { device: shelf });
  await click('On this computer');
  expect(primary()).toEqual(['Connect']);
});

test.each(['chromium', 'firefox'] as const)(
  'whether pages that are open already must be reloaded is said for %s',
  async (family) => {
    await open({}, connected, { ...fakeShell(), family });
    expect(text().includes('Pages that were open before need to be reloaded once.')).toBe(family === 'chromium');
  },
);

test('a browser that runs no model promises none', async () => {
  await open();
  expect(text()).not.toContain('a small model that runs in this browser');
});

test('a key is sent to its provider and nowhere else, and where its spending ends stands beside it', async () => {
  const { calls } = await open();
  await click('I have a key or a server');
  await fill('Key or address', 'sk-or-v1-0123456789');
  expect(field('Key or address').type).toBe('password');
  expect(text()).toContain('A key from OpenRouter. It is sent to openrouter.ai and nowhere else.');
  expect([...document.querySelectorAll('a')].map(({ href }) => href)).toContain('https://openrouter.ai/settings/keys');
  await click('Connect');
  expect(sent(calls, 'connection-add')).toEqual([{ providerId: 'openrouter', name: 'OpenRouter', key: 'sk-or-v1-0123456789' }]);
});

test.each(['sk-ant-api03-0123456789', 'https://api.anthropic.com/v1'])(
  'beside "%s" stands where a key of that provider is made',
  async (typed) => {
    await open();
    await click('I have a key or a server');
    await fill('Key or address', typed);
    const link = [...document.querySelectorAll('a')].find(({ textContent }) => textContent === 'Get a key from Anthropic Claude');
    expect(link?.href).toBe('https://platform.claude.com/settings/keys');
  },
);

test('whose an ambiguous key is, is asked; those whose keys look so come first; nothing is sent before', async () => {
  const { calls } = await open();
  await click('I have a key or a server');
  await fill('Key or address', 'sk-0123456789abcdef');
  await click('Connect');
  expect(sent(calls, 'connection-add')).toEqual([]);
  expect(text()).toContain('Choose whose key it is. It is sent to nobody else.');
  const options = [...document.querySelectorAll('option')].map(({ textContent }) => textContent);
  expect(options.slice(0, 3)).toEqual(['Choose a provider', 'OpenAI', 'DeepSeek']);
  await fill('Whose key is it?', 'deepseek');
  expect(text()).toContain('DeepSeek spends only credit that was bought before.');
  await click('Connect');
  expect(sent(calls, 'connection-add')).toMatchObject([{ providerId: 'deepseek' }]);
});

test('a server behind an address is asked who it is and connected so; a locked one as the format most speak', async () => {
  const { calls } = await open({
    'identify-server': ({ address }: { address: string }) =>
      address.includes('9999') ? { type: 'locked' } : { type: 'found', server },
  });
  await click('I have a key or a server');
  await fill('Key or address', '127.0.0.1:11434');
  expect(field('Key or address').type).toBe('text');
  await click('Connect');
  expect(sent(calls, 'identify-server')).toEqual([{ address: 'http://127.0.0.1:11434' }]);
  await click('Connect another model');
  await click('I have a key or a server');
  await fill('Key or address', '127.0.0.1:9999');
  await click('Connect');
  expect(sent(calls, 'connection-add')).toEqual([
    { providerId: 'ollama', baseUrl: 'http://127.0.0.1:11434', name: 'Ollama' },
    { providerId: 'openai-compatible', baseUrl: 'http://127.0.0.1:9999', name: '127.0.0.1:9999' },
  ]);
});

test('an address that may not be used is said at its field', async () => {
  await open({
    'identify-server': () => {
      throw new AiError('invalid-request', 'No.', { field: 'baseUrl' });
    },
  });
  await click('I have a key or a server');
  await fill('Key or address', 'http://far.example');
  await click('Connect');
  expect(text()).toContain('Oriel cannot take this. Check it.');
  await fill('Key or address', 'http://far.example2');
  expect(text()).not.toContain('Oriel cannot take this.');
});

test('what is saved and does not answer shows why and the fields that mend it, and goes on from there', async () => {
  const error = backendError('auth', 'no');
  const failed = { type: 'failed', error: { code: error.code, fault: 'auth' }, id: openai.id };
  const { background, calls } = await open({
    'connection-add': () => {
      background.push({ connections: [openai], activeConnection: openai.id });
      return failed;
    },
    'connection-update': () => ({ type: 'connected', models: [] }),
    'connection-use': () => undefined,
  });
  await click('I have a key or a server');
  await fill('Key or address', 'sk-proj-0123456789');
  await click('Connect');
  expect(text()).toContain('Finish connecting OpenAI');
  expect(text()).toContain('OpenAI rejected your key.');
  await fill('API key', 'sk-proj-right-0123456789');
  await click('Connect');
  expect(sent(calls, 'connection-update')).toMatchObject([{ id: openai.id, key: 'sk-proj-right-0123456789' }]);
  expect(sent(calls, 'connection-use')).toEqual([{ id: openai.id }]);
  expect(heading()).toBe('OpenAI is connected');
});

const unfinished: ConnectionView = {
  ...local,
  id: toConnectionId('c-left'),
  providerId: 'openai-compatible',
  name: '127.0.0.1:9999',
  baseUrl: 'http://127.0.0.1:9999/v1',
  state: { type: 'needs-attention', error: { code: 'unavailable', fault: 'secret-missing' } as never },
};

test('what was saved and does not answer yet is still there after a reload, and gone on with', async () => {
  const { calls } = await open(
    { 'connection-update': () => ({ type: 'connected', models: [] }) },
    { connections: [unfinished], activeConnection: unfinished.id },
  );
  expect(text()).toContain('Finish connecting 127.0.0.1:9999');
  expect(text()).toContain('127.0.0.1:9999 needs an API key.');
  await fill('API key', 'sesame-0123456789');
  await click('Connect');
  expect(sent(calls, 'connection-update')).toMatchObject([{ id: unfinished.id, key: 'sesame-0123456789' }]);
  expect(sent(calls, 'connection-add')).toEqual([]);
});

test('what was closed unfinished is named above the doors, and one press leads back to it', async () => {
  await open({}, { connections: [unfinished], activeConnection: unfinished.id });
  await click('Close');
  expect(document.activeElement?.textContent).toBe('Where is your model?');
  expect(text()).toContain('Saved, and not answering yet:');
  await click('Finish connecting 127.0.0.1:9999');
  expect(document.activeElement?.textContent).toBe('Finish connecting 127.0.0.1:9999');
  expect(text()).toContain('127.0.0.1:9999 needs an API key.');
});

test('a model on this device that does not answer leads to the doors, behind which it is fetched', async () => {
  const device: ConnectionView = { ...unfinished, providerId: 'on-device', baseUrl: undefined };
  await open({}, { connections: [device], activeConnection: device.id });
  expect(findButton('On this computer')).toBeDefined();
});

test.each(['127.0.0.1:9999', 'http://localhost:9999/v1'])(
  'an address typed again (%s) goes on with the connection that is there',
  async (typed) => {
    const { calls } = await open(
      { 'identify-server': () => ({ type: 'locked' }), 'connection-test': () => ({ type: 'connected', models: [] }) },
      { connections: [unfinished], activeConnection: unfinished.id },
    );
    await click('Close');
    await click('I have a key or a server');
    await fill('Key or address', typed);
    await click('Connect');
    expect(sent(calls, 'connection-add')).toEqual([]);
    expect(sent(calls, 'connection-test')).toEqual([{ id: unfinished.id }]);
    expect(sent(calls, 'connection-use')).toEqual([{ id: unfinished.id }]);
  },
);

test('another key mends the account whose first one never worked, and is a second account beside one that works', async () => {
  const typeKey = async (start: ConnectionView) => {
    const { calls } = await open(
      { 'connection-update': () => ({ type: 'connected', models: [] }) },
      { connections: [start, local], activeConnection: local.id },
    );
    await click('Connect another model');
    await click('I have a key or a server');
    await fill('Key or address', 'sk-proj-0123456789');
    await click('Connect');
    return [sent(calls, 'connection-update'), sent(calls, 'connection-add')].map(({ length }) => length);
  };
  expect(await typeKey({ ...openai, state: unfinished.state })).toEqual([1, 0]);
  expect(await typeKey(openai)).toEqual([0, 1]);
});

test('AI Horde is never chosen beforehand, and used only where its button is pressed', async () => {
  const { calls } = await open();
  await click('AI Horde');
  expect(text()).toContain('Whoever runs one can read what sites ask and what is answered.');
  expect(sent(calls, 'connection-add')).toEqual([]);
  await click('Use AI Horde');
  expect(sent(calls, 'connection-add')).toEqual([{ providerId: 'ai-horde', name: 'AI Horde' }]);
});

test('"Pin Oriel" stays while it is not pinned, and says when it is', async () => {
  const shell = fakeShell();
  shell.state.isPinned = false;
  await open({}, connected, shell);
  expect(text()).toContain('then the pin beside Oriel');
  shell.change({ isPinned: true });
  await settle();
  expect(text()).not.toContain('Pin Oriel');
  expect(text()).toContain('Oriel is in the toolbar.');
});

test.each([true, undefined])('where it is pinned, or the browser does not tell (%s), nobody is asked to', async (isPinned) => {
  const shell = fakeShell();
  shell.state.isPinned = isPinned;
  await open({}, connected, shell);
  expect(text()).not.toContain('Pin Oriel');
});

test('in Firefox the way to the toolbar is another', async () => {
  const shell = { ...fakeShell(), family: 'firefox' as const };
  shell.state.isPinned = false;
  await open({}, connected, shell);
  expect(text()).toContain('“Pin to Toolbar”');
});

test('where the browser keeps Oriel off web pages it is said, and how to give it by hand where the question was answered with no', async () => {
  const shell = fakeShell();
  Object.assign(shell.state, { hasAccess: false, givesAccess: false });
  await open({}, {}, shell);
  expect(text()).toContain('Your browser keeps Oriel off web pages');
  await click('Let it in on all sites');
  expect(text()).toContain('It was not given. Open chrome://extensions');
  shell.change({ hasAccess: true });
  await settle();
  expect(text()).not.toContain('Your browser keeps Oriel off web pages');
  expect(text()).toContain('Oriel can be found by web pages now.');
});

test.each([
  ['AI Horde', 'Use AI Horde', undefined],
  ['I have a key or a server', 'Connect', 'sk-or-v1-0123456789abcdef'],
  ['I have a key or a server', 'Connect', 'https://llm.example.com/v1'],
])(
  '%s: nothing is connected, and nothing asked, before the person has agreed that data leave this computer (%s)',
  async (door, press, typed) => {
    const shell = fakeShell();
    shell.state.agrees = false;
    const { calls } = await open({}, {}, shell);
    const before = calls.length;
    await click(door);
    if (typed !== undefined) await fill('Key or address', typed);
    await click(press);
    await settle();
    expect(text()).toContain('You have not agreed that what is asked may leave this computer.');
    expect(calls.slice(before).map(({ type }) => type)).toEqual([]);
    expect(shell.state.asked).toBe(1);
  },
);

const waitsUnanswered = approval({ answeredBy: undefined });

test('a site that waits is named before, decided here once a model is there, and led back to', async () => {
  const { background, shell, calls } = await open({}, { approvals: [waitsUnanswered] });
  expect(text()).toContain('example.com waits for an answer.');
  background.push({ connections: [local], activeConnection: local.id, approvals: [approval()] });
  await click('AI Horde');
  await click('Use AI Horde');
  await settle(1000);
  await click('Allow this visit');
  expect(sent(calls, 'approval-decide')).toMatchObject([{ decision: 'allow-visit' }]);
  background.push({ approvals: [] });
  await settle();
  expect(text()).toContain('Allowed. example.com gets its answer now.');
  expect(document.activeElement?.textContent).toBe('Back to example.com');
  await click('Back to example.com');
  expect(shell.tabs).toEqual([5]);
});

test('a site that was told no, or waits no more, is not said to get an answer', async () => {
  const { background } = await open({}, { ...connected, approvals: [approval()] });
  await click("Don't allow");
  background.push({ approvals: [] });
  await settle();
  expect(text()).toContain('example.com was told no.');
  background.push({ approvals: [approval({ id: 'a2' as never })] });
  await settle();
  background.push({ approvals: [] });
  await settle();
  expect(text()).toContain('example.com no longer waits. Ask there again.');
});

test('while the vault is locked nothing is shown but the way to open it', async () => {
  await open({}, { vault: { type: 'locked' } as never });
  expect(findButton('On this computer')).toBeUndefined();
});
