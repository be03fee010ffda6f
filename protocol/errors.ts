/**
 * The one error of Oriel. Its `code` is all that a page ever learns; its `fault` tells the person what is wrong and whose
 * part it is. A backend's words (`detail`) go to the person alone.
 */

/** What a page may learn (security.md 7.2). Each dialect of the page API translates it. */
export const aiErrorCodes = [
  'not-allowed', // refused, revoked, blocked, insecure page, or nothing connected
  'aborted', // by the caller, or its document is gone
  'rate-limited',
  'payment-required',
  'context-length', // more than the model can take
  'too-large', // more than Oriel takes
  'invalid-request',
  'not-supported',
  'invalid-state', // the extension was updated, or an id is used twice
  'unavailable', // the backend cannot be used: off, key refused, failing, redirecting
  'rejected', // the backend refused this request
  'timeout',
  'interrupted', // the answer was cut short
  'bad-response', // the backend sent nonsense
  'invalid-answer', // the model did not keep to the form that was asked
  'unknown',
] as const;
export type AiErrorCode = (typeof aiErrorCodes)[number];

/** What is wrong at the backend (backends/cloud.md 0.4), each with the code that a page sees for it. */
export const faultCodes = {
  auth: 'unavailable',
  forbidden: 'unavailable',
  'origin-refused': 'unavailable',
  'host-refused': 'unavailable',
  payment: 'payment-required',
  'rate-limit': 'rate-limited',
  overloaded: 'unavailable',
  'context-length': 'context-length',
  'invalid-request': 'rejected',
  'model-not-found': 'rejected',
  'no-model': 'unavailable',
  'out-of-memory': 'unavailable',
  'content-policy': 'rejected',
  'not-supported': 'not-supported',
  timeout: 'timeout',
  server: 'unavailable',
  network: 'unavailable',
  'site-access': 'unavailable', // the person's browser keeps Oriel away from this address
  'data-consent': 'unavailable', // the person has not agreed in Firefox that what is asked leaves this computer
  redirect: 'unavailable',
  interrupted: 'interrupted',
  'content-type': 'bad-response',
  malformed: 'bad-response',
  'too-large': 'bad-response',
  'secret-missing': 'unavailable',
  engine: 'unavailable',
  'no-room': 'unavailable', // the disk is full, or the browser gives no more of it
} as const satisfies Record<string, AiErrorCode>;
export type Fault = keyof typeof faultCodes;

interface Details {
  readonly fault?: Fault | undefined;
  /** HTTP status of the backend. */
  readonly status?: number | undefined;
  /** Worth another try before anything was delivered. */
  readonly retryable?: boolean | undefined;
  /** How long the backend asks to wait, in milliseconds. */
  readonly retryAfter?: number | undefined;
  /** The backend's own words, at most 4 KiB, redacted. For the person, never for a page. */
  readonly detail?: string | undefined;
  /** Name of the request's field or the form's field that is wrong. */
  readonly field?: string | undefined;
  readonly cause?: unknown;
}

/** On every AiError, whichever script made it: each script that is loaded later brings this class once more. */
const brand = Symbol.for('oriel.ai-error');

/** Thrown everywhere; `message` is for logs and developers, in constant words. */
export class AiError extends Error {
  override readonly name = 'AiError';
  readonly [brand] = true;
  readonly fault: Fault | undefined;
  readonly status: number | undefined;
  readonly retryable: boolean;
  readonly retryAfter: number | undefined;
  readonly detail: string | undefined;
  readonly field: string | undefined;

  constructor(
    readonly code: AiErrorCode,
    message: string,
    details: Details = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.fault = details.fault;
    this.status = details.status;
    this.retryable = details.retryable ?? false;
    this.retryAfter = details.retryAfter;
    this.detail = details.detail;
    this.field = details.field;
  }

  static override [Symbol.hasInstance](value: unknown): value is AiError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}

/** An error of a backend: the fault decides what a page sees. */
export function backendError(fault: Fault, message: string, details: Omit<Details, 'fault'> = {}): AiError {
  return new AiError(faultCodes[fault], message, { ...details, fault });
}

/** What crosses to a page: a closed code, and the status where the backend gave one. */
export interface PageError {
  readonly code: AiErrorCode;
  readonly status?: number;
}

/** What crosses to Oriel's own pages: enough to say what happened and what to do. */
export interface PersonError extends PageError {
  readonly fault?: Fault;
  readonly detail?: string;
  readonly field?: string;
}

/** Anything thrown, as an AiError. An abort keeps its meaning; the unknown stays unknown. */
export function toAiError(error: unknown): AiError {
  if (error instanceof AiError) return error;
  // The database's errors are called so too where a transaction of theirs did not go well.
  if (error instanceof DOMException && error.name === 'AbortError') {
    return new AiError('aborted', 'The request was aborted.', { cause: error });
  }
  return new AiError('unknown', 'Something unexpected went wrong.', { cause: error });
}

/** For a page: nothing but the code. A status says no more than the code does, save where the backend rejected the request. */
export function toPageError(error: unknown): PageError {
  const { code, status } = toAiError(error);
  return code === 'rejected' && status !== undefined ? { code, status } : { code };
}

/** For the person: the whole story. */
export function toPersonError(error: unknown): PersonError {
  const { code, status, fault, detail, field } = toAiError(error);
  return {
    code,
    ...(status !== undefined && { status }),
    ...(fault !== undefined && { fault }),
    ...(detail !== undefined && { detail }),
    ...(field !== undefined && { field }),
  };
}
