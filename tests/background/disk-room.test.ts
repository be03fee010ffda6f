import { expect, test } from 'vitest';
import { tryDisk } from '../../background/disk-room';

/** A disk whose write fails with this, if with anything. */
function diskWith(error?: unknown) {
  const files = new Set<string>();
  const write = async () => {
    if (error) throw error;
  };
  const root = {
    async getFileHandle(name: string) {
      files.add(name);
      return { createWritable: async () => ({ write, close: async () => undefined }) };
    },
    removeEntry: async (name: string) => void files.delete(name),
  };
  return { files, storage: { getDirectory: async () => root } as unknown as StorageManager };
}

test.each([
  ['written', undefined],
  ['full', new DOMException('No room.', 'QuotaExceededError')],
  ['failed', new DOMException('Unknown failure', 'UnknownError')],
] as const)('T106 the trial is %s, and leaves nothing behind', async (trial, error) => {
  const { files, storage } = diskWith(error);
  expect(await tryDisk(storage)).toBe(trial);
  expect([...files]).toEqual([]);
});

test('T106 where there are no files at all nothing is known of the room', async () => {
  const storage = { getDirectory: () => Promise.reject(new DOMException('No.', 'SecurityError')) };
  expect(await tryDisk(storage)).toBe('failed');
});
