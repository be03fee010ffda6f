import { expect, test } from 'vitest';
import type { Engine } from '../../protocol/engine';
import { backendError, type Fault, toPersonError } from '../../protocol/errors';
import type { GenerateRequest, StreamPart } from '../../protocol/generate';
import { catalog, rowOf } from '../../providers/catalog';
import type { BrowserModel, CatalogRow } from '../../providers/provider';
import {
  answering,
  casesOf,
  fixtureFiles,
  fixtureFolders,
  json,
  knownRow,
  noEngine,
  type Outcome,
  providerOf,
  readFixture,
  readFixtureJson,
  replaying,
  run,
  streamOf,
  withJoinedParts,
} from './replay';

interface Expected extends Outcome {
  /** The body of the (last) request. */
  readonly sent?: unknown;
}
interface Recorded {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

const chatRows = catalog.filter(({ dialect }) => dialect === 'openai-chat' || dialect === 'openai');
const deviceRows = catalog.filter(({ dialect }) => dialect === 'on-device');
const casesWith = (rows: readonly CatalogRow[], kind: string) =>
  rows.flatMap((row) => casesOf(row.id, kind).map((name) => ({ row, id: row.id, name })));
const plain = (value: unknown): unknown => withJoinedParts(JSON.parse(JSON.stringify(value)));
const expectedOf = (id: string, file: string): unknown => withJoinedParts(readFixtureJson(id, file));
const isWhole = ({ row, name }: { row: CatalogRow; name: string }) =>
  fixtureFiles(row.id).includes(`${name}.request.json`) && !/\.(request|expected|response|engine)$/.test(name);

/** Others are bodies of an exchange. */
const streams = casesWith(chatRows, 'sse').filter(({ id, name }) => fixtureFiles(id).includes(`${name}.request.json`));

async function replay(row: CatalogRow, name: string, respond: () => Response): Promise<Expected> {
  const fetch = answering(respond);
  const outcome = await run(providerOf(row, { fetch }), readFixtureJson<GenerateRequest>(row.id, `${name}.request.json`));
  return { sent: fetch.calls.at(-1)?.body, ...outcome };
}

const streamed =
  (bytes: Uint8Array, type: string, cuts: readonly number[] = []) =>
  (): Response =>
    new Response(streamOf(bytes, cuts), { headers: { 'content-type': type } });

test('every row has fixtures of a completion and every fixture folder has a row', () => {
  expect(fixtureFolders()).toEqual(catalog.map(({ id }) => id).sort());
  for (const { id } of catalog) {
    const completions = ['sse', 'engine.json', 'chunks.json', 'replies.json'].flatMap((kind) => casesOf(id, kind));
    expect(completions, `providers/fixtures/${id} needs a completion`).not.toEqual([]);
  }
});

test('every row that lists models over the network has a recorded list', () => {
  const rows = catalog.filter(({ address }) => address.type !== 'none');
  const isList = (file: string) => file.endsWith('models.json') || file.endsWith('models.replies.json');
  for (const { id } of rows) expect(fixtureFiles(id).filter(isList), id).not.toEqual([]);
});

test('every fixture belongs to a case with an expectation', () => {
  for (const { id } of catalog) {
    const bodies = casesOf(id, 'replies.json').flatMap((name) =>
      readFixtureJson<{ file?: string }[]>(id, `${name}.replies.json`).map(({ file }) => file),
    );
    for (const file of fixtureFiles(id).filter((name) => name !== 'key.json' && !bodies.includes(name))) {
      const name = file.replace(/\.(expected|request|response|engine|chunks|replies)?\.?(json|sse)$/, '');
      expect(fixtureFiles(id), `${id}/${file}`).toContain(`${name}.expected.json`);
    }
  }
});

test('ids are unique and found by rowOf, others are not', () => {
  expect(new Set(catalog.map(({ id }) => id)).size).toBe(catalog.length);
  for (const row of catalog) expect(rowOf(row.id)).toBe(row);
  expect(rowOf('no-such')).toBeUndefined();
});

test('fixed addresses are https without a slash at the end, and belong to the cloud or to volunteers', () => {
  for (const { address, place } of catalog) {
    if (address.type !== 'fixed') continue;
    expect(address.baseUrl).toMatch(/^https:\/\/[^?#]+[^/]$/);
    expect(['cloud', 'volunteers']).toContain(place);
  }
});

test('links of a row are https pages, and a model id cannot leave its page', () => {
  for (const { keyPage, docs, modelPage } of catalog) {
    for (const link of [keyPage, docs, modelPage?.('acme/one')])
      if (link !== undefined) expect(new URL(link).protocol).toBe('https:');
  }
});

test.each(streams)('$id/$name: the stream is read as recorded', async ({ row, name }) => {
  const outcome = await replay(row, name, streamed(readFixture(row.id, `${name}.sse`), 'text/event-stream'));
  expect(plain(outcome)).toEqual(expectedOf(row.id, `${name}.expected.json`));
});

test.each(casesWith(chatRows, 'json').filter(isWhole))(
  '$id/$name: the whole answer is read as recorded',
  async ({ row, name }) => {
    const outcome = await replay(row, name, streamed(readFixture(row.id, `${name}.json`), 'application/json'));
    expect(plain(outcome)).toEqual(expectedOf(row.id, `${name}.expected.json`));
  },
);

test.each(casesWith(chatRows, 'response.json'))('$id/$name: the error is told apart as recorded', async ({ row, name }) => {
  const { status, headers, body } = readFixtureJson<Recorded>(row.id, `${name}.response.json`);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const { parts, error } = await replay(row, name, () => new Response(text, { status, headers }));
  expect(plain({ parts, error })).toEqual(expectedOf(row.id, `${name}.expected.json`));
});

test.each(casesWith(chatRows, 'json').filter(({ name }) => name.endsWith('models')))(
  '$id/$name: the model list is read as recorded',
  async ({ row, name }) => {
    const list = (): Response => json(readFixtureJson(row.id, `${name}.json`));
    const key = (): Response => json(readFixtureJson(row.id, 'key.json'));
    const fetch = answering(...(row.quirks.keyCheck === undefined ? [list] : [key, list]));
    const models = await providerOf(row, { fetch }).models(new AbortController().signal);
    expect(plain(models)).toEqual(expectedOf(row.id, `${name}.expected.json`));
  },
);

interface EngineRefusal {
  readonly fault: Fault;
  readonly message: string;
  readonly field: string;
}

test.each(casesWith(deviceRows, 'engine.json'))('$id/$name: the engine is passed on as recorded', async ({ row, name }) => {
  const recorded = readFixtureJson<StreamPart[] | EngineRefusal>(row.id, `${name}.engine.json`);
  const engine: Engine = {
    ...noEngine,
    async *generate() {
      if ('fault' in recorded) throw backendError(recorded.fault, recorded.message, { field: recorded.field });
      yield* recorded;
    },
  };
  const outcome = await run(providerOf(row, { engine }), readFixtureJson<GenerateRequest>(row.id, `${name}.request.json`));
  expect(plain(outcome)).toEqual(expectedOf(row.id, `${name}.expected.json`));
});

/** What a row makes of a recorded exchange: the models where its name says so, else the answer and the body of the last request that had one. */
async function replayExchange(id: string, name: string, cutsOf?: (length: number) => readonly number[]): Promise<unknown> {
  const fetch = replaying(id, name, cutsOf);
  const provider = providerOf(knownRow(id), { fetch });
  if (!name.endsWith('models')) {
    const outcome = await run(provider, readFixtureJson<GenerateRequest>(id, `${name}.request.json`));
    return plain({ sent: fetch.calls.filter(({ body }) => body !== undefined).at(-1)?.body, ...outcome });
  }
  try {
    return plain(await provider.models(new AbortController().signal));
  } catch (error) {
    return plain({ error: toPersonError(error) });
  }
}

const exchanges = casesWith(catalog, 'replies.json');

test.each(exchanges)('$id/$name: the exchange is read as recorded', async ({ id, name }) => {
  expect(await replayExchange(id, name)).toEqual(expectedOf(id, `${name}.expected.json`));
});

test('an exchange cut at every single byte reads the same', { timeout: 60_000 }, async () => {
  const everywhere = (length: number) => Array.from({ length: Math.max(0, length - 1) }, (_, index) => index + 1);
  for (const { id, name } of exchanges)
    expect(await replayExchange(id, name, everywhere), `${id}/${name}`).toEqual(expectedOf(id, `${name}.expected.json`));
});

const dialects = [...new Set(exchanges.map(({ row }) => row.dialect))];

test.each(dialects)(
  'T81 %s: 10,000 random cuts of its exchanges read the same as the whole',
  { timeout: 120_000 },
  async (dialect) => {
    const random = createRandom(78);
    const cases = exchanges
      .filter(({ row }) => row.dialect === dialect)
      .map(({ id, name }) => ({ id, name, expected: JSON.stringify(expectedOf(id, `${name}.expected.json`)) }));
    const cutsOf = (length: number) =>
      Array.from({ length: 1 + Math.floor(random() * 6) }, () => Math.floor(random() * length)).sort((a, b) => a - b);
    for (let round = 0; round < 10_000; round++) {
      const entry = cases[round % cases.length];
      if (entry === undefined) throw new Error('There are no fixtures.');
      const outcome = await replayExchange(entry.id, entry.name, cutsOf);
      if (JSON.stringify(outcome) !== entry.expected)
        expect(outcome, `${entry.id}/${entry.name}`).toEqual(JSON.parse(entry.expected));
    }
  },
);

test.each(casesWith(catalog, 'chunks.json'))('$id/$name: the browser’s model is read as recorded', async ({ row, name }) => {
  const chunks = readFixtureJson<string[]>(row.id, `${name}.chunks.json`);
  const session = {
    promptStreaming: () =>
      new ReadableStream<string>({
        start(controller) {
          for (const chunk of chunks) controller.enqueue(chunk);
          controller.close();
        },
      }),
    destroy: () => undefined,
  };
  const model: BrowserModel = { availability: async () => 'available', create: async () => session };
  const request = readFixtureJson<GenerateRequest>(row.id, `${name}.request.json`);
  const outcome = await run(providerOf(row, { browserModel: () => model }), request);
  expect(plain(outcome)).toEqual(expectedOf(row.id, `${name}.expected.json`));
});

test('T81 an answer cut at every single byte reads the same', async () => {
  for (const { row, name } of streams) {
    const bytes = readFixture(row.id, `${name}.sse`);
    const everywhere = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
    const outcome = await replay(row, name, streamed(bytes, 'text/event-stream', everywhere));
    expect(plain(outcome), `${row.id}/${name}`).toEqual(expectedOf(row.id, `${name}.expected.json`));
  }
});

/** Mulberry32: the same cuts in every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test('T81 10,000 random cuts read the same as the whole', { timeout: 30_000 }, async () => {
  const random = createRandom(77);
  const cases = streams.map((entry) => ({
    ...entry,
    bytes: readFixture(entry.id, `${entry.name}.sse`),
    expected: JSON.stringify(expectedOf(entry.id, `${entry.name}.expected.json`)),
  }));
  for (let round = 0; round < 10_000; round++) {
    const entry = cases[round % cases.length];
    if (entry === undefined) throw new Error('There are no fixtures.');
    const { row, name, bytes, expected } = entry;
    const cuts = Array.from({ length: 1 + Math.floor(random() * 6) }, () => Math.floor(random() * bytes.length)).sort(
      (a, b) => a - b,
    );
    const outcome = await replay(row, name, streamed(bytes, round % 2 ? 'text/event-stream' : 'text/plain', cuts));
    if (JSON.stringify(plain(outcome)) !== expected)
      expect(plain(outcome), `${row.id}/${name} cut at ${cuts}`).toEqual(JSON.parse(expected));
  }
});
