// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));
vi.mock('webextension-polyfill', () => ({ default: {} }));

import { OptionsScreen } from '../../components/options/OptionsScreen';
import { watchRoute } from '../../components/options/route';
import type { ConnectionTest } from '../../protocol/connection-test';
import { AiError } from '../../protocol/errors';
import { toConnectionId } from '../../protocol/ids';
import type { ConnectionView, UiCall } from '../../protocol/ui-messages';
import { fakeBackground } from './support/background';
import { noImport } from './support/import';
import { local, openai } from './support/samples';
import { button, click, field, fill, findButton, settle, show, text } from './support/screen';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const rejectedKey: ConnectionTest = { type: 'failed', error: { code: 'unavailable', fault: 'auth', status: 401 } };
const works: ConnectionTest = { type: 'connected', models: [] };

async function openAt(hash: string, background: ReturnType<typeof fakeBackground>) {
  location.hash = hash;
  await settle();
  return show(background, <OptionsScreen route={watchRoute()} importModel={noImport} />);
}

const sent = (calls: readonly UiCall[], type: UiCall['type']) =>
  calls.filter((call) => call.type === type).map(({ input }) => input);
const dialog = () => document.querySelector('dialog');

test('the empty page leads to the dialog', async () => {
  await openAt('#connections', fakeBackground());
  expect(text()).toContain('Connect your first model');
  await click('Add connection');
  await settle();
  expect(dialog()?.textContent).toContain('Add connection');
});

test('asks for what the provider needs, and sends what was typed', async () => {
  const background = fakeBackground({}, { 'connection-add': () => ({ ...works, id: toConnectionId('c1') }) });
  await openAt('#connections/add', background);
  expect(text()).not.toContain('Server address');
  expect(field('API key').type).toBe('password');
  expect(field('API key').autocomplete).toBe('off');
  expect(text()).toContain('The key is sent to api.openai.com and nowhere else.');
  await fill('API key', ' sk-secret ');
  await click('Connect');
  expect(sent(background.calls, 'connection-add')).toEqual([
    { providerId: 'openai', name: 'OpenAI', key: 'sk-secret', defaultModel: '' },
  ]);
  await settle();
  expect(location.hash).toBe('#connections');
});

test('stays open to say that the list does not name the typed model, and is saved', async () => {
  const added = { ...works, id: toConnectionId('c1'), unlistedModel: 'gpt-99' };
  const background = fakeBackground({}, { 'connection-add': () => added, 'connection-update': () => works });
  await openAt('#connections/add', background);
  await fill('API key', 'sk-secret');
  await click('Connect');
  await settle();
  expect(dialog()?.textContent).toContain('It is saved, and the server answered.');
  expect(dialog()?.textContent).toContain('Its list does not name the chosen model, gpt-99.');
  expect(button('Close')).toBeDefined();
  await click('Connect');
  await settle();
  expect(sent(background.calls, 'connection-update')).toHaveLength(1);
  expect(location.hash).toBe('#connections');
});

test('says what is missing at the field, before anything is sent', async () => {
  const background = fakeBackground();
  await openAt('#connections/add', background);
  await click('Connect');
  expect(field('API key').getAttribute('aria-invalid')).toBe('true');
  expect(document.activeElement).toBe(field('API key'));
  expect(text()).toContain('Paste your OpenAI key.');
  expect(sent(background.calls, 'connection-add')).toEqual([]);
  await fill('API key', 's');
  expect(field('API key').hasAttribute('aria-invalid')).toBe(false);
});

test.each([
  ['', 'Type the address of your server.'],
  ['http://', 'This is not an address.'],
  ['ftp://example.com', 'This is not an address.'],
  ['http://me:secret@example.com', 'Leave user name and password out of the address.'],
])('takes no address like "%s"', async (address, said) => {
  const background = fakeBackground();
  await openAt('#connections/add', background);
  await fill('Provider', 'openai-compatible');
  await fill('Server address', address);
  await click('Connect');
  expect(text()).toContain(said);
  expect(sent(background.calls, 'connection-add')).toEqual([]);
});

