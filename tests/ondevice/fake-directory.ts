/** A folder of the origin's private file system in memory: as much of it as the model store uses. A file has nothing in it before it is closed. */

export interface FakeDirectory {
  readonly handle: FileSystemDirectoryHandle;
  /** Every file below it, by its path. */
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
  /** Makes the next writes fail as a full disk does. */
  full: boolean;
  /** The browser ends: what is open is lost. */
  crash(): void;
}

export function createFakeDirectory(): FakeDirectory {
  const files: FakeDirectory['files'] = new Map();
  const folders = new Set<string>();
  const notFound = () => new DOMException('There is no such file.', 'NotFoundError');
  let life = 0;

  const fileHandle = (path: string) => ({
    kind: 'file',
    name: path.split('/').at(-1),
    getFile: async () => new File([files.get(path) ?? new Uint8Array()], path),
    createWritable: async () => {
      const chunks: (Uint8Array<ArrayBuffer> | string)[] = [];
      const born = life;
      return {
        async write(chunk: Uint8Array<ArrayBuffer> | string) {
          if (fake.full) throw new DOMException('The disk is full.', 'QuotaExceededError');
          chunks.push(chunk);
        },
        async close() {
          if (born !== life) throw new DOMException('The browser ended.', 'InvalidStateError');
          files.set(path, new Uint8Array(await new Blob(chunks).arrayBuffer()));
        },
      };
    },
  });

  const directory = (path: string): unknown => ({
    kind: 'directory',
    name: path.split('/').at(-1),
    async getDirectoryHandle(name: string, { create = false } = {}) {
      const inner = `${path}/${name}`;
      if (!folders.has(inner) && !create) throw notFound();
      folders.add(inner);
      return directory(inner);
    },
    async getFileHandle(name: string, { create = false } = {}) {
      const inner = `${path}/${name}`;
      if (!files.has(inner) && !create) throw notFound();
      if (!files.has(inner)) files.set(inner, new Uint8Array());
      return fileHandle(inner);
    },
    async removeEntry(name: string) {
      const inner = `${path}/${name}`;
      if (!folders.delete(inner) && !files.has(inner)) throw notFound();
      for (const key of [...files.keys()]) if (key === inner || key.startsWith(`${inner}/`)) files.delete(key);
    },
    async *values() {
      const below = [...folders, ...files.keys()].filter((key) => key.startsWith(`${path}/`));
      const direct = below.filter((key) => !key.slice(path.length + 1).includes('/'));
      for (const key of direct) yield folders.has(key) ? directory(key) : fileHandle(key);
    },
  });
  const fake: FakeDirectory = {
    handle: directory('') as FileSystemDirectoryHandle,
    files,
    full: false,
    crash() {
      life += 1;
    },
  };
  return fake;
}
