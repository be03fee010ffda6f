// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('../support/messages'));
vi.mock('webextension-polyfill', () => ({ default: {} }));

import { ConnectionForm } from '../../../components/options/ConnectionForm';
import { AiError } from '../../../protocol/errors';
import { toConnectionId } from '../../../protocol/ids';
import { limits } from '../../../protocol/limits';
import type { ConnectionOptions } from '../../../protocol/model-settings';
import type { ConnectionView } from '../../../protocol/ui-messages';
import { rowOf } from '../../../providers/catalog';
import type { CatalogRow } from '../../../providers/provider';
import { type FakeBackground, fakeBackground } from '../support/background';
import { local } from '../support/samples';
import { button, click, field, fill, findButton, settle, show, text } from '../support/screen';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function row(id: string): CatalogRow {
  const found = rowOf(id);
  if (!found) throw new Error(`${id} is no row`);
  return found;
}
const server = row('openai-compatible');
const works = { type: 'connected', models: [] } as const;
const saved = (options: ConnectionOptions): ConnectionView => ({ ...local, options });

async function open(of: CatalogRow, connection?: ConnectionView, refuse?: () => never): Promise<FakeBackground> {
  const background = fakeBackground(
    { connections: connection ? [connection] : [] },
    {
      'connection-add': refuse ?? (() => ({ ...works, id: toConnectionId('c1') })),
      'connection-update': refuse ?? (() => works),
      models: () => [{ id: 'qwen3-8b', name: 'Qwen' } as never],
    },
  );
  await show(background, <ConnectionForm row={of} connection={connection} onSaved={() => undefined} onClose={() => undefined} />);
  return background;
}

const sent = ({ calls }: FakeBackground) =>
  calls.filter(({ type }) => type === 'connection-add' || type === 'connection-update').map(({ input }) => input);
const sentOptions = (background: FakeBackground) =>
  sent(background).map((input) => (input as { readonly options?: ConnectionOptions }).options);

const summaries = () => [...document.querySelectorAll('summary')];
const disclosure = (label: string): HTMLDetailsElement => {
  const found = summaries()
    .find(({ textContent }) => textContent === label)
    ?.closest('details');
  if (!found) throw new Error(`No disclosure "${label}" among ${summaries().map(({ textContent }) => textContent)}`);
  return found;
};
/** The field of this name below a disclosure, where the name stands there several times. */
async function fillIn(label: string, name: string, value: string): Promise<void> {
  const input = [...disclosure(label).querySelectorAll('.field')]
    .find((each) => each.querySelector('label')?.textContent === name)
    ?.querySelector('input');
  if (!input) throw new Error(`No "${name}" in "${label}"`);
  input.value = value;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  await settle();
}
async function pick(content: string, size = content.length): Promise<void> {
  const input = document.querySelector<HTMLInputElement>('input[type="file"]');
  if (!input) throw new Error('There is no file to choose.');
  Object.defineProperty(input, 'files', { configurable: true, value: [{ size, text: async () => content }] });
  input.dispatchEvent(new Event('change', { bubbles: true }));
  await settle();
}

test('everything of it is folded away until it is opened', async () => {
  await open(server);
  const outside = [...document.querySelectorAll('label')].filter((label) => !label.closest('details'));
  expect(outside.map(({ textContent }) => textContent)).toEqual(['Name', 'Server address', 'API key']);
  expect([...document.querySelectorAll('details')].some((details) => details.open)).toBe(false);
});

test('what is typed is sent as options, and what is left empty is not', async () => {
  const background = await open(server);
  await fill('Server address', '127.0.0.1:8080');
  await fill('Context size', '8,192');
  await fill('Longest answer', '300');
  await fill('Stop strings', '\\nUser:\n###');
  await fill('Temperature', '0,7');
  await fill('XTC probability', '0.5');
  await fill('Headers', 'X-Team: blue');
  await click('Connect');
  expect(sentOptions(background)).toEqual([
    {
      contextTokens: 8192,
      maxOutputTokens: 300,
      stop: ['\nUser:', '###'],
      samplers: { temperature: 0.7, xtcProbability: 0.5 },
      headers: { 'X-Team': 'blue' },
    },
  ]);
});