test.each([
  ['127.0.0.1:8080', 'http://127.0.0.1:8080', '127.0.0.1:8080'],
  ['llm.example.com/v1', 'https://llm.example.com/v1', 'llm.example.com'],
  [' http://127.0.0.1:8080/v1 ', 'http://127.0.0.1:8080/v1', '127.0.0.1:8080'],
])('understands the address "%s" and says where the key goes', async (typed, baseUrl, host) => {
  const background = fakeBackground({}, { 'connection-add': () => ({ ...works, id: toConnectionId('c1') }) });
  await openAt('#connections/add', background);
  await fill('Provider', 'openai-compatible');
  await fill('Server address', typed);
  expect(text()).toContain(`The key is sent to ${host} and nowhere else.`);
  await click('Connect');
  expect(sent(background.calls, 'connection-add')).toEqual([
    { providerId: 'openai-compatible', name: host, baseUrl, defaultModel: '' },
  ]);
});

test('a server of a kind without a name is called by its host, until the person names it', async () => {
  await openAt('#connections/add', fakeBackground());
  await fill('Provider', 'openai-compatible');
  expect(field('Name').value).toBe('');
  await fill('Server address', 'localhost:8080');
  expect(field('Name').value).toBe('127.0.0.1:8080');
  await fill('Server address', 'llm.example.com/v1');
  expect(field('Name').value).toBe('llm.example.com');
  await fill('Name', 'Mine');
  await fill('Server address', '127.0.0.1:9999');
  expect(field('Name').value).toBe('Mine');
});

test('a failed test keeps what was typed, says what to do, and corrects what was saved', async () => {
  const id = toConnectionId('c1');
  const background = fakeBackground({}, { 'connection-add': () => ({ ...rejectedKey, id }), 'connection-update': () => works });
  await openAt('#connections/add', background);
  await fill('API key', 'sk-wrong');
  await click('Connect');
  expect(dialog()?.textContent).toContain('OpenAI rejected your key.Check the key, or make a new one.');
  expect(field('API key').value).toBe('sk-wrong');
  await fill('API key', 'sk-right');
  await click('Connect');
  expect(sent(background.calls, 'connection-add')).toHaveLength(1);
  expect(sent(background.calls, 'connection-update')).toEqual([{ id, name: 'OpenAI', key: 'sk-right', defaultModel: '' }]);
  await settle();
  expect(dialog()).toBeNull();
});

test('what the background refuses is said at its field, and that nothing was saved', async () => {
  const refuse = () => {
    throw new AiError('invalid-request', 'No.', { field: 'baseUrl' });
  };
  const background = fakeBackground({}, { 'connection-add': refuse });
  await openAt('#connections/add', background);
  await fill('Provider', 'openai-compatible');
  await fill('Server address', 'http://127.0.0.1:1');
  await click('Connect');
  expect(field('Server address').getAttribute('aria-invalid')).toBe('true');
  expect(text()).toContain('Nothing was saved.');
});

test('editing leaves the saved key alone', async () => {
  const background = fakeBackground({ connections: [openai] }, { 'connection-update': () => works });
  await openAt(`#connections/${openai.id}`, background);
  expect(field('API key').value).toBe('');
  expect(text()).toContain('Saved, ends in …x9Qf. Leave empty to keep it.');
  await fill('Name', 'Work');
  await click('Connect');
  expect(sent(background.calls, 'connection-update')).toEqual([{ id: openai.id, name: 'Work', defaultModel: 'gpt-5-mini' }]);
});

test('a saved key can be removed where the server may need none', async () => {
  const background = fakeBackground({ connections: [{ ...local, keyEnding: 'abcd' }] }, { 'connection-update': () => works });
  await openAt(`#connections/${local.id}`, background);
  document.querySelector<HTMLInputElement>('input[type="checkbox"]')?.click();
  await settle();
  await click('Connect');
  expect(sent(background.calls, 'connection-update')).toEqual([expect.objectContaining({ key: '' })]);
});

