/** Owns the replay of recorded answers: a bound fetch that gives them back, cut into pieces at will, and what a provider makes of them. */

import { readdirSync, readFileSync } from 'node:fs';
import { addPart } from '../../protocol/deltas';
import type { Engine } from '../../protocol/engine';
import { backendError, type PersonError, toPersonError } from '../../protocol/errors';
import type { GenerateRequest, StreamPart } from '../../protocol/generate';
import { toConnectionId } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import type { ConnectionOptions } from '../../protocol/model-settings';
import { rowOf } from '../../providers/catalog';
import type { Clock } from '../../providers/clock';
import { createProvider } from '../../providers/create-provider';
import type { BoundFetch, CatalogRow, OpenSocket, Provider, ProviderContext } from '../../providers/provider';

const root = new URL('../../providers/fixtures/', import.meta.url);

export const fixtureFiles = (rowId: string): string[] => readdirSync(new URL(`${rowId}/`, root)).sort();
export const fixtureFolders = (): string[] => readdirSync(root).sort();
export const readFixture = (rowId: string, file: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`${rowId}/${file}`, root)));
// A fixture is written by hand beside its expectation; a wrong shape fails the comparison.
export const readFixtureJson = <Value>(rowId: string, file: string): Value =>
  JSON.parse(new TextDecoder().decode(readFixture(rowId, file))) as Value;

/** Into how many deltas a text is cut says nothing: a provider joins what one network read brought, and expectations are written piece by piece. */
export function withJoinedParts(expected: unknown): unknown {
  if (typeof expected !== 'object' || expected === null || !('parts' in expected)) return expected;
  return { ...expected, parts: joinedParts(expected.parts as StreamPart[]) };
}

function joinedParts(parts: readonly StreamPart[]): StreamPart[] {
  const joined: StreamPart[] = [];
  for (const part of parts) addPart(joined, part);
  return joined;
}

/** The cases of one kind: `chat` for `chat.sse` and kind `sse`. */
export const casesOf = (rowId: string, kind: string): string[] =>
  fixtureFiles(rowId)
    .filter((file) => file.endsWith(`.${kind}`))
    .map((file) => file.slice(0, -kind.length - 1));

/** A stream of the same bytes, cut before each of these positions. */
export function streamOf(bytes: Uint8Array, cuts: readonly number[] = []): ReadableStream<Uint8Array> {
  const edges = [0, ...cuts, bytes.length];
  let next = 1;
  return new ReadableStream({
    pull(controller) {
      if (next >= edges.length) return controller.close();
      controller.enqueue(bytes.subarray(edges[next - 1], edges[next]));
      next++;
    },
  });
}

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** Nothing times out, and the shortest back-offs are over at once. */
export const stillClock: Clock = {
  now: () => 0,
  random: () => 0,
  after(milliseconds, callback) {
    if (milliseconds <= limits.retryBase) queueMicrotask(callback);
    return () => undefined;
  },
};

export const noEngine: Engine = {
  models: async () => [],
  generate() {
    throw new Error('No test asks this engine.');
  },
  embed: () => Promise.reject(new Error('No test asks this engine.')),
};

/** Nobody listens there. */
export const noSocket: OpenSocket = () => Promise.reject(backendError('network', 'The backend cannot be reached.'));

export function knownRow(id: string): CatalogRow {
  const row = rowOf(id);
  if (row === undefined) throw new Error(`There is no row ${id}.`);
  return row;
}

interface Setup {
  readonly fetch?: BoundFetch;
  readonly socket?: OpenSocket;
  readonly engine?: Engine;
  readonly browserModel?: ProviderContext['browserModel'];
  readonly baseUrl?: string;
  readonly clock?: Clock;
  readonly options?: ConnectionOptions;
  readonly defaultModel?: string;
}

export function providerOf(
  row: CatalogRow,
  { fetch, socket = noSocket, engine = noEngine, browserModel, baseUrl, clock = stillClock, ...more }: Setup,
): Provider {
  const asked = row.address.type === 'asked' ? row.address.example : undefined;
  const address = baseUrl ?? asked;
  const connection = {
    id: toConnectionId('connection'),
    providerId: row.id,
    name: row.name,
    ...(address !== undefined && { baseUrl: address }),
    ...more,
  };
  const unused: BoundFetch = () => Promise.reject(new Error('No test fetches here.'));
  return createProvider(row, { connection, engine, fetch: fetch ?? unused, socket, browserModel, now: () => clock.now() }, clock);
}

