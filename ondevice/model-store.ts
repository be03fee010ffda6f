/** Keeps model files in the origin's private file system, named by their SHA-256; a file has its name only once it is verified. */

import type { CreateHasher, DeviceModel, Hasher, ModelStore } from '../protocol/engine';
import { AiError, backendError } from '../protocol/errors';

/** The store as the engine sees it: it can read as well. */
export interface ReadableModelStore extends ModelStore {
  /** The verified file, or undefined where it is not here. */
  open(model: DeviceModel): Promise<File | undefined>;
}

const directoryName = 'models';

/** Works in a service worker and in a page alike; createSyncAccessHandle would not. */
export function createModelStore(
  createHasher: CreateHasher,
  root: () => Promise<FileSystemDirectoryHandle> = () => navigator.storage.getDirectory(),
): ReadableModelStore {
  const directory = async () => (await root()).getDirectoryHandle(directoryName, { create: true });

  const open = async (model: DeviceModel) => {
    const file = await (await existing(await directory(), `${model.sha256}.gguf`))?.getFile();
    return file?.size === model.bytes ? file : undefined;
  };

  return {
    open,
    has: async (model) => (await open(model)) !== undefined,

    async write(model, body, onProgress, signal) {
      const models = await directory();
      const partName = `${model.sha256}.part`;
      try {
        const part = await models.getFileHandle(partName, { create: true });
        await fill(part, model, await createHasher(), body, onProgress, signal);
        await rename(models, part, `${model.sha256}.gguf`);
      } catch (error) {
        throw toStoreError(error, signal);
      } finally {
        await removeIfThere(models, partName);
      }
    },

    remove: async (model) => removeIfThere(await directory(), `${model.sha256}.gguf`),
  };
}

/** Nothing is in the file before `close`, and it is closed only when every byte is right. */
async function fill(
  part: FileSystemFileHandle,
  model: DeviceModel,
  hasher: Hasher,
  body: ReadableStream<Uint8Array>,
  onProgress: (receivedBytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const writable = await part.createWritable();
  let received = 0;
  const check = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      received += chunk.byteLength;
      if (received > model.bytes) throw malformed(`The file is longer than ${model.bytes} bytes.`);
      hasher.update(chunk);
      onProgress(received);
      controller.enqueue(new Uint8Array(chunk));
    },
    flush: () => verify(hasher, received, model),
  });
  await body.pipeThrough(check, { signal }).pipeTo(writable, { signal });
}

function verify(hasher: Hasher, received: number, model: DeviceModel): void {
  if (received !== model.bytes) throw malformed(`The file has ${received} bytes instead of ${model.bytes}.`);
  const actual = hasher.digest('hex');
  if (actual !== model.sha256) throw malformed(`The file's SHA-256 is ${actual} instead of ${model.sha256}.`);
}

function malformed(detail: string): AiError {
  return backendError('malformed', 'The downloaded model is not the file that Oriel expects.', { detail });
}

async function rename(models: FileSystemDirectoryHandle, part: FileSystemFileHandle, name: string): Promise<void> {
  if (canMove(part)) return part.move(name);
  const target = await models.getFileHandle(name, { create: true });
  const file = await part.getFile();
  await file.stream().pipeTo(await target.createWritable());
}

/** `move` is in Chromium and Firefox, but not yet in TypeScript's DOM types. */
function canMove(handle: FileSystemFileHandle): handle is FileSystemFileHandle & { move(name: string): Promise<void> } {
  return 'move' in handle;
}

async function existing(models: FileSystemDirectoryHandle, name: string): Promise<FileSystemFileHandle | undefined> {
  try {
    return await models.getFileHandle(name);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function removeIfThere(models: FileSystemDirectoryHandle, name: string): Promise<void> {
  try {
    await models.removeEntry(name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

const isNotFound = (error: unknown) => error instanceof DOMException && error.name === 'NotFoundError';

function toStoreError(error: unknown, signal: AbortSignal): AiError {
  if (signal.aborted) return new AiError('aborted', 'The download of the model was stopped.', { cause: error });
  if (error instanceof AiError) return error;
  if (error instanceof DOMException && error.name === 'QuotaExceededError') {
    return backendError('engine', 'There is no room for the model on this device.', { cause: error, detail: error.message });
  }
  return backendError('interrupted', 'The download of the model broke off.', { cause: error, retryable: true });
}
