/**
 * SillyTavern itself, from npm's registry, for `npm run test:full`: a download of the test's own, on loopback, with a folder of its own for what it keeps.
 * It is under the AGPL; nothing of it is part of Oriel.
 */

import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchPackage } from './fetched-package';
import { freePort } from './real-server';
import { poll } from './waiting';

export interface SillyTavern {
  /** Under a name that the browsers count as this computer. */
  readonly origin: string;
  /** Everything its server was asked, and said. */
  said(): string;
  close(): void;
}

const fetched = () => fetchPackage('sillytavern', '1.19.0');

/** Why SillyTavern cannot be had, or undefined. */
export function missingSillyTavern(): string | undefined {
  const found = fetched();
  return 'missing' in found ? found.missing : undefined;
}

/** @param extension the folder that a person would put among its extensions; none where they install it otherwise */
export async function startSillyTavern(extension?: string): Promise<SillyTavern> {
  const found = fetched();
  if ('missing' in found) throw new Error(found.missing);
  const folder = mkdtempSync(join(tmpdir(), 'oriel-sillytavern-'));
  const extensions = join(folder, 'data', 'default-user', 'extensions');
  mkdirSync(extensions, { recursive: true });
  if (extension !== undefined) cpSync(extension, join(extensions, 'oriel'), { recursive: true });
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
