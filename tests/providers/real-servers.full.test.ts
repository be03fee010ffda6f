/**
 * The adapters against real servers with a tiny model: llama.cpp's own, on each of its wires (Chat Completions, Responses, Messages), and Python's
 * llama-cpp-python, alone and behind LiteLLM's proxy. scripts/real-servers.mjs builds them once; where one cannot be had its tests are skipped and say why.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { toConnectionId } from '../../protocol/ids';
import { createClock } from '../../providers/clock';
import { createProvider } from '../../providers/create-provider';
import { createOpenAiResponses } from '../../providers/dialects/openai-responses';
import type { CatalogRow, Provider, ProviderContext } from '../../providers/provider';
// @ts-expect-error: a script without types
import { liteLlm, llamaPython, llamaServer } from '../../scripts/real-servers.mjs';
import { type RealServer, startLiteLlm, startRealServer } from '../support/real-server';
import { ask, collect, knownRow, noEngine, noSocket, run } from './replay';

type Found = { readonly path: string; readonly missing?: never } | { readonly missing: string };
type Connect = (base: string, key: string) => Provider;

function contextTo(row: CatalogRow, baseUrl: string, key: string): ProviderContext {
  const header = row.auth.type === 'header' ? { [row.auth.header]: row.auth.prefix + key } : {};
  return {
    connection: { id: toConnectionId('c'), providerId: row.id, name: row.name, baseUrl },
    fetch: (url, { headers, ...init } = {}) => fetch(url, { ...init, headers: { ...headers, ...header } }),
    socket: noSocket,
    engine: noEngine,
    now: Date.now,
  };
}

const byRow =
  (id: string): Connect =>
  (base, key) =>
    createProvider(knownRow(id), contextTo(knownRow(id), base, key));

/** The vendor's own row has a fixed address, and takes this API for some models only. */
const byResponses: Connect = (base, key) => {
  const row: CatalogRow = { ...knownRow('openai'), address: { type: 'asked', example: base, path: '/v1' } };
  const context = contextTo(row, base, key);
  return { ...createProvider(row, context), ...createOpenAiResponses(row, context, createClock(Date.now)) };
};

interface Wire {
  readonly name: string;
  readonly connect: Connect;
  /** Its streams count what was used. */
  readonly counts?: boolean;
  /** It says by a fault that a prompt is too long. */
  readonly refusesLong?: boolean;
}

const hello = 'Hello from the tiny model that runs on this device.';

