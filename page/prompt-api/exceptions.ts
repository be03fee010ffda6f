/** The exceptions of the Prompt API by name, and which of them each code of Oriel's becomes. A page learns no more than the code. */

import type { AiErrorCode, PageError } from '../../protocol/errors';
import { defineProperties, NativeDOMException } from '../realm';
import { createBrand } from './idl';

export const exception = (name: string, message: string): DOMException => new NativeDOMException(message, name);

interface QuotaOptions {
  readonly quota?: number;
  readonly requested?: number;
}
type QuotaClass = new (message: string, options: QuotaOptions) => DOMException;

/** Firefox has no such class yet. */
function makeQuotaClass(): QuotaClass {
  const brand = createBrand<QuotaOptions>();
  const Made = class extends NativeDOMException {
    constructor(message = '', options: QuotaOptions = {}) {
      super(message, 'QuotaExceededError');
      brand.set(this, options);
    }
    get quota() {
      return brand.of(this).quota ?? null;
    }
    get requested() {
      return brand.of(this).requested ?? null;
    }
  };
  defineProperties(Made, { name: { value: 'QuotaExceededError' } });
  return Made;
}

export const QuotaExceeded =
  (globalThis as unknown as { QuotaExceededError?: QuotaClass }).QuotaExceededError ?? makeQuotaClass();

/** @param requested and @param quota in tokens of the session */
export const quotaExceeded = (requested: number, quota: number): DOMException =>
  new QuotaExceeded('The input is too large.', { requested, quota });

/** What is not here is nothing that a page could mend, and has one name. */
const names: Partial<Record<AiErrorCode, readonly [name: string, message: string]>> = {
  'not-allowed': ['NotAllowedError', 'The person does not allow it.'],
  aborted: ['AbortError', 'It was stopped.'],
  'not-supported': ['NotSupportedError', 'The model cannot do this.'],
  'invalid-answer': ['SyntaxError', 'The answer does not fit the constraint.'],
  'invalid-state': ['InvalidStateError', 'Oriel was updated. Reload the page.'],
};

/** `context-length` and `too-large` become a QuotaExceededError, whose numbers the session knows. */
export function toException({ code }: PageError): DOMException {
  const name = names[code] ?? ['UnknownError', 'The model gave no answer.'];
  return exception(name[0], name[1]);
}
