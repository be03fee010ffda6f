// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));
vi.mock('webextension-polyfill', () => ({ default: {} }));

import { OptionsScreen } from '../../components/options/OptionsScreen';
import { watchRoute } from '../../components/options/route';
import type { DeviceModelView } from '../../protocol/device-messages';
import { backendError } from '../../protocol/errors';
import { toConnectionId } from '../../protocol/ids';
import { fakeBackground } from './support/background';
import { noImport } from './support/import';
import { openai } from './support/samples';
import { click, fill, findButton, settle, show, text } from './support/screen';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const model = {
  id: 'smol',
  name: 'SmolLM2 360M',
  url: 'https://models.example/smol.gguf',
  sha256: 'a',
  bytes: 271_000_000,
  contextTokens: 8192,
  licence: 'Apache 2.0',
};
const device = (state: DeviceModelView['state']): readonly DeviceModelView[] => [{ model, state }];
const absent = { type: 'absent' } as const;

type Answers = Parameters<typeof fakeBackground>[1];

async function open(answers: Answers = {}) {
  const added = { type: 'connected', models: [], id: toConnectionId('c1') };
  const background = fakeBackground({ device: device(absent) }, { 'connection-add': () => added, ...answers });
  location.hash = '#connections/add';
  await settle();
  await show(background, <OptionsScreen route={watchRoute()} importModel={noImport} />);
  await fill('Provider', 'on-device');
  const asked = () => background.calls.map(({ type }) => type).filter((type) => type !== 'overview');
  return { background, asked };
}

test('says size and licence before, progress while, and connects when the model is there', async () => {
  const { background, asked } = await open({
    'device-download': () => new Promise(() => undefined),
  });
  expect(text()).toContain('271 MB download · 8K context · Apache 2.0 licence');
  await click('Download and connect');
  background.push({ device: device({ type: 'downloading', receivedBytes: 100_000_000 }) });
  await settle();
  const progress = document.querySelector('progress');
  expect([progress?.value, progress?.max]).toEqual([100_000_000, 271_000_000]);
  expect(progress?.getAttribute('aria-label')).toBe('Downloading SmolLM2 360M');
  expect(text()).toContain('100 MB of 271 MB');
  background.push({ device: device({ type: 'ready' }) });
  await settle();
  expect(asked()).toEqual(['device-download', 'connection-add']);
  expect(background.calls.at(-1)?.input).toEqual({ providerId: 'on-device', name: 'SmolLM2 360M', defaultModel: 'smol' });
  const connection = { ...openai, id: toConnectionId('c1'), providerId: 'on-device', defaultModel: 'smol' };
  background.push({ connections: [connection] });
  await settle();
  await settle();
  expect(document.querySelector('dialog')).toBeNull();
  expect(asked()).toHaveLength(2);
});

test('goes on while the dialog is closed', async () => {
  const { background, asked } = await open({ 'device-download': () => new Promise(() => undefined) });
  await click('Download and connect');
  background.push({ device: device({ type: 'downloading', receivedBytes: 1 }) });
  await settle();
  await click('Close');
  await settle();
  expect(document.querySelector('dialog')).toBeNull();
  expect(document.querySelector('progress')).not.toBeNull();
  background.push({ device: device({ type: 'ready' }) });
  await settle();
  expect(asked()).toEqual(['device-download', 'connection-add']);
});

test('a cancelled download connects nothing and is no failure', async () => {
  const { background, asked } = await open({ 'device-download': () => new Promise(() => undefined) });
  await click('Download and connect');
  background.push({ device: device({ type: 'downloading', receivedBytes: 1 }) });
  await settle();
  await click('Cancel');
  background.push({ device: device({ type: 'ready' }) });
  await settle();
  expect(asked()).toEqual(['device-download', 'device-remove']);
  expect(document.querySelector('.notice')).toBeNull();
});

test('a failed download says why and can be tried again', async () => {
  const { asked } = await open({
    'device-download': () => {
      throw backendError('network', 'No.');
    },
  });
  await click('Download and connect');
  expect(text()).toContain('models.example cannot be reached.');
  await click('Download and connect');
  expect(asked()).toEqual(['device-download', 'device-download']);
});

test('a model that lies here unused can be connected or deleted', async () => {
  const added = { type: 'connected', models: [], id: toConnectionId('c1') };
  const background = fakeBackground({ device: device({ type: 'ready' }) }, { 'connection-add': () => added });
  location.hash = '#connections';
  await settle();
  await show(background, <OptionsScreen route={watchRoute()} importModel={noImport} />);
  expect(findButton('Download and connect')).toBeUndefined();
  await click('Connect');
  await click('Delete download');
  expect(background.calls.map(({ type }) => type)).toEqual(['overview', 'connection-add', 'device-remove']);
});

test('where a model is wanted that answers, one that only makes embeddings is not offered', async () => {
  const embedder = { ...model, id: 'bge', name: 'BGE small', makesEmbeddings: true };
  const views = [...device(absent), { model: embedder, state: absent }];
  const background = fakeBackground({ device: views });
  location.hash = '#connections/add';
  await settle();
  await show(background, <OptionsScreen route={watchRoute()} importModel={noImport} />);
  await settle();
  await fill('Provider', 'on-device');
  await settle();
  expect(text()).toContain('SmolLM2 360M');
  expect(text()).not.toContain('BGE small');
});
