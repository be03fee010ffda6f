/** A small file system of its own for a browser's profile, so that a disk can be full. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const megabyte = 1024 * 1024;

/** A file system in memory. Undefined where this process may not mount one. */
export function openDisk(megabytes: number) {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  if (status !== 0) {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  const profile = join(folder, 'profile');
  mkdirSync(profile);
  const filler = join(folder, 'filler');
  return {
    profile,
    fill() {
      const file = openSync(filler, 'a');
      for (let size = megabyte; size >= 1; size = size / 2) {
        try {
          for (;;) writeSync(file, Buffer.alloc(size));
        } catch {
          // No more of this size goes in.
        }
      }
      closeSync(file);
    },
    makeRoom: () => rmSync(filler, { force: true }),
    close() {
      spawnSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
