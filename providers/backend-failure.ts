/** Owns the translation of what a backend says went wrong, in any of its many shapes, into an AiError. */

import * as v from 'valibot';
import { type AiError, backendError, type Fault } from '../protocol/errors';
import { limits } from '../protocol/limits';
import { decisivePhrases, exactWords, passing, phrases, statuses, vagueWords } from './failure-words';

/** What is known beside the words of the backend. */
export interface FailureContext {
  /** The HTTP status, absent for an error inside an answer. */
  readonly status?: number | undefined;
  /** The backend is on this computer or its network. */
  readonly isLocal: boolean;
  /** `x-should-retry`, where the backend sent it. */
  readonly shouldRetry?: boolean | undefined;
  /** Milliseconds that the backend asks to wait. */
  readonly retryAfter?: number | undefined;
}

interface Failure {
  readonly message?: string | undefined;
  readonly words: readonly string[];
  readonly parameter?: string | undefined;
  readonly status?: number | undefined;
  readonly retryAfter?: number | undefined;
  /** It will not pass within the day. */
  readonly lasts?: boolean | undefined;
}

const word = v.fallback(v.nullish(v.union([v.string(), v.number()])), undefined);
const text = v.fallback(v.nullish(v.string()), undefined);
const detailItem = v.object({ loc: v.array(v.union([v.string(), v.number()])), msg: v.string() });
/** Google's list beside an error (google.rpc.ErrorInfo, RetryInfo, QuotaFailure); Anthropic has one object there, with a code. */
const moreItem = v.object({
  error_code: word,
  reason: word,
  retryDelay: text,
  violations: v.fallback(v.nullish(v.array(v.object({ quotaId: text }))), undefined),
});
const more = v.fallback(
  v.nullish(
    v.union([
      v.array(v.fallback(moreItem, {})),
      v.pipe(
        moreItem,
        v.transform((item) => [item]),
      ),
    ]),
  ),
  undefined,
);
const failureSchema = v.object({
  message: text,
  msg: text,
  type: word,
  code: word,
  status: word,
  details: more,
  param: text,
  rc: word, // AI Horde
  errors: v.fallback(v.nullish(v.record(v.string(), v.string())), undefined),
  metadata: v.fallback(v.nullish(v.object({ error_type: word, raw: text, reasons: v.optional(v.unknown()) })), undefined),
});
/** Marshmallow's map of what does not validate (KoboldAI). */
const fieldMap = v.record(v.string(), v.pipe(v.array(v.string()), v.minLength(1)));
const envelopeSchema = v.object({ error: v.optional(v.unknown()), detail: v.optional(v.unknown()) });

/**
 * The AiError for a backend's complaint: the body of a failed request, an `error` inside a 200, or an error event of a stream.
 * Shapes: `{error: {message, type, code, param, metadata}}`, `{error: "text"}`, `{detail: …}`, the same flat, plain text, HTML, nothing.
 */
export function toBackendError(body: unknown, context: FailureContext): AiError {
  const failure = readFailure(body);
  const fault = faultOf(failure, context);
  const retryAfter = context.retryAfter ?? failure.retryAfter;
  const waits = !failure.lasts && (retryAfter ?? 0) <= limits.retryAfterMax;
  const isLoading = fault === 'overloaded' && /loading model/i.test(failure.message ?? '');
  const retryable = fault !== 'payment' && !isLoading && waits && (context.shouldRetry ?? passing.has(fault));
  return backendError(fault, `The backend reported an error (${fault}).`, {
    status: context.status ?? failure.status,
    retryable,
    retryAfter,
    detail: failure.message === undefined ? undefined : redact(failure.message).slice(0, limits.errorBodyBytes),
    field: failure.parameter,
    cause: isLoading ? loading : failure.words.some((value) => unsupportedWords.has(value)) ? unsupported : undefined,
  });
}

/** Marks a server that reads its model into memory: it takes minutes, and whoever waits should be told so. */
const loading = { type: 'loading' } as const;

/** The backend answers as soon as its model is loaded (llama.cpp's server README, `/health`). */
export const isLoadingModel = (error: unknown): boolean => error instanceof Error && error.cause === loading;

const unsupportedWords: ReadonlySet<string> = new Set(['unsupported_parameter', 'unsupported_value']);
/** Marks an error whose `field` is a parameter that this model does not take; only these may be left out and tried again. */
const unsupported = { type: 'unsupported-parameter' } as const;

/** The wire name of the one optional parameter that the backend refused (OpenAI API reference, Errors). */
export const unsupportedParameter = (error: AiError): string | undefined =>
  error.cause === unsupported ? error.field : undefined;

