/** A folder of the origin's private file system in memory: as much of it as the model store uses. */

export interface FakeDirectory {
  readonly handle: FileSystemDirectoryHandle;
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
  /** Makes the next writes fail as a full disk does. */
  full: boolean;
}

/** `canMove: false` is a browser without FileSystemHandle.move. */
export function createFakeDirectory({ canMove = true } = {}): FakeDirectory {
  const files: FakeDirectory['files'] = new Map();
  const notFound = () => new DOMException('There is no such file.', 'NotFoundError');

  const fileHandle = (name: string) => ({
    getFile: async () => new File([files.get(name) ?? new Uint8Array()], name),
    createWritable: async () => {
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      return new WritableStream<Uint8Array<ArrayBuffer>>({
        write(chunk) {
          if (fake.full) throw new DOMException('The disk is full.', 'QuotaExceededError');
          chunks.push(chunk);
        },
        async close() {
          files.set(name, new Uint8Array(await new Blob(chunks).arrayBuffer()));
        },
      });
    },
    ...(canMove && {
      move: async (target: string) => {
        files.set(target, files.get(name) ?? new Uint8Array());
        files.delete(name);
      },
    }),
  });

  const directory = {
    getDirectoryHandle: async () => directory,
    async getFileHandle(name: string, { create = false } = {}) {
      if (!files.has(name) && !create) throw notFound();
      if (!files.has(name)) files.set(name, new Uint8Array());
      return fileHandle(name);
    },
    async removeEntry(name: string) {
      if (!files.delete(name)) throw notFound();
    },
  };
  const fake: FakeDirectory = { handle: directory as unknown as FileSystemDirectoryHandle, files, full: false };
  return fake;
}
