/** A model for this device, and a store of model files in memory. */
import { createHasher } from '../../../ondevice/hasher';
import { createModelStore } from '../../../ondevice/model-store';
import type { DeviceModel, ModelStore } from '../../../protocol/engine';
import { createFakeDirectory, type FakeDirectory } from '../../ondevice/fake-directory';
import { gguf } from '../../ondevice/gguf-file';
import { sha256Of } from '../../support/servers/model-hub';

/** What a model file is made of; the background never looks into it. */
export const deviceFile = gguf({ 'general.architecture': 'llama' }, 100_000);

export const deviceModel = {
  id: 'tiny',
  name: 'Tiny',
  url: 'https://hub.test/tiny.gguf',
  sha256: sha256Of(deviceFile),
  bytes: deviceFile.length,
  contextTokens: 512,
  licence: 'MIT',
} satisfies DeviceModel;

/** The same model in several files, as gguf-split writes their heads. */
export const devicePartFiles = [50_000, 30_000, 20_000].map((length, index) =>
  gguf({ 'general.architecture': 'llama', 'split.no': index, 'split.count': 3 }, length),
);
export const partName = (index: number) => `big-0000${index + 1}-of-00003.gguf`;

export interface TestStore extends ModelStore {
  readonly directory: FakeDirectory;
  /** The model is here already. */
  fill(): Promise<void>;
}

export function createStore(): TestStore {
  const directory = createFakeDirectory();
  const store = createModelStore(createHasher, async () => directory.handle);
  return {
    ...store,
    directory,
    async fill() {
      const signal = new AbortController().signal;
      await store.append(deviceModel, new Blob([deviceFile]).stream(), { onProgress: () => undefined, signal });
      await store.complete(deviceModel, signal);
    },
  };
}