test('what is saved is shown, and taken back by emptying it; the rest stays', async () => {
  const models = { 'qwen3-8b': { samplers: { topK: 20 } } };
  const background = await open(server, saved({ samplers: { temperature: 0.7 }, models, vendor: { other: 'x' } }));
  expect(field('Temperature').value).toBe('0.7');
  expect(text()).toContain('Sampling: 1 set');
  await fill('Temperature', '');
  await click('Connect');
  expect(sentOptions(background)).toEqual([{ models, vendor: { other: 'x' } }]);
});

test('what is wrong is said at its field, opened and focused before anything is sent; nothing typed is lost', async () => {
  const background = await open(server, local);
  await fill('Top P', '95');
  await fill('DRY base', 'much');
  expect(field('Top P').hasAttribute('aria-invalid')).toBe(false);
  await click('Connect');
  expect(sent(background)).toEqual([]);
  expect(document.activeElement).toBe(field('Top P'));
  expect(disclosure('Advanced').open && disclosure('Sampling: 2 set').open).toBe(true);
  expect(text()).toContain('A number from 0 to 1.');
  expect(field('DRY base').value).toBe('much');
  await fill('Top P', '0.95');
  expect(field('Top P').hasAttribute('aria-invalid')).toBe(false);
  expect(field('DRY base').getAttribute('aria-invalid')).toBe('true');
  expect(disclosure('Advanced').open).toBe(true);
  await fill('DRY base', '1.75');
  await click('Connect');
  expect(sentOptions(background)).toEqual([{ samplers: { topP: 0.95, dryBase: 1.75 } }]);
});

test('what the background refuses of it is said there', async () => {
  await open(server, local, () => {
    throw new AiError('invalid-request', 'No.', { field: 'options' });
  });
  await fill('Temperature', '1');
  await click('Connect');
  expect(disclosure('Advanced').textContent).toContain('Oriel cannot take this. Check it.');
  expect(field('Temperature').value).toBe('1');
});

test('a chat template is offered where Oriel writes the chat, headers where the server is the person’s own', async () => {
  const background = await open(row('koboldcpp'));
  expect(text()).not.toContain('Own headers');
  await fill('Server address', '127.0.0.1:5001');
  expect(field('Chat template').value).toBe('');
  await fill('Chat template', 'chatml');
  await click('Connect');
  expect(sentOptions(background)).toEqual([{ template: 'chatml' }]);
  await open(row('openai'));
  expect(text()).not.toContain('Chat template');
  expect(text()).not.toContain('Own headers');
});

test('a preset fills the fields; one’s own values can be chosen again', async () => {
  await open(server, saved({ samplers: { temperature: 0.4, dryBase: 2 } }));
  expect(field('Preset').value).toBe('own');
  await fill('Preset', 'min-p');
  expect([field('Min P').value, field('Temperature').value, field('DRY base').value]).toEqual(['0.05', '1', '']);
  await fill('Preset', 'default');
  expect(field('Min P').value).toBe('');
  await fill('Preset', 'own');
  expect([field('Temperature').value, field('DRY base').value]).toEqual(['0.4', '2']);
});

test('the preset is known again by its values, however they are written', async () => {
  await open(server);
  expect(field('Preset').value).toBe('default');
  await fill('Top P', '0,90');
  expect(field('Preset').value).toBe('own');
  await fill('Temperature', '.2');
  expect(field('Preset').value).toBe('precise');
});

test('an imported preset says what it took and what not, and can be undone', async () => {
  await open(server, saved({ samplers: { topK: 5 }, maxOutputTokens: 100 }));
  await pick('{"temp":0.8,"min_p":0.05,"genamt":350,"max_length":8192,"no_repeat_ngram_size":0,"\\u202eevil":1}');
  expect(text()).toContain('Taken: Temperature, Min P, Longest answer, Context size.');
  expect(text()).toContain('Not taken: 2');
  expect(text()).toContain('no_repeat_ngram_size, evil');
  expect(text()).not.toContain('\u202e');
  expect([field('Temperature').value, field('Top K').value, field('Longest answer').value]).toEqual(['0.8', '', '350']);
  await click('Undo');
  expect([field('Temperature').value, field('Top K').value, field('Longest answer').value]).toEqual(['', '5', '100']);
  expect(text()).not.toContain('Taken:');
});

