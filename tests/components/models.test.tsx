// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));
vi.mock('webextension-polyfill', () => ({ default: {} }));

import type { ImportModel } from '../../components/options/models/FromFile';
import { OptionsScreen } from '../../components/options/OptionsScreen';
import { watchRoute } from '../../components/options/route';
import type { DeviceModelView } from '../../protocol/device-messages';
import { backendError } from '../../protocol/errors';
import { toConnectionId } from '../../protocol/ids';
import { fakeBackground } from './support/background';
import { noImport } from './support/import';
import { openai } from './support/samples';
import { click, fill, settle, show, text } from './support/screen';

const smol = {
  id: 'smol',
  name: 'SmolLM2 360M',
  url: 'https://models.example/smol.gguf',
  sha256: 'a'.repeat(64),
  bytes: 386_000_000,
  contextTokens: 4096,
  licence: 'Apache-2.0',
  languages: ['en'],
};
const view = (state: DeviceModelView['state'], more: object = {}): DeviceModelView => ({ model: { ...smol, ...more }, state });

let quota: number;

beforeEach(() => {
  quota = 2_000_000_000;
  vi.useFakeTimers();
  Object.defineProperty(navigator, 'storage', {
    configurable: true,
    value: { estimate: async () => ({ quota, usage: 0 }) },
  });
});
afterEach(() => {
  vi.useRealTimers();
});

async function open(
  device: readonly DeviceModelView[],
  answers: Parameters<typeof fakeBackground>[1] = {},
  importModel: ImportModel = noImport,
) {
  const background = fakeBackground({ device }, answers);
  location.hash = '#models';
  await settle();
  await show(background, <OptionsScreen route={watchRoute()} importModel={importModel} />);
  await settle();
  const asked = () => background.calls.filter(({ type }) => type !== 'overview' && type !== 'device-engine');
  return { background, asked };
}

/** Presses a button of the dialog that asks. */
async function confirm(name: string): Promise<void> {
  const found = [...document.querySelectorAll<HTMLElement>('dialog button')].find(({ textContent }) => textContent === name);
  if (!found) throw new Error(`No dialog asks with "${name}".`);
  found.click();
  await settle();
}

test('before a download it says how much comes from where, and how much room there is', async () => {
  const { asked } = await open([view({ type: 'absent' })]);
  expect(text()).toContain('386 MB download · 4K context · Apache-2.0 licence · English');
  await click('Download');
  expect(text()).toContain('386 MB from models.example.');
  expect(text()).toContain('2 GB are free for models.');
  expect(asked()).toEqual([]);
  await confirm('Download');
  expect(asked()).toEqual([{ type: 'device-download', input: { modelId: 'smol' } }]);
});

test('a model that was tested says how it did, and the others say nothing of it', async () => {
  await open([
    view({ type: 'absent' }, { score: { right: 7, of: 30, checked: '2026-11-27' } }),
    view({ type: 'absent' }, { id: 'untested', name: 'Untested' }),
  ]);
  expect(text().match(/\d+ of \d+ everyday questions right/g)).toEqual(['7 of 30 everyday questions right']);
});

test('a model that has answered here says how fast it did, and no other a number', async () => {
  await open([
    view({ type: 'ready' }, { speed: { reads: 184.2, writes: 11.43 } }),
    view({ type: 'ready' }, { id: 'other', speed: { writes: 0.834 } }),
    view({ type: 'absent' }, { id: 'third' }),
    view({ type: 'ready' }, { id: 'fourth', speed: { reads: 20 } }),
  ]);
  expect(text()).toContain('Here it read 180 tokens a second and wrote 11.');
  expect(text()).toContain('Here it wrote 0.83 tokens a second.');
  expect(text().match(/tokens a second/g)).toHaveLength(2);
});

test('at the address of a part the whole model is offered, and a checksum given there is that part’s', async () => {
  const at = (number: number) => `https://models.example/big-0000${number}-of-00002.gguf`;
  const parts = [1, 2].map((number) => ({ url: at(number), bytes: 40 }));
  const { asked } = await open([], {
    'device-measure': () => ({ bytes: 80_000_000, parts }),
    'device-add': () => ({ modelId: 'big' }),
  });
  await fill('Address of a GGUF file', at(2));
  await fill('SHA-256 (if you know it)', 'b'.repeat(64));
  await click('Look there');
  expect(text()).toContain('Download big?');
  expect(text()).toContain('80 MB from models.example.');
  expect(text()).toContain('No checksum is known for this file.');
  await confirm('Download');
  expect(asked().at(-1)).toEqual({
    type: 'device-add',
    input: { url: at(1), bytes: 80_000_000, name: 'big', parts: [parts[0], { ...parts[1], sha256: 'b'.repeat(64) }] },
  });
});