/** What holds for every wire of every server. */
function testWires(found: Found, start: (path: string) => Promise<RealServer>, wires: readonly Wire[]): void {
  let server: RealServer | undefined;
  const connectTo = ({ connect }: Wire, key = 'secret') => connect(`${server?.origin}/v1`, key);
  const theModel = async (provider: Provider) => (await provider.models(new AbortController().signal))[0]?.id ?? '';
  const textOf = ({ parts }: Awaited<ReturnType<typeof run>>) =>
    parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');

  beforeAll(async () => {
    if (found.missing === undefined) server = await start(found.path);
  }, 180_000);
  afterAll(() => server?.close());
  beforeEach(({ skip }) => {
    if (found.missing !== undefined) skip(found.missing);
  });

  describe.each(wires)('$name', (wire) => {
    test('a prompt is answered in pieces, with its counts and why it ended', async () => {
      const provider = connectTo(wire);
      const model = await theModel(provider);
      const outcome = await run(provider, ask('Hi', { model, maxOutputTokens: 16, temperature: 0 }));
      expect(outcome.error).toBeUndefined();
      expect(outcome.parts[0]).toMatchObject({ type: 'start', warnings: [] });
      expect(outcome.parts.filter(({ type }) => type === 'text-delta').length).toBeGreaterThan(2);
      expect(textOf(outcome)).toMatch(new RegExp(`^\\s?${hello}`));
      if (wire.counts) expect(outcome.parts.at(-2)).toMatchObject({ type: 'usage', usage: { outputTokens: 16 } });
      expect(outcome.parts.at(-1)).toMatchObject({ type: 'finish', reason: 'length' });
    });

    test('a chat with its system text and its earlier answers is answered', async () => {
      const provider = connectTo(wire);
      const said = (role: 'system' | 'user' | 'assistant', text: string) => ({
        role,
        content: [{ type: 'text' as const, text }],
      });
      const messages = [
        said('system', 'Be brief.'),
        said('user', 'Hi'),
        said('assistant', 'Hello.'),
        said('user', 'Who are you?'),
      ];
      const outcome = await run(provider, { messages, model: await theModel(provider), maxOutputTokens: 16, temperature: 0 });
      expect(outcome.error).toBeUndefined();
      expect(textOf(outcome)).toContain('tiny model');
    });

    test('the answer ends before a stop sequence', async () => {
      const provider = connectTo(wire);
      const model = await theModel(provider);
      const outcome = await run(provider, ask('Hi', { model, maxOutputTokens: 64, temperature: 0, stop: [' model'] }));
      expect(outcome.error).toBeUndefined();
      expect(textOf(outcome).trim()).toBe('Hello from the tiny');
      expect(outcome.parts.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' });
    });

    test('two answers are two', async () => {
      const provider = connectTo(wire);
      const request = ask('Hi', { model: await theModel(provider), maxOutputTokens: 16, outputs: 2 });
      const { parts, error } = await run(provider, request);
      expect(error).toBeUndefined();
      expect(parts.slice(-2)).toMatchObject([{ type: 'finish' }, { type: 'finish', output: 1 }]);
    });

    test('an abort is one, and the server goes on to answer the next', async () => {
      const provider = connectTo(wire);
      const abort = new AbortController();
      const request = ask('Hi', { model: await theModel(provider), maxOutputTokens: 400 });
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
      expect((await run(provider, { ...request, maxOutputTokens: 16 })).error).toBeUndefined();
    });

    test('a wrong key is told as one', async () => {
      const { error } = await run(connectTo(wire, 'wrong'), ask('Hi'));
      expect(error).toMatchObject({ fault: 'auth' });
    });

    test('a prompt that is too long is told as one', async ({ skip }) => {
      if (!wire.refusesLong) return skip('this server answers it with an empty success');
      const provider = connectTo(wire);
      const request = ask('word '.repeat(2000), { model: await theModel(provider), maxOutputTokens: 16 });
      expect((await run(provider, request)).error).toMatchObject({ fault: 'context-length' });
    });
  });

  test('a server that is off is told as one', async () => {
    const provider = byRow('openai-compatible')('http://127.0.0.1:1/v1', 'secret');
    expect((await run(provider, ask('Hi'))).error).toMatchObject({ fault: 'network' });
  });
}

describe('llama.cpp’s server', { timeout: 60_000 }, () => {
  const start = (path: string) =>
    startRealServer(
      path,
      (model, port) => [
        '-m',
        model,
        '--host',
        '127.0.0.1',
        '--port',
        `${port}`,
        '-c',
        '1024',
        '-t',
        '1',
        '-np',
        '2',
        '--api-key',
        'secret',
      ],
      '/health',
    );
  testWires(llamaServer(), start, [
    { name: 'the row for any server', connect: byRow('openai-compatible'), counts: true, refusesLong: true },
    { name: 'its own row', connect: byRow('llama-cpp'), counts: true, refusesLong: true },
    { name: 'Responses', connect: byResponses, counts: true, refusesLong: true },
    { name: 'Messages', connect: byRow('anthropic-compatible'), counts: true, refusesLong: true },
  ]);
});

const startPython = (path: string) =>
  startRealServer(
    path,
    (model, port) => [
      '-m',
      'llama_cpp.server',
      '--model',
      model,
      '--host',
      '127.0.0.1',
      '--port',
      `${port}`,
      '--n_ctx',
      '512',
      '--api_key',
      'secret',
    ],
    '/v1/models',
  );

describe('llama-cpp-python', { timeout: 60_000 }, () => {
  testWires(llamaPython(), startPython, [
    { name: 'the row for any server', connect: byRow('openai-compatible'), refusesLong: true },
  ]);
});

describe('LiteLLM before llama-cpp-python', { timeout: 60_000 }, () => {
  const python: Found = llamaPython();
  const found: Found = python.missing === undefined ? liteLlm() : python;
  const start = async (path: string): Promise<RealServer> => {
    const behind = await startPython(python.missing === undefined ? python.path : '');
    try {
      const proxy = await startLiteLlm(path, behind);
      return {
        origin: proxy.origin,
        close() {
          proxy.close();
          behind.close();
        },
      };
    } catch (error) {
      behind.close();
      throw error;
    }
  };
  // What is too long, it answers with a success that says nothing.
  testWires(found, start, [{ name: 'its own row', connect: byRow('litellm'), counts: true }]);
});
