/** What goes into the extension beside our own code: each package by its exact version and its hash, with why. A change here is a review. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import packageJson from '../package.json';

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly hasInstallScript?: boolean;
}

const { packages } = JSON.parse(readFileSync(fileURLToPath(new URL('../package-lock.json', import.meta.url)), 'utf8')) as {
  packages: Readonly<Record<string, Locked>>;
};
const lockedOf = (name: string) => packages[`node_modules/${name}`];

/** By name: the version, the beginning of the SHA-512 that the lock file holds, and what it is for. */
const reviewed: Readonly<Record<string, readonly [version: string, hash: string, reason: string]>> = {
  '@preact/signals': ['2.11.4', 'Rb+5RPo9gWSaHtzJ', 'State of the screens.'],
  '@preact/signals-core': ['1.14.5', 'vcRv7Ityz5JVmeiV', 'Needed by @preact/signals.'],
  '@wllama/wllama': ['3.8.1', 'Pl7BEJhPU8OHnV/y', 'The engine on this device.'],
  '@wxt-dev/browser': ['0.3.6', 'HbzZ1PqG0u8+U0aB', 'Types of the browser, and the name under which its API is found.'],
  '@wxt-dev/i18n': ['0.2.7', 'aBhWJ2GFMtjyWK8Q', 'The languages of the screens.'],
  dexie: ['4.4.7', 'wemFiCl3DTCnfzyq', 'The database.'],
  'eventsource-parser': ['4.1.3', 'jZVIVilXZfAx6H20', 'Reads the events of a stream.'],
  'hash-wasm': ['4.13.0', 'GrWl7wsV46fKIXQZ', 'Argon2id for the passphrase, SHA-256 of a file that comes in pieces.'],
  preact: ['11.2.0', '/HfHI/7N84e6GrWB', 'The screens.'],
  valibot: ['1.5.0', 'nil6AkP2TChWL43Z', 'Schemas of whatever comes from outside.'],
  'webextension-polyfill': ['0.12.0', '97TBmpoWJEE+3nFB', 'One API for both browsers.'],
};
/** What packages of these need beside it: types, and what @wxt-dev/i18n does in the build, where it reads the files of messages. */
const inBuildAlone = new Set(['@types/har-format', 'chokidar', 'confbox', 'tinyglobby']);

/** These and what they need in turn. */
function closureOf(names: readonly string[]): string[] {
  const found = new Set<string>();
  const visit = (name: string) => {
    if (found.has(name) || inBuildAlone.has(name)) return;
    found.add(name);
    for (const needed of Object.keys(lockedOf(name)?.dependencies ?? {})) visit(needed);
  };
  for (const name of names) visit(name);
  return [...found].sort();
}

test('T120 what goes into the extension is what was reviewed, version and hash, and nothing else', () => {
  const shipped = closureOf(Object.keys(packageJson.dependencies));
  expect(shipped).toEqual(Object.keys(reviewed).sort());
  for (const [name, [version, hash, reason]] of Object.entries(reviewed)) {
    const locked = lockedOf(name);
    expect(locked?.version, name).toBe(version);
    expect(locked?.integrity?.slice(0, 'sha512-'.length + 16), name).toBe(`sha512-${hash}`);
    expect(locked?.hasInstallScript, name).toBeUndefined();
    expect(reason, name).toMatch(/\.$/);
  }
});

test('T120 versions are exact, and every package of the lock file has its hash', () => {
  const { dependencies, devDependencies } = packageJson;
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
    expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
  const without = Object.entries(packages).filter(([path, { integrity }]) => path !== '' && !/^sha512-/.test(integrity ?? ''));
  expect(without.map(([path]) => path)).toEqual([]);
});
