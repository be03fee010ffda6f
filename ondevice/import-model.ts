/** Brings a model file of this computer into the browser's storage, in the page in which the person chose it: no port carries a file. */

import { backendError } from '../protocol/errors';
import { newModelId } from '../protocol/model-id';
import { createHasher } from './hasher';
import { createModelStore } from './model-store';

/** What Oriel loads of a model of which nothing is known yet; its file may say less. */
const contextTokens = 4096;

/** @returns its id. Nothing of it stays where this fails. @throws AiError `no-room`, `malformed`, `aborted` */
export async function importModel(
  file: File,
  onProgress: (receivedBytes: number) => void,
  signal: AbortSignal,
  store = createModelStore(createHasher),
): Promise<string> {
  const { quota, usage = 0 } = await navigator.storage.estimate();
  if (quota !== undefined && file.size > quota - usage)
    throw backendError('no-room', 'There is no room for the model on this device.', {
      detail: `${file.size} bytes are needed, ${Math.max(quota - usage, 0)} are free.`,
    });
  const taken = (await store.list()).map(({ model }) => model.id);
  const name = file.name.replace(/\.gguf$/i, '');
  const model = { id: newModelId(name, taken), name: name.slice(0, 100), bytes: file.size, contextTokens };
  try {
    await store.append(model, file.stream(), { onProgress, signal });
    await store.complete(model, signal);
    return model.id;
  } catch (error) {
    await store.remove(model.id);
    throw error;
  }
}