test('what makes embeddings is connected without being the model that answers', async () => {
  const { background, asked } = await open([view({ type: 'absent' }, { makesEmbeddings: true })], {
    'connection-add': () => ({ type: 'connected', models: [], id: toConnectionId('c1') }),
  });
  await click('Download');
  await confirm('Download');
  background.push({ device: [view({ type: 'ready' }, { makesEmbeddings: true })] });
  await settle();
  const added = asked().find(({ type }) => type === 'connection-add');
  expect(added?.input).toEqual({ providerId: 'on-device', name: 'SmolLM2 360M', defaultModel: undefined });
});

test('what does not fit is not downloaded', async () => {
  quota = 100_000_000;
  const { asked } = await open([view({ type: 'absent' })]);
  await click('Download');
  expect(text()).toContain('It does not fit: only 100 MB are free.');
  await confirm('Download');
  expect(asked()).toEqual([]);
});

test('a download can be paused, resumed and given up', async () => {
  const { background, asked } = await open([view({ type: 'downloading', receivedBytes: 100_000_000 })]);
  await click('Pause');
  background.push({ device: [view({ type: 'paused', receivedBytes: 100_000_000 })] });
  await settle();
  expect(text()).toContain('100 MB of 386 MB');
  await click('Resume');
  background.push({
    device: [view({ type: 'failed', receivedBytes: 100_000_000, error: { code: 'unavailable', fault: 'no-room' } })],
  });
  await settle();
  expect(text()).toContain('There is not enough room for this model.');
  await click('Delete download');
  expect(asked().map(({ type }) => type)).toEqual(['device-pause', 'device-download', 'device-remove']);
});

test('before a model that is connected is deleted, it says what becomes of its connection', async () => {
  const connection = { ...openai, id: toConnectionId('c1'), providerId: 'on-device', defaultModel: 'smol' };
  const { background, asked } = await open([view({ type: 'ready' })]);
  background.push({ connections: [connection] });
  await settle();
  await click('Delete download');
  expect(text()).toContain('386 MB become free.');
  expect(text()).toContain('Its connection stays');
  await confirm('Delete download');
  expect(asked()).toEqual([{ type: 'device-remove', input: { modelId: 'smol' } }]);
});

test.each([
  [undefined, 'No model is in memory.'],
  [{ threads: 0, isGenerating: false, waiting: 0 }, 'No model is in memory.'],
  [
    { modelId: 'smol', threads: 1, isGenerating: false, waiting: 0 },
    'SmolLM2 360M is in memory and uses the processor, 1 thread.',
  ],
  [
    { modelId: 'smol', threads: 4, isGenerating: true, waiting: 0 },
    'SmolLM2 360M is in memory and uses the processor, 4 threads. It is answering now.',
  ],
  [{ modelId: 'smol', threads: 1, isGenerating: true, waiting: 2 }, 'It is answering now. Waiting for their turn: 2.'],
])('what computes is said: %j', async (status, said) => {
  await open([view({ type: 'ready' })], { 'device-engine': () => status });
  expect(text()).toContain(said);
});

test('the model hub is searched, and one of its files is asked about and added', async () => {
  const file = { name: 'q8.gguf', url: 'https://hub.example/q8.gguf', bytes: 5_000_000, sha256: 'b'.repeat(64) };
  const { asked } = await open([], {
    'hub-search': () => [{ id: 'owner/tiny', downloads: 1234, licence: 'mit' }],
    'hub-files': () => [file],
    'device-add': () => ({ modelId: 'q8' }),
  });
  await fill('Search for', 'tiny');
  await click('Search');
  expect(text()).toContain('1,234 downloads a month · mit licence');
  await click('Show files');
  await click('Download');
  await confirm('Download');
  expect(asked().at(-1)).toEqual({ type: 'device-add', input: { ...file, licence: 'mit' } });
});

test('a hub that finds nothing, and one that is away, are told apart', async () => {
  let answer: () => unknown = () => [];
  await open([], { 'hub-search': () => answer() });
  await fill('Search for', 'tiny');
  await click('Search');
  expect(text()).toContain('Nothing was found.');
  answer = () => Promise.reject(backendError('network', 'Away.'));
  await click('Search');
  expect(text()).toContain('The model hub cannot be reached.');
});

test('an address is looked at before it is asked about; without a checksum that is said', async () => {
  const { asked } = await open([], {
    'device-measure': () => ({ bytes: 5_000_000 }),
    'device-add': () => ({ modelId: 'own' }),
  });
  await fill('Address of a GGUF file', 'https://models.example/own%20model.gguf');
  await click('Look there');
  expect(text()).toContain('Download own model?');
  expect(text()).toContain('No checksum is known for this file.');
  await confirm('Download');
  expect(asked().at(-1)).toEqual({
    type: 'device-add',
    input: { url: 'https://models.example/own%20model.gguf', bytes: 5_000_000, name: 'own model' },
  });
});
