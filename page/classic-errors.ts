/** The error strings of classic `window.ai`. Clients compare them, so they are plain strings and never change. */

import type { AiErrorCode, PageError } from '../protocol/errors';

/** Codes for which the original had a word of its own. */
const words: Partial<Record<AiErrorCode, string>> = {
  'not-allowed': 'PERMISSION_DENIED',
  unavailable: 'NOT_AUTHENTICATED',
  'payment-required': 'PAYMENT_REQUIRED',
  'invalid-request': 'INVALID_REQUEST',
  'too-large': 'INVALID_REQUEST',
  'invalid-state': 'REQUEST_NOT_FOUND',
};

/** The rest is `MODEL_REJECTED_REQUEST: <status>: <text>`. */
const rejections: Partial<Record<AiErrorCode, readonly [status: number, text: string]>> = {
  aborted: [499, 'The request was stopped.'],
  'rate-limited': [429, 'Too many requests.'],
  'context-length': [413, "The request is longer than the model's context window."],
  'not-supported': [501, 'The connected model cannot do this.'],
  rejected: [400, 'The model rejected the request.'],
  timeout: [504, 'The model took too long.'],
  interrupted: [502, 'The answer was cut short.'],
  'bad-response': [502, 'The model sent an answer that makes no sense.'],
  'invalid-answer': [502, 'The model did not keep to the form that was asked.'],
};

const unknown = [500, 'Something went wrong.'] as const;

export function errorString({ code, status }: PageError): string {
  // Not taken apart into two names: that would iterate, and a page may have replaced iteration.
  const rejection = rejections[code] ?? unknown;
  return words[code] ?? `MODEL_REJECTED_REQUEST: ${status ?? rejection[0]}: ${rejection[1]}`;
}
