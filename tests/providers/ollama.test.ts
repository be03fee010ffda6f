import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toConnectionId } from '../../protocol/ids';
import type { ConnectionOptions } from '../../protocol/model-settings';
import { createProvider } from '../../providers/create-provider';
import { type OllamaServer, startOllamaServer } from '../support/servers/ollama-server';
import { ask, collect, knownRow, noEngine, noSocket, run } from './replay';

const row = knownRow('ollama');
let server: OllamaServer;
beforeEach(async () => {
  server = await startOllamaServer();
});
afterEach(() => server.close());

const provider = (options?: ConnectionOptions, headers: Record<string, string> = {}) =>
  createProvider(row, {
    connection: { id: toConnectionId('c'), providerId: row.id, name: 'Desk', baseUrl: server.baseUrl, options },
    fetch: (url, { headers: own, ...init } = {}) => fetch(url, { ...init, headers: { ...own, ...headers } }),
    socket: noSocket,
    engine: noEngine,
    now: Date.now,
  });

test('over a real socket an answer comes line by line and ends with its counts', async () => {
  const { parts } = await run(provider(), ask('Name a river.', { model: 'qwen3:8b' }));
  expect(parts.map(({ type }) => type)).toEqual(['start', 'text-delta', 'text-delta', 'usage', 'finish']);
});

test('an abort closes the socket within 250 ms', async () => {
  server.set({ answer: () => 'and on '.repeat(1000), chunkDelayMs: 20 });
  const abort = new AbortController();
  const stream = provider().generate(ask('Hi', { model: 'qwen3:8b' }), abort.signal);
  let since = 0;
  const outcome = await collect(
    (async function* () {
      for await (const part of stream) {
        yield part;
        if (part.type !== 'text-delta' || since > 0) continue;
        since = performance.now();
        abort.abort();
      }
    })(),
  );
  expect(outcome.error).toMatchObject({ code: 'aborted' });
  expect(await server.fault.closedAfter(0, since)).toBeLessThan(250);
});

test('the context size that the person set goes with every request, and none where none is set', async () => {
  await run(provider({ contextTokens: 16_384 }), ask('Hi', { model: 'qwen3:8b' }));
  await run(provider(), ask('Hi', { model: 'qwen3:8b' }));
  expect(server.chats.map(({ options }) => options?.num_ctx)).toEqual([16_384, undefined]);
});

test('a failure in the middle of an answer is one, and what came before stays', async () => {
  server.set({ failsAfter: 1 });
  const { parts, error } = await run(provider(), ask('Hi', { model: 'qwen3:8b' }));
  expect(parts.at(-1)).toMatchObject({ type: 'text-delta', text: 'The' });
  expect(error).toMatchObject({ fault: 'server', detail: 'llama runner process has terminated' });
});

test('an extension’s Origin is refused without a word, and that is said; without the header it is answered', async () => {
  const headers = { origin: 'chrome-extension://abcdefghijklmnop' };
  expect((await run(provider(undefined, headers), ask('Hi', { model: 'qwen3:8b' }))).error).toMatchObject({
    fault: 'origin-refused',
  });
  expect((await run(provider(), ask('Hi', { model: 'qwen3:8b' }))).error).toBeUndefined();
});

test('a model that cannot think is asked once more without, and the caller is told', async () => {
  const { parts } = await run(provider(), ask('Hi', { model: 'gemma3:4b', reasoningEffort: 'high' }));
  expect(parts[0]).toMatchObject({ warnings: [{ type: 'parameter-dropped', parameter: 'reasoningEffort' }] });
  expect(server.chats).toHaveLength(1);
});

test('a tool that wrote no JSON is passed back as one without arguments; audio is refused', async () => {
  const call = { type: 'tool-call', id: '1', name: 'f', arguments: '{broken' } as const;
  const odd = ask('Hi', { model: 'qwen3:8b', messages: [{ role: 'assistant', content: [call] }] });
  await run(provider(), odd);
  expect(server.chats[0]?.messages[0]).toMatchObject({ tool_calls: [{ function: { name: 'f', arguments: {} } }] });
  const audio = { type: 'audio', mediaType: 'audio/wav', data: 'AA==' } as const;
  const { error } = await run(provider(), ask('Hi', { messages: [{ role: 'user', content: [audio] }] }));
  expect(error).toMatchObject({ fault: 'not-supported', field: 'messages' });
});
