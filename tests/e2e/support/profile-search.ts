/** Looks for secrets in every file of a browser's profile. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The ways in which a text may lie on a disk. */
export const encodingsOf = (name: string, text: string): Record<string, Buffer> => ({
  [name]: Buffer.from(text),
  [`${name} in UTF-16`]: Buffer.from(text, 'utf16le'),
  [`${name} in base64`]: Buffer.from(Buffer.from(text).toString('base64').replace(/=+$/, '')),
});

/** In which files each of these stands. */
export function searchProfile(folder: string, wanted: Record<string, Buffer>): Record<string, string[]> {
  const found = Object.fromEntries(Object.keys(wanted).map((name) => [name, [] as string[]]));
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = readFileSync(path);
    for (const [name, needle] of Object.entries(wanted))
      if (bytes.includes(needle)) found[name]?.push(path.slice(folder.length + 1));
  }
  return found;
}
