/**
 * The adapters against a real llama.cpp server with a tiny model: OpenAI's Chat Completions and Anthropic's Messages on its own wire. The server is
 * built once from the source inside the npm package `node-llama-cpp` (scripts/llama-server.mjs), or named by ORIEL_LLAMA_SERVER.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toConnectionId } from '../../protocol/ids';
import { createProvider } from '../../providers/create-provider';
// @ts-expect-error: a script without types
import { llamaServer } from '../../scripts/llama-server.mjs';
import { ask, collect, knownRow, noEngine, noSocket, run } from './replay';

const model = new URL('../../../shared/data/stories260K.gguf', import.meta.url).pathname;
const binary: string | undefined = await llamaServer();
if (!binary)
  console.log('No llama.cpp server: it cannot be built here (cmake and a C++ compiler are needed). Its tests are skipped.');

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.skipIf(!binary)('a real llama.cpp server', { timeout: 60_000 }, () => {
  let child: ChildProcess;
  let origin = '';

  beforeAll(async () => {
    const port = await freePort();
    origin = `http://127.0.0.1:${port}`;
    const args = [
      '-m',
      model,
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '-c',
      '512',
      '-t',
      '1',
      '-np',
      '2',
      '--api-key',
      'secret',
    ];
    child = spawn(binary as string, args, { stdio: 'ignore' });
    for (let tries = 0; tries < 100; tries += 1) {
      if ((await fetch(`${origin}/health`).catch(() => undefined))?.ok) return;
      await delay(100);
    }
    throw new Error('The server did not start.');
  }, 60_000);
  afterAll(() => void child?.kill());

  const providerTo = (rowId: string, path: string, key = 'secret') => {
    const row = knownRow(rowId);
    const header = row.auth.type === 'header' ? { [row.auth.header]: row.auth.prefix + key } : {};
    return createProvider(row, {
      connection: { id: toConnectionId('c'), providerId: row.id, name: row.name, baseUrl: origin + path },
      fetch: (url, { headers, ...init } = {}) => fetch(url, { ...init, headers: { ...headers, ...header } }),
      socket: noSocket,
      engine: noEngine,
      now: Date.now,
    });
  };
  const rows = [
    ['openai-compatible', '/v1'],
    ['llama-cpp', '/v1'],
    ['anthropic-compatible', '/v1'],
  ] as const;

  test.each(rows)('%s: it lists its model and answers in pieces, with its counts and why it ended', async (row, path) => {
    const provider = providerTo(row, path);
    const [info] = await provider.models(new AbortController().signal);
    const { parts, error } = await run(
      provider,
      ask('Once upon a time', { model: info?.id ?? '', maxOutputTokens: 12, temperature: 0 }),
    );
    expect(error).toBeUndefined();
    expect(parts[0]).toMatchObject({ type: 'start' });
    expect(parts.filter(({ type }) => type === 'text-delta').length).toBeGreaterThan(2);
    expect(parts.at(-2)).toMatchObject({ type: 'usage', usage: { outputTokens: 12 } });
    expect(parts.at(-1)).toMatchObject({ type: 'finish', reason: 'length' });
  });

  test.each(rows)('%s: an abort is one, and the server goes on to answer the next', async (row, path) => {
    const provider = providerTo(row, path);
    const [info] = await provider.models(new AbortController().signal);
    const abort = new AbortController();
    const request = ask('Once upon a time', { model: info?.id ?? '', maxOutputTokens: 400 });
    const stream = provider.generate(request, abort.signal);
    const outcome = await collect(
      (async function* () {
        for await (const part of stream) {
          yield part;
          if (part.type === 'text-delta') abort.abort();
        }
      })(),
    );
    expect(outcome.error).toMatchObject({ code: 'aborted' });
    expect((await run(provider, { ...request, maxOutputTokens: 2 })).error).toBeUndefined();
  });

  test.each(rows)('%s: a wrong key is told as one', async (row, path) => {
    const { error } = await run(providerTo(row, path, 'wrong'), ask('Hi'));
    expect(error).toMatchObject({ fault: 'auth', status: 401 });
  });

  test.each(rows)('%s: a prompt that is too long is told as one', async (row, path) => {
    const { error } = await run(providerTo(row, path), ask('word '.repeat(2000), { maxOutputTokens: 5 }));
    expect(error).toMatchObject({ fault: 'context-length' });
  });
});
