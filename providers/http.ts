/** Owns one request to a backend until its answer is known to be one: retries, status codes, redirects and content types. */

import { AiError, backendError } from '../protocol/errors';
import { limits } from '../protocol/limits';
import { toBackendError } from './backend-failure';
import { type Body, type BodyBounds, createBody, readJson } from './body';
import type { Clock } from './clock';
import type { Lifeline } from './lifeline';
import type { BoundFetch } from './provider';

export interface HttpDeps {
  readonly fetch: BoundFetch;
  readonly clock: Clock;
  /** On this computer or its network: slower to answer, and differently broken. */
  readonly isLocal: boolean;
  /** Constant headers of the vendor. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Http {
  /**
   * POST of JSON, retried while nothing was delivered. Resolves with a body that has the right type, still unread.
   * @param retries which of the retryable errors are tried again here; all of them where absent
   */
  post(url: string, body: Json, lifeline: Lifeline, retries?: (error: AiError) => boolean): Promise<Answer>;
  /** GET of one JSON document, not retried: a test of a connection should say at once what is wrong. */
  get(url: string, lifeline: Lifeline): Promise<unknown>;
  /**
   * The same with another method: a short errand beside a completion, stopping one for example.
   * @param patience milliseconds to wait for the answer, `limits.probeTimeout` where absent
   */
  call(
    method: 'POST' | 'PUT' | 'DELETE',
    url: string,
    body: Json | undefined,
    lifeline: Lifeline,
    patience?: number,
  ): Promise<unknown>;
}

type Json = Readonly<Record<string, unknown>>;

export interface Answer {
  /** One document, server-sent events, or a JSON document a line. */
  readonly kind: 'sse' | 'json' | 'ndjson';
  readonly body: Body;
}

/** Every method throws AiError with a fault, or the lifeline's reason once that ended. */
export function createHttp({ fetch, clock, isLocal, headers }: HttpDeps): Http {
  const place = isLocal ? 'local' : 'cloud';
  const firstTimeout = limits.headersTimeout[place];
  const progressTimeout = limits.progressTimeout[place];

  async function once(url: string, init: Parameters<BoundFetch>[1], lifeline: Lifeline, patience: number): Promise<Response> {
    const { signal } = lifeline;
    const response = await lifeline.wait(fetch(url, { ...init, signal }), patience).catch((error: unknown) => {
      if (error instanceof AiError || !(error instanceof TypeError)) throw error;
      throw backendError('network', 'The backend cannot be reached.', { retryable: true, cause: error });
    });
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
      throw backendError('redirect', 'The backend redirects to another address.', { status: response.status || undefined });
    }
    if (response.ok) return response;
    throw toBackendError(await readErrorBody(response, lifeline, clock), {
      status: response.status,
      isLocal,
      shouldRetry: readShouldRetry(response.headers),
      retryAfter: readRetryAfter(response.headers, clock.now()),
    });
  }

  async function open(response: Response, lifeline: Lifeline, bounds: BodyBounds): Promise<Answer> {
    const body = createBody(response, lifeline, clock, bounds);
    try {
      return { kind: await kindOf(response, body), body };
    } catch (error) {
      body.cancel();
      throw error;
    }
  }

  const withJson = (json: Json) => ({
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(json),
  });

  /** One document, without another try. */
  async function errand(
    url: string,
    init: Parameters<BoundFetch>[1],
    lifeline: Lifeline,
    patience: number = limits.probeTimeout,
  ): Promise<unknown> {
    const response = await once(url, init, lifeline, patience);
    const { body } = await open(response, lifeline, {
      firstTimeout: patience,
      progressTimeout: patience,
      bytes: limits.modelListBytes,
    });
    const json = await readJson(body);
    const complaint = complaintOf(json);
    if (complaint !== undefined) throw toBackendError(complaint, { isLocal });
    return json;
  }

  return {
    async post(url, json, lifeline, retries = () => true) {
      const init = { method: 'POST', asksFor: 'answer', ...withJson(json) } as const;
      for (let attempt = 0; ; attempt++) {
        try {
          const response = await once(url, init, lifeline, firstTimeout);
          return await open(response, lifeline, { firstTimeout, progressTimeout, bytes: limits.responseBytes });
        } catch (error) {
          if (!(error instanceof AiError) || !error.retryable || attempt >= limits.retries || !retries(error)) throw error;
          await lifeline.sleep(error.retryAfter ?? backOff(attempt, clock.random()));
        }
      }
    },
    get: (url, lifeline) => errand(url, { method: 'GET', headers: { ...headers } }, lifeline),
    call: (method, url, json, lifeline, patience) =>
      errand(url, { method, ...(json === undefined ? { headers: { ...headers } } : withJson(json)) }, lifeline, patience),
  };
}

