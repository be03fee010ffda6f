/**
 * SillyTavern itself, from npm's registry, for `npm run test:full`: a download of the test's own, on loopback, with a folder of its own for what it keeps.
 * It is under the AGPL; nothing of it is part of Oriel.
 */

import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './real-server';
import { poll } from './waiting';

const version = '1.19.0';

export interface SillyTavern {
  /** Under a name that the browsers count as this computer. */
  readonly origin: string;
  /** Everything its server was asked, and said. */
  said(): string;
  close(): void;
}

/** The folder of the package, which is fetched once; or why it is missing. */
function fetched(): { readonly path: string } | { readonly missing: string } {
  const folder = join('node_modules', '.cache', `sillytavern-${version}`);
  const path = join(folder, 'node_modules', 'sillytavern');
  if (existsSync(path)) return { path };
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const options = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', '--save-exact'];
  try {
    execFileSync('npm', ['install', '--prefix', part, ...options, `sillytavern@${version}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (error) {
    return { missing: `SillyTavern ${version} could not be fetched: ${String(error).slice(0, 300)}` };
  }
  renameSync(part, folder);
  return { path };
}

/** Why SillyTavern cannot be had, or undefined. */
export function missingSillyTavern(): string | undefined {
  const found = fetched();
  return 'missing' in found ? found.missing : undefined;
}

/** @param extension the folder that a person would put among its extensions */
export async function startSillyTavern(extension: string): Promise<SillyTavern> {
  const found = fetched();
  if ('missing' in found) throw new Error(found.missing);
  const folder = mkdtempSync(join(tmpdir(), 'oriel-sillytavern-'));
  const extensions = join(folder, 'data', 'default-user', 'extensions');
  mkdirSync(extensions, { recursive: true });
  cpSync(extension, join(extensions, 'oriel'), { recursive: true });
  // It asks the network for nothing. JSON is YAML.
  const config = { extensions: { autoUpdate: false, models: { autoDownload: false } }, enableDownloadableTokenizers: false };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(config));
  const port = await freePort();
  const places = ['--configPath', join(folder, 'config.yaml'), '--dataRoot', join(folder, 'data')];
  const network = ['--port', `${port}`, '--listen', 'false', '--browserLaunchEnabled', 'false'];
  const child = spawn(process.execPath, ['server.js', ...places, ...network], {
    cwd: found.path,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-100_000);
    });
  const close = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  const origin = `http://127.0.0.1:${port}`;
  try {
    await poll(
      async () => {
        if (child.exitCode !== null) throw new Error(`SillyTavern ended: ${said.slice(-2000)}`);
        return (await fetch(origin).catch(() => undefined))?.ok || undefined;
      },
      // It bundles its libraries when it starts for the first time.
      180_000,
      () => `SillyTavern did not start: ${said.slice(-2000)}`,
    );
    return { origin, said: () => said, close };
  } catch (error) {
    close();
    throw error;
  }
}
