/** The extension that is measured: the product as it was built, with the limits of how often a site may ask lifted, since a bench would measure the wait. */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserName } from '../tests/support/browser';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

export const builtFolder = (browser: BrowserName): string =>
  join(root, '.output', browser === 'chromium' ? 'chrome-mv3' : 'firefox-mv3');

export const standIn = (name: 'each-chunk' | 'empty-pair' | 'no-scripts'): string => join(root, 'bench', 'extensions', name);

const lifted = ['queuePerSubject', 'queueTotal', 'runsPerSubject', 'runsPerConnection', 'runsTotal', 'requestBurst'];

export interface Copy {
  readonly folder: string;
  remove(): void;
}

function copyOf(browser: BrowserName): Copy {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-bench-'));
  cpSync(builtFolder(browser), folder, { recursive: true });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Without those limits. */
export function withoutRates(browser: BrowserName): Copy {
  const copy = copyOf(browser);
  const script = join(copy.folder, 'background.js');
  let text = readFileSync(script, 'utf8');
  for (const name of lifted) {
    const before = text;
    text = text.replace(new RegExp(`\\b${name}:\\d+`), `${name}:1e6`);
    if (text === before) throw new Error(`background.js names no limit ${name}.`);
  }
  writeFileSync(script, text);
  return copy;
}

/** With both scripts of every page empty: what is left is what the browser does for its manifest and its background. */
export function withoutScripts(browser: BrowserName): Copy {
  const copy = copyOf(browser);
  for (const name of ['page.js', 'relay.js']) writeFileSync(join(copy.folder, name), '');
  return copy;
}
