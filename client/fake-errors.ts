/** What goes wrong in a fake wallet, in the words that the real one uses for it in each half of the family. */

/** Every reason that a page can be told. */
export type FakeErrorCode =
  | 'not-allowed'
  | 'rate-limited'
  | 'payment-required'
  | 'context-length'
  | 'too-large'
  | 'invalid-request'
  | 'not-supported'
  | 'invalid-state'
  | 'unavailable'
  | 'rejected'
  | 'timeout'
  | 'interrupted'
  | 'bad-response'
  | 'invalid-answer'
  | 'aborted'
  | 'unknown';

export class FakeFailure extends Error {
  constructor(readonly code: FakeErrorCode) {
    super(code);
  }
}

/** The strings of classic `window.ai`. */
export const classicStrings: Readonly<Record<FakeErrorCode, string>> = {
  'not-allowed': 'PERMISSION_DENIED',
  unavailable: 'NOT_AUTHENTICATED',
  'payment-required': 'PAYMENT_REQUIRED',
  'invalid-request': 'INVALID_REQUEST',
  'too-large': 'INVALID_REQUEST',
  'invalid-state': 'REQUEST_NOT_FOUND',
  aborted: 'MODEL_REJECTED_REQUEST: 499: The request was stopped.',
  'rate-limited': 'MODEL_REJECTED_REQUEST: 429: Too many requests.',
  'context-length': "MODEL_REJECTED_REQUEST: 413: The request is longer than the model's context window.",
  'not-supported': 'MODEL_REJECTED_REQUEST: 501: The connected model cannot do this.',
  rejected: 'MODEL_REJECTED_REQUEST: 400: The model rejected the request.',
  timeout: 'MODEL_REJECTED_REQUEST: 504: The model took too long.',
  interrupted: 'MODEL_REJECTED_REQUEST: 502: The answer was cut short.',
  'bad-response': 'MODEL_REJECTED_REQUEST: 502: The model sent an answer that makes no sense.',
  'invalid-answer': 'MODEL_REJECTED_REQUEST: 502: The model did not keep to the form that was asked.',
  unknown: 'MODEL_REJECTED_REQUEST: 500: Something went wrong.',
};

/** The names of the exceptions of the rest. */
export const exceptionNames: Readonly<Record<FakeErrorCode, string>> = {
  'not-allowed': 'NotAllowedError',
  aborted: 'AbortError',
  'rate-limited': 'QuotaExceededError',
  'payment-required': 'QuotaExceededError',
  'context-length': 'QuotaExceededError',
  'too-large': 'QuotaExceededError',
  'invalid-request': 'TypeError',
  'not-supported': 'NotSupportedError',
  'invalid-state': 'InvalidStateError',
  unavailable: 'NetworkError',
  rejected: 'OperationError',
  timeout: 'TimeoutError',
  interrupted: 'NetworkError',
  'bad-response': 'OperationError',
  'invalid-answer': 'OperationError',
  unknown: 'UnknownError',
};

export const classicError = (error: unknown): unknown => (error instanceof FakeFailure ? classicStrings[error.code] : error);

export function exceptionOf(error: unknown): unknown {
  if (!(error instanceof FakeFailure)) return error;
  const name = exceptionNames[error.code];
  const message = `A fake wallet failed with ${error.code}.`;
  return name === 'TypeError' ? new TypeError(message) : new DOMException(message, name);
}