test('T50 another address asks for its own key', async () => {
  await openAt(`#connections/${local.id}`, fakeBackground({ connections: [{ ...local, keyEnding: 'abcd' }] }));
  await fill('Server address', 'https://llm.example.com/v1');
  expect(text()).toContain('The saved key belongs to 127.0.0.1:8080. Type the key that llm.example.com asks for.');
});

test('a row says how the connection is, and what can be done', async () => {
  const broken = { ...openai, state: { type: 'needs-attention', error: rejectedKey.error } } as const;
  const background = fakeBackground(
    { connections: [broken, local], activeConnection: local.id },
    { 'connection-test': () => works },
  );
  await openAt('#connections', background);
  const [first, second] = [...document.querySelectorAll('article')].map((row) => row.textContent ?? '');
  expect(first).toMatch(/OpenAI.*Needs attention.*…x9Qf.*OpenAI rejected your key\..*Use.*Test.*Edit.*Remove/s);
  expect(second).toMatch(/Desk server.*Connected.*In use.*127\.0\.0\.1:8080/s);
  await click('Use');
  expect(sent(background.calls, 'connection-use')).toEqual([{ id: openai.id }]);
  await click('Test');
  expect(sent(background.calls, 'connection-test')).toEqual([{ id: openai.id }]);
});

test('a test says that it works although the list does not name the chosen model', async () => {
  const background = fakeBackground(
    { connections: [openai] },
    { 'connection-test': () => ({ ...works, unlistedModel: 'gpt-99\u202e' }) },
  );
  await openAt('#connections', background);
  await click('Test');
  await settle();
  expect(text()).toContain('It works. OpenAI answered.');
  expect(text()).toContain('Its list does not name the chosen model, gpt-99. Some lists are not complete');
});

test('volunteers can read what they answer, which is said before they are connected, at their row and where their kudos are told', async () => {
  const horde: ConnectionView = {
    ...{ id: toConnectionId('c-horde'), providerId: 'ai-horde', providerName: 'AI Horde', name: 'AI Horde' },
    place: 'volunteers',
    defaultModel: 'any',
    state: { type: 'connected' },
  };
  const background = fakeBackground(
    { connections: [horde] },
    { 'connection-test': () => ({ ...works, balance: { type: 'kudos', kudos: 1540.7 } }) },
  );
  await openAt('#connections', background);
  expect(document.querySelector('article')?.textContent).toContain(
    "by volunteers' computers, whose owners can read what is sent",
  );
  await click('Test');
  expect(text()).toContain('1,540 kudos');
  await click('Add connection');
  // Nobody meets it by chance.
  expect(field('Provider').value).not.toBe('ai-horde');
  expect(text()).not.toContain('Whoever runs one can read');
  await fill('Provider', 'ai-horde');
  expect(text()).toContain(
    "AI Horde answers on volunteers' computers. Whoever runs one can read what sites ask and what is answered.",
  );
  expect(text()).toContain('Leave empty to ask without an account, after everybody who has one.');
});

test('a connection is removed at once, and comes back by Undo', async () => {
  const background = fakeBackground({ connections: [openai] }, { 'connection-remove': () => ({ undo: 'u1' }) });
  await openAt('#connections', background);
  await click('Remove');
  expect(sent(background.calls, 'connection-remove')).toEqual([{ id: openai.id }]);
  expect(text()).toContain('OpenAI was removed, and its key with it.');
  expect(document.activeElement).toBe(button('Undo'));
  await click('Undo');
  expect(sent(background.calls, 'connection-restore')).toEqual([{ undo: 'u1' }]);
  expect(text()).toContain('It is back.');
  const other = fakeBackground({ connections: [local] }, { 'connection-remove': () => ({ undo: 'u2' }) });
  await openAt('#connections', other);
  await click('Remove');
  expect(text()).toContain('Desk server was removed.');
});

