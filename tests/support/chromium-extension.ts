/** What both ways of driving Chromium share: the command line and the id of an unpacked extension. */
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { LaunchOptions } from './browser';

/** The arguments for a Chromium with one unpacked extension and `*.test` on this machine. */
export function chromiumArguments(
  extension: string,
  { vendors, visible = false, openBefore, chromiumArguments: more = [] }: LaunchOptions = {},
): string[] {
  return [
    ...(visible ? [] : ['--headless=new', '--disable-gpu']),
    // Root has no sandbox; a person who sees the window has one.
    ...(visible && process.getuid?.() !== 0 ? [] : ['--no-sandbox']),
    '--disable-quic',
    '--window-size=1280,800',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-search-engine-choice-screen',
    '--disable-features=DisableLoadExtensionCommandLineSwitch',
    '--host-resolver-rules=MAP *.test 127.0.0.1',
    ...(openBefore === undefined ? [`--disable-extensions-except=${extension}`, `--load-extension=${extension}`] : []),
    ...(vendors ? [`--proxy-server=https=127.0.0.1:${vendors.port}`, '--ignore-certificate-errors'] : []),
    ...more,
  ];
}

/** The id that Chromium gives: the hash of the manifest's key, or of the folder's path where there is none. */
export function chromiumExtensionId(extension: string): string {
  const manifest = JSON.parse(readFileSync(join(extension, 'manifest.json'), 'utf8')) as { key?: string };
  const source = manifest.key === undefined ? realpathSync(extension) : Buffer.from(manifest.key, 'base64');
  const digits = createHash('sha256').update(source).digest('hex').slice(0, 32);
  return [...digits].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 16))).join('');
}
