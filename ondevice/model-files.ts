/**
 * The model files of this device, read. Each model has a folder in the origin's private file system: `model.json` says what it is, and its
 * bytes lie in pieces that are named by where they start. Pieces, because such a file has nothing in it before it is closed: what a crash takes
 * is one piece. The engine reads them as one Blob.
 */

import type { DeviceModel, DeviceSpeed, ModelFiles, StoredModel } from '../protocol/engine';

/** What `model.json` holds. */
export interface ModelRecord {
  readonly model: DeviceModel;
  readonly isComplete: boolean;
  readonly validator?: string | undefined;
}

export type Root = () => Promise<FileSystemDirectoryHandle>;

const recordName = 'model.json';
/** What speed.ts notes; without it nothing is missing. */
export const speedName = 'speed.json';
const directoryName = 'models';
const pieceName = /^\d{15}$/;

export const originFiles: Root = () => navigator.storage.getDirectory();

export const modelsDirectory = async (root: Root): Promise<FileSystemDirectoryHandle> =>
  (await root()).getDirectoryHandle(directoryName, { create: true });

/** The name of the piece that starts at this byte: in the order of names they are in order. */
export const pieceAt = (start: number): string => String(start).padStart(15, '0');

/** Works in a service worker and in a page alike; createSyncAccessHandle would not. */
export function createModelFiles(root: Root = originFiles): ModelFiles {
  const find = async (modelId: string): Promise<StoredModel | undefined> => {
    const folder = await existing((await modelsDirectory(root)).getDirectoryHandle(modelId));
    return folder && read(folder);
  };

  return {
    find,

    async list() {
      const models: StoredModel[] = [];
      for await (const handle of (await modelsDirectory(root)).values()) {
        const stored = isFolder(handle) ? await read(handle) : undefined;
        if (stored) models.push(stored);
      }
      return models;
    },

    async open(modelId) {
      const stored = await find(modelId);
      if (!stored?.isComplete) return undefined;
      const blob = new Blob([...(await piecesIn(await (await modelsDirectory(root)).getDirectoryHandle(modelId)))]);
      return blob.size === stored.model.bytes ? blob : undefined;
    },
  };
}

/** The pieces that follow one another without a gap, from the first byte on. */
export async function piecesIn(folder: FileSystemDirectoryHandle): Promise<readonly File[]> {
  const files = new Map<string, File>();
  for await (const handle of folder.values())
    if (isFile(handle) && pieceName.test(handle.name)) files.set(handle.name, await handle.getFile());
  const pieces: File[] = [];
  let end = 0;
  for (let piece = files.get(pieceAt(end)); piece && piece.size > 0; piece = files.get(pieceAt(end))) {
    pieces.push(piece);
    end += piece.size;
  }
  return pieces;
}

// TypeScript's types of the DOM do not tell them apart by `kind`.
const isFolder = (handle: FileSystemHandle): handle is FileSystemDirectoryHandle => handle.kind === 'directory';
const isFile = (handle: FileSystemHandle): handle is FileSystemFileHandle => handle.kind === 'file';

export const sizeOf = (pieces: readonly Blob[]): number => pieces.reduce((sum, { size }) => sum + size, 0);

async function read(folder: FileSystemDirectoryHandle): Promise<StoredModel | undefined> {
  const record = await readJson<ModelRecord>(folder, recordName);
  const speed = await readJson<DeviceSpeed>(folder, speedName).catch(() => undefined);
  const receivedBytes = sizeOf(await piecesIn(folder));
  if (record) return { ...record, model: { ...record.model, speed }, receivedBytes };
  // Nobody knows any more what it was: its bytes are shown, so that they can be deleted.
  const { name } = folder;
  return receivedBytes > 0 ? { model: { id: name, name, contextTokens: 0 }, isComplete: false, receivedBytes } : undefined;
}

export const writeRecord = (folder: FileSystemDirectoryHandle, record: ModelRecord): Promise<void> =>
  writeJson(folder, recordName, record);

export async function writeJson(folder: FileSystemDirectoryHandle, name: string, value: object): Promise<void> {
  const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
  await writable.write(JSON.stringify(value));
  await writable.close();
}

/** Undefined where it is not there, where the browser or the disk ended while it was written, or something went wrong with it since. */
async function readJson<Value>(folder: FileSystemDirectoryHandle, name: string): Promise<Value | undefined> {
  const file = await existing(folder.getFileHandle(name).then((handle) => handle.getFile()));
  const text = await file?.text();
  try {
    // Oriel wrote it itself; no page and no server reaches it.
    return JSON.parse(text ?? '') as Value;
  } catch {
    return undefined;
  }
}

/** What is there, or undefined. */
export async function existing<Handle>(handle: Promise<Handle>): Promise<Handle | undefined> {
  try {
    return await handle;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
    throw error;
  }
}