/** The `error` of a JSON answer with status 200, wrapped as it came: LM Studio answers so to unknown routes, OpenRouter to failed models. */
export function complaintOf(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return undefined;
  if ('error' in json && json.error) return { error: json.error };
  // Older vLLM has its error fields at the top.
  if ('object' in json && json.object === 'error') return json;
  return undefined;
}

/**
 * Half of the doubled base to all of it, so that many tabs do not come back together. Never less: after a third 500 or 503 in a row Chromium seems to hold
 * back an extension's requests for up to 700 ms, in which all tries of the next call would else be spent (docs/faults.md).
 */
const backOff = (attempt: number, random: number): number =>
  ((1 + random) / 2) * Math.min(limits.retryMax, limits.retryBase * 2 ** attempt);

function readShouldRetry(headers: Headers): boolean | undefined {
  const value = headers.get('x-should-retry');
  return value === 'true' ? true : value === 'false' ? false : undefined;
}

/** Milliseconds from `retry-after-ms`, else `retry-after` in seconds or as an HTTP date (RFC 9110, section 10.2.3); nonsense counts as absent. */
function readRetryAfter(headers: Headers, now: number): number | undefined {
  const milliseconds = headers.get('retry-after-ms');
  const header = headers.get('retry-after');
  const seconds = header === null || header.trim() === '' ? Number.NaN : Number(header);
  const date = header === null || /^[-+\d.\s]*$/.test(header) ? Number.NaN : Date.parse(header) - now;
  const candidates = [milliseconds ? Number(milliseconds) : Number.NaN, seconds * 1000, date];
  return candidates.find((candidate) => Number.isFinite(candidate) && candidate >= 0);
}

/** At most 4 KiB of a failed answer, as JSON where it is JSON. Whatever goes wrong here, the status has said the rest. */
async function readErrorBody(response: Response, lifeline: Lifeline, clock: Clock): Promise<unknown> {
  // Longer than the timer below, which ends the reading without ending the call.
  const patience = limits.headersTimeout.cloud;
  const body = createBody(response, lifeline, clock, {
    firstTimeout: patience,
    progressTimeout: patience,
    bytes: Number.POSITIVE_INFINITY,
  });
  const cancelTimer = clock.after(limits.probeTimeout, body.cancel);
  const bytes = new Uint8Array(limits.errorBodyBytes);
  let size = 0;
  try {
    while (size < bytes.length) {
      const chunk = await body.read();
      if (chunk === undefined) break;
      bytes.set(chunk.subarray(0, bytes.length - size), size);
      size = Math.min(bytes.length, size + chunk.length);
    }
  } catch {
    // A body that breaks off still leaves its beginning. Where the whole call has ended, its owner sees that at the lifeline.
  } finally {
    cancelTimer();
    body.cancel();
  }
  const text = new TextDecoder().decode(bytes.subarray(0, size));
  try {
    return JSON.parse(text);
  } catch {
    // Plain text, HTML, or JSON longer than what is read of it.
    return text;
  }
}

/** What the answer is by its type, or by its first byte where the type says nothing; throws AiError `content-type`. */
async function kindOf(response: Response, body: Body): Promise<Answer['kind']> {
  const type = (response.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'text/event-stream') return 'sse';
  if (type === 'application/x-ndjson' || type === 'application/jsonl') return 'ndjson';
  if (/^(application|text)\/(.+\+)?json$/.test(type)) return 'json';
  const saysNothing = ['', 'text/plain', 'application/octet-stream'].includes(type);
  const first = saysNothing ? await body.peek() : undefined;
  if (saysNothing && first === undefined)
    throw backendError('malformed', 'The backend sent an empty answer.', { status: response.status });
  const character = first === undefined ? '' : String.fromCharCode(first);
  if (character === '{' || character === '[') return 'json';
  // A comment, or one of the fields data, event, id, retry.
  if (character !== '' && ':deir'.includes(character)) return 'sse';
  throw backendError('content-type', 'The backend sent something that is neither JSON nor an event stream.', {
    status: response.status,
  });
}
