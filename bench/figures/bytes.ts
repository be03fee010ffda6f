/** What the built files weigh, compressed: what each page of the web carries, and what the background starts with. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { builtFolder } from '../extension';
import type { Figure } from '../figure';
import { toRow } from '../row';

const files = [
  { file: 'relay.js', title: 'Relay in every page', goal: 1000 },
  // As the build's own ceiling, tests/build.test.ts.
  { file: 'page.js', title: 'Page script in every page', goal: 12_300 },
  { file: 'background.js', title: 'Background at its start', goal: 75_000 },
];

export const bytes: Figure = {
  name: 'bytes',
  readsFiles: true,
  measure: async ({ browser }) =>
    files.map(({ file, title, goal }) => {
      const size = gzipSync(readFileSync(join(builtFolder(browser), file)), { level: 9 }).length;
      const about = { name: file.replace('.js', '-bytes'), title: `${title}, gzip`, browser: 'build', mandatory: true } as const;
      return toRow({ ...about, unit: 'bytes', judged: 'value', goal }, [], [size]);
    }),
};
