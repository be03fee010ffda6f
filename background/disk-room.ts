/** Whether the disk has room. A browser that cannot open its database does not say why: it has to be tried. */

export type Trial = 'written' | 'full' | 'failed';

/** With less room than this no database opens either. */
const trialBytes = 256 * 1024;
const name = 'room';

/** Writes a file and removes it. `full`: it was refused for want of room; `failed`: for whatever other reason, which Firefox gives on a full disk too. */
export async function tryDisk(disk: Pick<StorageManager, 'getDirectory'>): Promise<Trial> {
  try {
    const root = await disk.getDirectory();
    try {
      const file = await root.getFileHandle(name, { create: true });
      const writing = await file.createWritable();
      await writing.write(new Uint8Array(trialBytes));
      await writing.close();
      return 'written';
    } finally {
      await root.removeEntry(name).catch(() => undefined);
    }
  } catch (error) {
    return error instanceof DOMException && error.name === 'QuotaExceededError' ? 'full' : 'failed';
  }
}
