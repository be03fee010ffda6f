/** Owns what goes wrong, as OpenAI's API tells it: a status, and JSON with a code. Statuses are chosen so that a refusal is not tried again. */

import { type AiErrorCode, toAiError, toPageError } from '../../protocol/errors';

/** A fault of the page's own request. Unlike that of an AiError its sentence goes to the page. */
export class WireError extends Error {
  override readonly name = 'WireError';

  /** @param param the field that is wrong, as a path in the body */
  constructor(
    readonly told: string,
    readonly param?: string,
    readonly wire: { readonly status: number; readonly code: string | null } = { status: 400, code: null },
  ) {
    super(told);
  }
}

/** The `error` of a body, or of an event in the middle of a stream. */
export interface WireErrorBody {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

/** What answers a call as a whole. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Told {
  readonly status: number;
  readonly type: string;
  readonly code: string;
  readonly message: string;
}

const tell = (status: number, type: string, code: string, message: string): Told => ({ status, type, code, message });

/** Permission and money are 403, which no client repeats: OpenAI's own 429 for an empty account would be asked again. */
const told: Readonly<Record<AiErrorCode, Told>> = {
  'not-allowed': tell(403, 'request_forbidden', 'permission_denied', 'The person did not allow this.'),
  aborted: tell(499, 'request_cancelled', 'request_cancelled', 'The request was stopped.'),
  'rate-limited': tell(429, 'rate_limit_error', 'rate_limit_exceeded', 'Too many requests.'),
  'payment-required': tell(
    403,
    'insufficient_quota',
    'insufficient_quota',
    'The budget for this site, or the account, is used up.',
  ),
  'context-length': tell(
    400,
    'invalid_request_error',
    'context_length_exceeded',
    "The request is longer than the model's context window.",
  ),
  'too-large': tell(413, 'invalid_request_error', 'request_too_large', 'The request is larger than Oriel takes.'),
  'invalid-request': tell(400, 'invalid_request_error', 'invalid_request', 'The request is malformed.'),
  'not-supported': tell(400, 'invalid_request_error', 'unsupported', 'The connected model cannot do this.'),
  'invalid-state': tell(410, 'invalid_request_error', 'reload_required', 'Oriel was updated: reload the page.'),
  unavailable: tell(
    503,
    'server_error',
    'model_unavailable',
    'The model cannot be used just now. The reason is shown to the person.',
  ),
  rejected: tell(400, 'invalid_request_error', 'model_rejected_request', 'The model rejected the request.'),
  timeout: tell(504, 'server_error', 'timeout', 'The model took too long.'),
  interrupted: tell(502, 'server_error', 'interrupted', 'The answer was cut short.'),
  'bad-response': tell(502, 'server_error', 'bad_response', 'The model sent an answer that makes no sense.'),
  'invalid-answer': tell(502, 'server_error', 'invalid_answer', 'The model did not answer in the form that was asked for.'),
  unknown: tell(500, 'server_error', 'unknown', 'Something went wrong.'),
};

/** The one kind of answer that is worth asking for again: everything else was tried as often as it makes sense, or was refused. */
const isRepeatable = (status: number) => status === 429;

/** What a page learns of any error: the code, never a backend's words. */
export function wireErrorOf(error: unknown): WireErrorBody {
  if (error instanceof WireError) {
    return { message: error.told, type: 'invalid_request_error', param: error.param ?? null, code: error.wire.code };
  }
  const { type, code, message } = told[toPageError(error).code];
  return { message, type, param: null, code };
}

/** The same as an answer of its own. */
export function failedAnswer(error: unknown): WireAnswer {
  const { retryAfter } = toAiError(error);
  const status = statusOf(error);
  return {
    ...jsonAnswer({ error: wireErrorOf(error) }, status),
    headers: {
      ...jsonHeaders,
      ...(!isRepeatable(status) && { 'x-should-retry': 'false' }),
      ...(isRepeatable(status) && retryAfter !== undefined && { 'retry-after': `${Math.ceil(retryAfter / 1000)}` }),
    },
  };
}

function statusOf(error: unknown): number {
  if (error instanceof WireError) return error.wire.status;
  const { code, status } = toPageError(error);
  // A backend's own 4xx says more, as long as no client takes it for something that passes.
  const isTelling = code === 'rejected' && status !== undefined && [400, 404, 413, 422].includes(status);
  return isTelling ? status : told[code].status;
}

const jsonHeaders = { 'content-type': 'application/json' };

export const jsonAnswer = (json: object, status = 200): WireAnswer => ({
  status,
  headers: jsonHeaders,
  body: JSON.stringify(json),
});