test('of several connections each can be moved, and the list says where it stands then', async () => {
  const background = fakeBackground({ connections: [openai, local] });
  await openAt('#connections', background);
  const named = (label: string) => [...document.querySelectorAll<HTMLElement>(`[aria-label="${label}"]`)];
  const dead = (label: string) => named(label).map((one) => one.getAttribute('aria-disabled') === 'true');
  expect(dead('Move up')).toEqual([true, false]);
  expect(dead('Move down')).toEqual([false, true]);
  named('Move up')[0]?.click();
  await settle();
  expect(sent(background.calls, 'connection-move')).toEqual([]);
  named('Move up')[1]?.click();
  await settle();
  expect(sent(background.calls, 'connection-move')).toEqual([{ id: local.id, direction: 'up' }]);
  expect(text()).toContain('Desk server is now 2 of 2.');
});

test('a single connection has nowhere to be moved, and is duplicated with one press', async () => {
  const background = fakeBackground({ connections: [openai] });
  await openAt('#connections', background);
  expect(document.querySelector('[aria-label="Move up"]')).toBeNull();
  await click('Duplicate');
  expect(sent(background.calls, 'connection-duplicate')).toEqual([{ id: openai.id }]);
});

test('a second account of a provider starts with a name of its own', async () => {
  await openAt('#connections/add', fakeBackground({ connections: [openai, { ...openai, name: 'OpenAI 2' }] }));
  await fill('Provider', 'openai');
  expect(field('Name').value).toBe('OpenAI 3');
});

test('connections can be taken along and in from their own page', async () => {
  await openAt('#connections', fakeBackground({ connections: [openai] }));
  await click('Export');
  expect(dialog()?.textContent).toContain('The file gets a passphrase of its own.');
  await openAt('#connections', fakeBackground());
  expect(findButton('Export')).toBeUndefined();
  await click('Import');
  expect(dialog()?.textContent).toContain('Import a file');
});

test('providers are listed by where they answer, and volunteers come last', async () => {
  await openAt('#connections/add', fakeBackground());
  const groups = [...document.querySelectorAll('optgroup')].map((group) => [group.label, group.children.length] as const);
  expect(groups.map(([label]) => label)).toEqual(['On this computer or your network', 'Accounts', 'Other servers', 'Volunteers']);
  const namesIn = (label: string) =>
    [...document.querySelectorAll(`optgroup[label="${label}"] option`)].map(({ textContent }) => textContent);
  expect(namesIn('On this computer or your network')).toEqual(expect.arrayContaining(['Ollama', 'KoboldCPP', 'LM Studio']));
  expect(namesIn('Accounts')).toEqual(expect.arrayContaining(['OpenAI', 'Azure OpenAI', 'Google Gemini']));
  expect(namesIn('Other servers')).toEqual(['OpenAI-compatible server', 'Anthropic-compatible server']);
  expect(namesIn('Volunteers')).toEqual(['AI Horde']);
  expect(field('Provider').value).toBe('openai');
});

test('offers a model on this device only where one can run', async () => {
  await openAt('#connections/add', fakeBackground());
  expect(text()).not.toContain('On this device');
  expect(findButton('Download and connect')).toBeUndefined();
  expect(button('Connect')).toBeDefined();
});

test('a backend off this computer is saved only after the person has agreed that data leave it; one on it is not asked about', async () => {
  const background = fakeBackground({}, { 'connection-add': () => ({ ...works, id: toConnectionId('c1') }) });
  const shell = await openAt('#connections/add', background);
  shell.state.agrees = false;
  await fill('API key', 'sk-secret');
  await click('Connect');
  await settle();
  expect(text()).toContain('You have not agreed that what is asked may leave this computer.');
  expect(text()).toContain('Nothing was saved.');
  expect(sent(background.calls, 'connection-add')).toEqual([]);
  shell.state.agrees = true;
  await click('Connect');
  await settle();
  expect(sent(background.calls, 'connection-add')).toHaveLength(1);

  const asked = shell.state.asked;
  await openAt('#connections/add', background);
  await fill('Provider', 'openai-compatible');
  await fill('Server address', '127.0.0.1:8080');
  await click('Connect');
  await settle();
  expect(sent(background.calls, 'connection-add')).toHaveLength(2);
  expect(shell.state.asked).toBe(asked);
});