function readFailure(body: unknown): Failure {
  if (typeof body === 'string') return { message: plainText(body), words: [] };
  const envelope = v.safeParse(envelopeSchema, body);
  const inner = envelope.success ? (envelope.output.error ?? envelope.output.detail ?? body) : body;
  if (typeof inner === 'string') return { message: inner, words: [] };
  const items = v.safeParse(v.array(detailItem), inner);
  if (items.success) return readDetailItems(items.output);
  const map = v.safeParse(fieldMap, inner);
  if (map.success && Object.keys(map.output).length > 0 && !Array.isArray(inner)) return readFieldMap(map.output);
  const parsed = v.safeParse(failureSchema, inner);
  if (!parsed.success) return { words: [] };
  const { message, msg, type, code, status: state, details, param, metadata, rc, errors } = parsed.output;
  const [fieldError] = Object.entries(errors ?? {});
  const status = Number(code ?? undefined);
  const said = [message ?? msg, metadata?.raw, fieldError?.join(': ')].filter(
    (piece) => typeof piece === 'string' && piece !== '',
  );
  return {
    message: said.length > 0 ? said.join(': ') : undefined,
    words: [
      rc,
      ...(details ?? []).flatMap(({ error_code, reason }) => [error_code, reason]),
      metadata?.error_type,
      metadata?.reasons !== undefined ? 'content_policy_violation' : undefined,
      code,
      state,
      type,
    ]
      .filter((value) => typeof value === 'string')
      .map((value) => value.toLowerCase()),
    parameter: param ?? fieldError?.[0],
    status: Number.isInteger(status) && status >= 400 && status <= 599 ? status : undefined,
    retryAfter: details?.map(({ retryDelay }) => readDelay(retryDelay)).find((delay) => delay !== undefined),
    lasts: details?.some(({ violations }) => violations?.some(({ quotaId }) => quotaId?.includes('PerDay'))),
  };
}

/** `34.4s` in milliseconds (protobuf's JSON mapping of Duration). */
function readDelay(delay: string | null | undefined): number | undefined {
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(delay ?? '')?.[1];
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1000);
}

/** FastAPI's list of what does not validate. */
function readDetailItems(items: readonly v.InferOutput<typeof detailItem>[]): Failure {
  return {
    message: items.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; '),
    words: [],
    parameter: items[0]?.loc.filter((step) => step !== 'body').join('.'),
  };
}

const readFieldMap = (map: v.InferOutput<typeof fieldMap>): Failure => ({
  message: Object.entries(map)
    .map(([field, reasons]) => `${field}: ${reasons.join(' ')}`)
    .join('; '),
  words: [],
  parameter: Object.keys(map)[0],
});

/** Of a proxy's HTML page nothing but its title is worth showing. */
function plainText(body: string): string | undefined {
  const trimmed = body.trim();
  if (!trimmed.startsWith('<')) return trimmed === '' ? undefined : trimmed;
  return /<title[^>]*>([^<]{1,200})<\/title>/i.exec(trimmed)?.[1]?.trim();
}

function faultOf({ words, message, status: statusInside }: Failure, context: FailureContext): Fault {
  const status = context.status ?? statusInside;
  const exact = words.map((value) => exactWords.get(value)).find((fault) => fault !== undefined);
  if (exact !== undefined) return exact;
  const decisive = decisivePhrases.find(([pattern]) => pattern.test(message ?? ''))?.[1];
  if (decisive !== undefined) return decisive;
  if (status === 403 && message === undefined && context.isLocal) return 'origin-refused';
  if (/^invalid host header/i.test(message ?? '')) return 'host-refused'; // text-generation-webui with 400, Jan with 403
  // A status that is about the caller, not about the words of the request, is believed as it is.
  const decided = status === undefined ? undefined : statuses.get(status);
  if (decided !== undefined && status !== 503 && status !== 501) return decided;
  const phrase = phrases.find(([pattern]) => pattern.test(message ?? ''))?.[1];
  if (phrase !== undefined) return phrase;
  if (decided !== undefined) return decided;
  if (status === 404 && /\bmodels?\b/i.test(message ?? '')) return 'model-not-found';
  if (status !== undefined && status >= 400) return status >= 500 ? 'server' : 'invalid-request';
  return words.map((value) => vagueWords.get(value)).find((fault) => fault !== undefined) ?? 'server';
}

/** Keys that a backend echoes are shown by their last four characters; egress removes exactly the one that was sent. */
function redact(message: string): string {
  return message.replace(
    /\b(sk-|gsk_|hf_|xai-|AIza|Bearer\s+)[\w*.-]{7,}[\w*]/g,
    (key, prefix: string) => `${prefix}…${key.slice(-4)}`,
  );
}
