/** A package of npm's registry that a test of `npm run test:full` wants as it is: a download of the test's own, fetched once, no dependency of Oriel. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the package; or why it is missing. */
export function fetchPackage(name: string, version: string): { readonly path: string } | { readonly missing: string } {
  const folder = join('node_modules', '.cache', `${name}-${version}`);
  const path = join(folder, 'node_modules', name);
  if (existsSync(path)) return { path };
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const options = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', '--save-exact'];
  try {
    execFileSync('npm', ['install', '--prefix', part, ...options, `${name}@${version}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    return { missing: `${name} ${version} could not be fetched: ${String(error).slice(0, 300)}` };
  }
  renameSync(part, folder);
  return { path };
}
