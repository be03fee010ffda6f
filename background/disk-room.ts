/** Whether the disk has room. A browser that cannot open its database does not say so: it has to be tried. */

/** Less than this and no database is opened either. */
const trialBytes = 256 * 1024;
const name = 'room';

/** False only where something was refused for want of room: of a browser that keeps no files at all nothing is known. */
export async function hasRoom(storage: Pick<StorageManager, 'getDirectory'>): Promise<boolean> {
  try {
    const root = await storage.getDirectory();
    try {
      const file = await root.getFileHandle(name, { create: true });
      const writing = await file.createWritable();
      await writing.write(new Uint8Array(trialBytes));
      await writing.close();
      return true;
    } finally {
      await root.removeEntry(name).catch(() => undefined);
    }
  } catch (error) {
    return !(error instanceof DOMException && error.name === 'QuotaExceededError');
  }
}