export interface Call {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: unknown;
  readonly signal: AbortSignal | undefined;
}

/** A bound fetch that answers in turn, the last one again and again, and keeps what it was asked. */
export function answering(...answers: readonly ((call: Call) => Response | Promise<Response>)[]): BoundFetch & { calls: Call[] } {
  const calls: Call[] = [];
  const fetch: BoundFetch = async (url, { method = 'GET', headers = {}, body, signal } = {}) => {
    const call = { url, method, headers, body: body === undefined ? undefined : JSON.parse(body), signal };
    calls.push(call);
    const answer = answers[Math.min(calls.length, answers.length) - 1];
    if (answer === undefined) throw new Error('There is no answer to give.');
    return answer(call);
  };
  return Object.assign(fetch, { calls });
}

/** One answer of a recorded exchange. */
interface Reply {
  /** `POST /api/v1/generate`: method and path with its query, below the origin. Several for one request are given in turn, the last one again. */
  readonly request: string;
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** JSON, or text as it is; or the name of a fixture file beside it, whose bytes are sent. */
  readonly body?: unknown;
  readonly file?: string;
}

const typeOfFile = (file: string) =>
  ({ sse: 'text/event-stream', ndjson: 'application/x-ndjson', json: 'application/json' })[file.split('.').at(-1) ?? ''] ?? '';

/**
 * A bound fetch that replays `<name>.replies.json` of a row. A request that is not in it fails the test.
 * @param cutsOf where the bytes of each answer are cut
 */
export function replaying(rowId: string, name: string, cutsOf: (length: number) => readonly number[] = () => []) {
  const replies = readFixtureJson<readonly Reply[]>(rowId, `${name}.replies.json`);
  const given = new Map<string, number>();
  return answering(async ({ url, method }) => {
    const { pathname, search } = new URL(url);
    const request = `${method} ${pathname}${search}`;
    const answers = replies.filter((reply) => reply.request === request);
    const turn = given.get(request) ?? 0;
    given.set(request, turn + 1);
    const reply = answers[Math.min(turn, answers.length - 1)];
    if (reply === undefined) throw new Error(`${rowId}/${name} has no reply to ${request}.`);
    const { status = 200, headers, body, file } = reply;
    const isText = typeof body === 'string';
    const bytes = file ? readFixture(rowId, file) : bytesOf(isText ? body : JSON.stringify(body ?? null));
    const type = file ? typeOfFile(file) : isText ? 'text/plain' : 'application/json';
    const isEmpty = file === undefined && body === undefined;
    return new Response(isEmpty ? null : streamOf(bytes, cutsOf(bytes.length)), {
      status,
      headers: { 'content-type': type, ...headers },
    });
  });
}

export const eventStream = (body: string | ReadableStream<Uint8Array>, init: ResponseInit = {}): Response =>
  new Response(body, { ...init, headers: { 'content-type': 'text/event-stream', ...init.headers } });
export const json = (value: unknown, init: ResponseInit = {}): Response =>
  new Response(JSON.stringify(value), { ...init, headers: { 'content-type': 'application/json', ...init.headers } });

export interface Outcome {
  readonly parts: readonly StreamPart[];
  readonly error?: PersonError;
}

/** All parts, and the error where one ended them. */
export async function collect(stream: AsyncIterable<StreamPart>): Promise<Outcome> {
  const parts: StreamPart[] = [];
  try {
    for await (const part of stream) parts.push(part);
    return { parts };
  } catch (error) {
    return { parts, error: toPersonError(error) };
  }
}

export const run = (provider: Provider, request: GenerateRequest, signal = new AbortController().signal): Promise<Outcome> =>
  collect(provider.generate(request, signal));

export const ask = (text: string, more: Partial<GenerateRequest> = {}): GenerateRequest => ({
  model: 'm',
  messages: [{ role: 'user', content: [{ type: 'text', text }] }],
  ...more,
});