test.each([
  ['no preset', 'temp: 0.8', undefined, 'This is not a preset.'],
  ['a preset of other things', '{"prompts":[]}', undefined, 'No setting in this file has a field here.'],
  ['a file too large to read', '{"temp":1}', limits.presetBytes + 1, 'This is not a preset.'],
])('%s changes nothing', async (_name, content, size, said) => {
  await open(server, saved({ samplers: { topK: 5 } }));
  await pick(content, size);
  expect(document.querySelector('[role="alert"]')?.textContent).toContain(said);
  expect(field('Top K').value).toBe('5');
});

test('a preset is exported with what is set, and not while something is wrong', async () => {
  const blobs: Blob[] = [];
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
    blobs.push(blob as Blob);
    return 'blob:x';
  });
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
  await open(server);
  expect(button('Export preset').getAttribute('aria-disabled')).toBe('true');
  await fill('Temperature', '0.8');
  await fill('Context size', '4096');
  await click('Export preset');
  expect(JSON.parse((await blobs[0]?.text()) ?? '')).toEqual({ temp: 0.8, max_context_length: 4096 });
  await fill('Temperature', 'hot');
  expect(button('Export preset').getAttribute('aria-disabled')).toBe('true');
  await click('Export preset');
  expect(blobs).toHaveLength(1);
});

test('one model of a saved connection has settings of its own, until they are removed', async () => {
  const background = await open(server, local);
  const box = field('Model to set');
  box.click();
  await settle();
  box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
  await settle();
  expect(disclosure('qwen3-8b').open).toBe(true);
  await fillIn('qwen3-8b', 'Temperature', '2x');
  await click('Connect');
  expect(sent(background)).toEqual([]);
  expect(document.activeElement?.getAttribute('aria-invalid')).toBe('true');
  await fillIn('qwen3-8b', 'Temperature', '0.2');
  await click('Connect');
  expect(sentOptions(background)).toEqual([{ models: { 'qwen3-8b': { samplers: { temperature: 0.2 } } } }]);
  await click('Remove the settings of qwen3-8b');
  await click('Connect');
  expect(sentOptions(background).at(-1)).toEqual({});
});

test('before the connection is saved the model’s name is typed', async () => {
  const background = await open(server);
  await fill('Server address', '127.0.0.1:8080');
  expect(button('Set this model').getAttribute('aria-disabled')).toBe('true');
  await fill('Model to set', ' org/model ');
  await click('Set this model');
  await fillIn('org/model', 'Longest answer', '50');
  await click('Connect');
  const [options] = sentOptions(background);
  expect(Object.entries(options?.models ?? {})).toEqual([['org/model', { maxOutputTokens: 50 }]]);
});

test('a provider’s own choices follow from its row', async () => {
  const own: CatalogRow = {
    ...server,
    options: [
      { type: 'flag', name: 'trustedWorkers' },
      { type: 'choice', name: 'sort', values: ['price', 'latency'] },
      { type: 'list', name: 'workers' },
      { type: 'flag', name: 'workerBlacklist' },
      { type: 'list', name: 'withoutWords' },
    ],
  };
  const background = await open(own, saved({ vendor: { workerBlacklist: true, workers: ['old'] } }));
  expect([...field('Which provider comes first').querySelectorAll('option')].map(({ textContent }) => textContent)).toEqual([
    'As the service does it',
    'The cheapest',
    'The one that begins soonest',
  ]);
  expect(field('Volunteers by their IDs').value).toBe('old');
  expect(field('withoutWords').value).toBe('');
  for (const label of ['Trusted volunteers only', 'Ask all but these']) {
    [...document.querySelectorAll('label')]
      .find(({ textContent }) => textContent === label)
      ?.querySelector('input')
      ?.click();
    await settle();
  }
  await fill('Which provider comes first', 'latency');
  await fill('Volunteers by their IDs', 'one\n\n two ');
  await click('Connect');
  expect(sentOptions(background)).toEqual([{ vendor: { trustedWorkers: true, sort: 'latency', workers: ['one', 'two'] } }]);
});

test('a row without choices of its own shows none', async () => {
  await open(server);
  expect(document.querySelectorAll('input[type="checkbox"]')).toHaveLength(0);
  expect(findButton('Connect')).toBeDefined();
});
