/** Writes model files: piece by piece, so that a download goes on where it ended, and checks them before the engine gets them. */

import type { CreateHasher, DeviceModel, ModelStore } from '../protocol/engine';
import { AiError, backendError } from '../protocol/errors';
import { countParts, describeGguf, isGguf } from './gguf';
import {
  createModelFiles,
  existing,
  modelsDirectory,
  originFiles,
  pieceAt,
  piecesIn,
  type Root,
  sizeOf,
  writeRecord,
} from './model-files';
import { filesOf } from './model-parts';

/** What a crash takes at most. */
const pieceBytes = 8 * 1024 * 1024;

export function createModelStore(createHasher: CreateHasher, root: Root = originFiles): ModelStore {
  const folderOf = async ({ id }: DeviceModel) => (await modelsDirectory(root)).getDirectoryHandle(id, { create: true });

  const remove = async (modelId: string) => {
    await existing((await modelsDirectory(root)).removeEntry(modelId, { recursive: true }));
  };

  /** Nothing is kept of a file that is not the right one. */
  const refuse = async ({ id }: DeviceModel, detail: string, field?: string): Promise<never> => {
    await remove(id);
    throw backendError('malformed', 'The model file is not the one that Oriel expects.', { detail, field });
  };

  return {
    ...createModelFiles(root),
    remove,

    async append(model, body, { until = model.bytes, validator, onProgress, signal }) {
      try {
        const folder = await folderOf(model);
        await writeRecord(folder, { model, isComplete: false, ...(validator !== undefined && { validator }) });
        const start = sizeOf(await piecesIn(folder));
        const received = await writePieces(folder, start, body, { onProgress, signal, limit: until });
        if (until !== undefined && received < until)
          throw backendError('interrupted', 'The model file ended early.', { retryable: true });
      } catch (error) {
        if (error instanceof TooLong) return refuse(model, `The file is longer than ${until} bytes.`);
        throw toStoreError(error, signal);
      }
    },

    async complete(model, signal) {
      const folder = await folderOf(model);
      const file = new Blob([...(await piecesIn(folder))]);
      const files = filesOf(file, model);
      for (const one of files) if (!(await isGguf(one))) return refuse(model, 'It is not a GGUF file.');
      if (model.bytes !== undefined && file.size !== model.bytes)
        return refuse(model, `The file has ${file.size} bytes instead of ${model.bytes}.`);
      const count = await countParts(files[0]);
      if (count !== files.length) return refuse(model, `It is one of ${count} parts.`, 'parts');
      const sums: string[] = [];
      for (const [index, one] of files.entries()) {
        const sha256 = await hashOf(one, createHasher, signal);
        const expected = model.parts ? model.parts[index]?.sha256 : model.sha256;
        if (expected !== undefined && sha256 !== expected)
          return refuse(model, `The file's SHA-256 is ${sha256} instead of ${expected}.`);
        sums.push(sha256);
      }
      const checked = model.parts
        ? { parts: model.parts.map((part, index) => ({ ...part, sha256: sums[index] })) }
        : { sha256: sums[0] };
      const known = { ...(await describeGguf(files[0], model)), ...checked, bytes: file.size };
      await writeRecord(folder, { model: known, isComplete: true });
      return known;
    },
  };
}

class TooLong extends Error {}

interface Writing {
  readonly onProgress: (receivedBytes: number) => void;
  readonly signal: AbortSignal;
  readonly limit: number | undefined;
}

/** Whatever ends it, what came until then is kept. @returns how many bytes there are now */
async function writePieces(
  folder: FileSystemDirectoryHandle,
  start: number,
  body: ReadableStream<Uint8Array>,
  { onProgress, signal, limit }: Writing,
): Promise<number> {
  const reader = body.getReader();
  const stop = () => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener('abort', stop);
  let piece: FileSystemWritableFileStream | undefined;
  let pieceStart = start;
  let received = start;
  const closePiece = async () => {
    const ending = piece;
    piece = undefined;
    await ending?.close();
  };
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) break;
      if (limit !== undefined && received + value.byteLength > limit) throw new TooLong();
      if (!piece) {
        pieceStart = received;
        piece = await (await folder.getFileHandle(pieceAt(received), { create: true })).createWritable();
      }
      await piece.write(new Uint8Array(value));
      received += value.byteLength;
      onProgress(received);
      if (received - pieceStart >= pieceBytes) await closePiece();
    }
    signal.throwIfAborted();
    return received;
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
    // A disk that is full refuses this too; then the first error is the one to tell.
    await closePiece().catch(() => undefined);
  }
}

/** In one pass over what lies on the disk: what was kept by an earlier attempt is checked as well. */
async function hashOf(file: Blob, createHasher: CreateHasher, signal: AbortSignal): Promise<string> {
  const hasher = await createHasher();
  await file.stream().pipeTo(new WritableStream<Uint8Array>({ write: (chunk) => void hasher.update(chunk) }), { signal });
  return hasher.digest('hex');
}

function toStoreError(error: unknown, signal: AbortSignal): AiError {
  if (signal.aborted) return new AiError('aborted', 'The download of the model was stopped.', { cause: error });
  if (error instanceof AiError) return error;
  if (error instanceof DOMException && error.name === 'QuotaExceededError')
    return backendError('no-room', 'There is no room for the model on this device.', { cause: error, detail: error.message });
  return backendError('interrupted', 'The download of the model broke off.', { cause: error, retryable: true });
}
