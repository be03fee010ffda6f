/** Starts a server of somebody else's with our toy model, for the tests of `npm run test:full`. */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// @ts-expect-error: a script without types
import { writeToyModel } from '../../scripts/make-toy-model.mjs';
import { poll } from './waiting';

export interface RealServer {
  readonly origin: string;
  close(): void;
}

/**
 * @param argumentsFor what the program is called with
 * @param path what answers with status 200 or 401 once it is ready
 */
export async function startRealServer(
  program: string,
  argumentsFor: (model: string, port: number) => readonly string[],
  path: string,
): Promise<RealServer> {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-real-'));
  const model = join(folder, 'toy.gguf');
  writeToyModel(model, { isEndless: true });
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const child = spawn(program, argumentsFor(model, port), { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  const close = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await poll(
      async () => {
        if (child.exitCode !== null) throw new Error(`It ended: ${said}`);
        const status = (await fetch(origin + path).catch(() => undefined))?.status;
        return status === 200 || status === 401 || undefined;
      },
      120_000,
      () => `The server did not start: ${said}`,
    );
    return { origin, close };
  } catch (error) {
    close();
    throw error;
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
