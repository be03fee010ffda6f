/** Which exception each code of Oriel's becomes in the typed half of `window.ai`. A page learns no more than the code (security.md 7.2). */

import type { AiErrorCode, PageError } from '../protocol/errors';
import { NativeDOMException, NativeTypeError } from './realm';

const usual = 'Operation';
const names: Partial<Record<AiErrorCode, string>> = {
  'not-allowed': 'NotAllowed',
  aborted: 'Abort',
  'rate-limited': 'QuotaExceeded',
  'payment-required': 'QuotaExceeded',
  'context-length': 'QuotaExceeded',
  'too-large': 'QuotaExceeded',
  'invalid-request': 'Type',
  'not-supported': 'NotSupported',
  'invalid-state': 'InvalidState',
  unavailable: 'Network',
  timeout: 'Timeout',
  interrupted: 'Network',
  unknown: 'Unknown',
};

/** The message is the code itself: a word for developers to look up. */
export const exceptionOf = ({ code }: PageError): Error =>
  code === 'invalid-request' ? new NativeTypeError(code) : new NativeDOMException(code, `${names[code] ?? usual}Error`);
