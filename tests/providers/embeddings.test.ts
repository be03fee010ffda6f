/** Embeddings over real sockets, in each wire format that has them. */

import { afterEach, expect, test } from 'vitest';
import type { EmbedRequest } from '../../protocol/generate';
import { toConnectionId } from '../../protocol/ids';
import { catalog } from '../../providers/catalog';
import { createProvider } from '../../providers/create-provider';
import { type FaultServer, respondJson, startFaultServer } from '../support/faultd';
import {
  serveGeminiEmbeddings,
  serveOllamaEmbeddings,
  serveOpenAiEmbeddings,
  vectorOf,
} from '../support/servers/embedding-routes';
import { overSocket } from './over-socket';
import { knownRow, noEngine, noSocket, providerOf } from './replay';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(): Promise<FaultServer> {
  const fault = await startFaultServer();
  closers.push(fault.close);
  return fault;
}

const { signal } = new AbortController();

/** Asks a person's own server of this row. */
function embed(rowId: string, baseUrl: string, request: EmbedRequest, stop = signal) {
  const row = knownRow(rowId);
  const { embed: ask } = createProvider(row, {
    connection: { id: toConnectionId('c'), providerId: row.id, name: 'Desk', baseUrl },
    fetch: (url, init) => fetch(url, init),
    socket: noSocket,
    engine: noEngine,
    now: Date.now,
  });
  if (!ask) throw new Error(`${rowId} makes no embeddings.`);
  return ask(request, stop);
}

const texts = ['one', 'three'];

test('OpenAI’s format: the vectors are in the order of the texts, whatever order they come in', async () => {
  const fault = await serve();
  const bodies = serveOpenAiEmbeddings(fault);
  expect(await embed('openai-compatible', `${fault.url}/v1`, { input: texts, model: 'm', dimensions: 2 })).toEqual({
    model: 'm',
    vectors: texts.map(vectorOf),
    inputTokens: 2,
  });
  expect(bodies).toEqual([{ model: 'm', input: texts, encoding_format: 'float', dimensions: 2 }]);
});

test('more texts than an API takes at once are sent one batch after the other, and counted together', async () => {
  const fault = await serve();
  const bodies = serveOpenAiEmbeddings(fault);
  const many = Array.from({ length: 250 }, (_, index) => 'x'.repeat(index + 1));
  const { vectors, inputTokens } = await embed('openai-compatible', `${fault.url}/v1`, { input: many, model: 'm' });
  expect(vectors).toEqual(many.map(vectorOf));
  expect(inputTokens).toBe(250);
  expect(bodies.map(({ input }) => (input as string[]).length)).toEqual([100, 100, 50]);
});

test('Ollama', async () => {
  const fault = await serve();
  const bodies = serveOllamaEmbeddings(fault, ['nomic-embed-text']);
  expect(await embed('ollama', fault.url, { input: texts, model: 'nomic-embed-text', dimensions: 2 })).toEqual({
    model: 'nomic-embed-text',
    vectors: texts.map(vectorOf),
    inputTokens: 2,
  });
  expect(bodies).toEqual([{ model: 'nomic-embed-text', input: texts, dimensions: 2 }]);
  // A model that is not there is the person's to pull.
  await expect(embed('ollama', fault.url, { input: texts, model: 'bge-m3' })).rejects.toMatchObject({ fault: 'model-not-found' });
});

test('KoboldCPP', async () => {
  const fault = await serve();
  serveOpenAiEmbeddings(fault);
  const { vectors } = await embed('koboldcpp', `${fault.url}/api`, { input: texts, model: 'koboldcpp/x' });
  expect(vectors).toEqual(texts.map(vectorOf));
});

test('Gemini, which tells no count', async () => {
  const fault = await serve();
  const bodies = serveGeminiEmbeddings(fault);
  const { embed: ask } = providerOf(knownRow('gemini'), { fetch: overSocket('gemini', `${fault.url}/v1beta`, 'AIza1') });
  const many = Array.from({ length: 150 }, (_, index) => `${index}`);
  const made = await ask?.({ input: many, model: 'gemini-embedding-001', dimensions: 2 }, signal);
  expect(made).toEqual({ model: 'gemini-embedding-001', vectors: many.map(vectorOf) });
  expect(bodies).toHaveLength(2);
  expect((bodies as { requests: object[] }[])[0]?.requests[0]).toEqual({
    model: 'models/gemini-embedding-001',
    content: { parts: [{ text: '0' }] },
    outputDimensionality: 2,
  });
});

test.each([
  ['fewer vectors than texts', { data: [{ embedding: [1], index: 0 }] }],
  ['no numbers', { data: [{ embedding: ['a'] }, { embedding: ['b'] }] }],
  ['something else', { object: 'list' }],
])('an answer with %s is none', async (_what, json) => {
  const fault = await serve();
  fault.on('POST', '/v1/embeddings', respondJson(200, json));
  await expect(embed('openai-compatible', `${fault.url}/v1`, { input: texts, model: 'm' })).rejects.toMatchObject({
    fault: 'malformed',
  });
});

test.each([
  ['ollama', '/api/embed', ''],
  ['openai-compatible', '/v1/embeddings', '/v1'],
])('%s: nonsense is malformed, and an error with status 200 is an error', async (rowId, path, base) => {
  const fault = await serve();
  fault.on('POST', path, respondJson(200, {}));
  await expect(embed(rowId, fault.url + base, { input: texts, model: 'm' })).rejects.toMatchObject({ fault: 'malformed' });
  fault.on('POST', path, respondJson(200, { error: { message: 'this model does not support embeddings' } }));
  await expect(embed(rowId, fault.url + base, { input: texts, model: 'm' })).rejects.toMatchObject({ name: 'AiError' });
});

test('Gemini: nonsense is malformed', async () => {
  const fault = await serve();
  fault.on('POST', /:batchEmbedContents$/, respondJson(200, {}));
  const { embed: ask } = providerOf(knownRow('gemini'), { fetch: overSocket('gemini', `${fault.url}/v1beta`, 'AIza1') });
  await expect(ask?.({ input: ['a'], model: 'x' }, signal)).rejects.toMatchObject({ fault: 'malformed' });
});

test('an abort ends the call', async () => {
  const fault = await serve();
  fault.on('POST', '/v1/embeddings', [{ type: 'delay', ms: 5000 }]);
  const abort = new AbortController();
  const made = embed('openai-compatible', `${fault.url}/v1`, { input: texts, model: 'm' }, abort.signal);
  setTimeout(() => abort.abort(), 20);
  await expect(made).rejects.toMatchObject({ code: 'aborted' });
});

test('whoever has models for embeddings can make them', () => {
  const context = { fetch: async () => new Response(), socket: noSocket, engine: noEngine, now: Date.now };
  const cannot = catalog
    .filter(({ embedModels }) => embedModels !== undefined)
    .filter((row) => {
      const connection = { id: toConnectionId('c'), providerId: row.id, name: '', baseUrl: 'http://127.0.0.1:1' };
      return createProvider(row, { connection, ...context }).embed === undefined;
    });
  expect(cannot.map(({ id }) => id)).toEqual([]);
});
