/**
 * Builds the packages as strangers would: from two clean clones in different folders, and from the zip of the sources. Each installs its own npm packages,
 * which takes minutes and a registry: so only `npm run test:full` does it, or
 * `ORIEL_FULL=1 npx vitest run --project build tests/release.full.test.ts`. What is built is the commit, without what is not committed yet.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import packageJson from '../package.json';
// @ts-expect-error: a script without types
import { zipsOf } from '../scripts/release.mjs';
import { readZip, unzip } from './support/unzip';

const root = fileURLToPath(new URL('..', import.meta.url));
const minutes = 60_000;
const work = mkdtempSync(join(tmpdir(), 'oriel-release-'));
const zips: readonly string[] = zipsOf(packageJson.version);
const [, firefoxZip = '', sourcesZip = ''] = zips;

const run = (cwd: string, command: string, ...args: string[]) =>
  // Of the developer's own machine nothing may get in: neither the variables that npm hands to scripts, nor those of the test runner.
  promisify(execFile)(command, args, {
    cwd,
    maxBuffer: 2 ** 26,
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_ENV$|VITE|ORIEL_)/.test(name))),
  });
const output = (folder: string, zip: string) => join(folder, '.output', zip);
const hash = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
const hashes = (folder: string) => zips.map((zip) => `${hash(output(folder, zip))} ${zip}`);

async function cloneAndZip(name: string): Promise<string> {
  const folder = join(work, name);
  await run(work, 'git', 'clone', '--quiet', '--no-hardlinks', root, folder);
  await run(folder, 'npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline');
  await run(folder, 'npm', 'run', 'zip');
  return folder;
}

let first = '';
beforeAll(async () => {
  first = await cloneAndZip('first');
}, 10 * minutes);
// Three times all of node_modules: on a busy disk more than the usual ten seconds.
afterAll(() => rmSync(work, { recursive: true, force: true }), 2 * minutes);

test('T121 two clean clones give the same zips, byte for byte', { timeout: 10 * minutes }, async () => {
  const second = await cloneAndZip('a folder of another name');
  expect(hashes(second)).toEqual(hashes(first));
});

test('T120 T121 from the zip of the sources a stranger builds the same package for Firefox, as docs/store/source-review.md says', {
  timeout: 10 * minutes,
}, async () => {
  const folder = join(work, 'sources');
  unzip(output(first, sourcesZip), folder);
  const guide = readFileSync(join(folder, 'docs/store/source-review.md'), 'utf8');
  const [, commands = ''] = /^```sh\n([\s\S]*?)^```/m.exec(guide) ?? [];
  const lines = commands.split('\n').filter((line) => /^np[mx] /.test(line));
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) {
    const [command = '', ...args] = line.split(' ');
    await run(folder, command, ...args);
  }
  expect(hash(output(folder, firefoxZip))).toBe(hash(output(first, firefoxZip)));
});

test('the zip of the sources holds every source of the package and no secret, no log and no tests', () => {
  const names = [...readZip(output(first, sourcesZip)).keys()];
  for (const name of [
    'package-lock.json',
    'wxt.config.ts',
    'LICENSE',
    'background/handle-request.ts',
    'docs/store/source-review.md',
  ])
    expect(names).toContain(name);
  expect(names.filter((name) => /(^|\/)(\.|node_modules|coverage|tests|fixtures)|\.(env|log|pem)$/.test(name))).toEqual([]);
});
