/** Starts a server of somebody else's with our toy model, for the tests of `npm run test:full`. */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

/** With the toy model. @param argumentsFor what the program is called with */
export function startRealServer(
  program: string,
  argumentsFor: (model: string, port: number) => readonly string[],
  path: string,
): Promise<RealServer> {
  return startServer(program, path, (folder, port) => {
    const model = join(folder, 'toy.gguf');
    writeToyModel(model, { isEndless: true });
    return argumentsFor(model, port);
  });
}

/**
 * LiteLLM's proxy before those servers, which it takes for one model, with its own key and with prices. A server that fails once is left alone for
 * five seconds, as docs/beyond-one-machine.md advises. @param python has `litellm`
 */
export function startLiteLlm(python: string, ...behind: readonly RealServer[]): Promise<RealServer> {
  return startServer(python, '/v1/models', (folder, port) => {
    const file = join(folder, 'config.json');
    const info = { max_input_tokens: 512, input_cost_per_token: 0.000001, output_cost_per_token: 0.000002 };
    const list = behind.map(({ origin }) => ({
      model_name: 'toy',
      litellm_params: { model: 'openai/toy', api_base: `${origin}/v1`, api_key: 'secret' },
      model_info: info,
    }));
    const router = behind.length > 1 ? { num_retries: 3, allowed_fails: 0, cooldown_time: 5 } : {};
    const config = { model_list: list, general_settings: { master_key: 'secret' }, router_settings: router };
    // JSON is YAML.
    writeFileSync(file, JSON.stringify(config));
    const program = 'from litellm.proxy.proxy_cli import run_server; run_server()';
    return ['-c', program, '--config', file, '--host', '127.0.0.1', '--port', `${port}`];
  });
}

/** @param path what answers with status 200 or 401 once it is ready. @param prepare gives what the program is called with; its folder is removed at the end */
export async function startServer(
  program: string,
  path: string,
  prepare: (folder: string, port: number) => readonly string[],
): Promise<RealServer> {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-real-'));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  // LiteLLM would otherwise fetch its prices from the network.
  const env = { ...process.env, LITELLM_LOCAL_MODEL_COST_MAP: 'True' };
  const child = spawn(program, prepare(folder, port), { stdio: ['ignore', 'ignore', 'pipe'], env });
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
        const status = (await fetch(origin + path, { headers: { authorization: 'Bearer secret' } }).catch(() => undefined))
          ?.status;
        return status === 200 || undefined;
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

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
