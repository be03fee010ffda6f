/** Sentences for errors that no backend is to blame for: Oriel's own refusals, and what it cannot name. */

import { i18n } from '#i18n';
import { assertNever } from '../protocol/assert-never';
import type { AiErrorCode } from '../protocol/errors';

export function codeText(code: AiErrorCode): { readonly what: string; readonly todo: string } {
  switch (code) {
    case 'not-allowed':
      return { what: i18n.t('code.notAllowed.what'), todo: i18n.t('code.notAllowed.todo') };
    case 'aborted':
      return { what: i18n.t('code.aborted.what'), todo: i18n.t('code.aborted.todo') };
    case 'rate-limited':
      return { what: i18n.t('code.rateLimited.what'), todo: i18n.t('code.rateLimited.todo') };
    case 'payment-required':
      return { what: i18n.t('code.paymentRequired.what'), todo: i18n.t('code.paymentRequired.todo') };
    case 'context-length':
      return { what: i18n.t('fault.contextLength.what'), todo: i18n.t('fault.contextLength.todo') };
    case 'too-large':
      return { what: i18n.t('code.tooLarge.what'), todo: i18n.t('code.tooLarge.todo') };
    case 'invalid-request':
      return { what: i18n.t('code.invalidRequest.what'), todo: i18n.t('code.invalidRequest.todo') };
    case 'not-supported':
      return { what: i18n.t('fault.notSupported.what'), todo: i18n.t('fault.notSupported.todo') };
    case 'invalid-state':
      return { what: i18n.t('code.invalidState.what'), todo: i18n.t('code.invalidState.todo') };
    case 'unavailable':
      return { what: i18n.t('code.unavailable.what'), todo: i18n.t('code.unavailable.todo') };
    case 'rejected':
      return { what: i18n.t('code.rejected.what'), todo: i18n.t('code.rejected.todo') };
    case 'timeout':
      return { what: i18n.t('code.timeout.what'), todo: i18n.t('code.timeout.todo') };
    case 'interrupted':
      return { what: i18n.t('code.interrupted.what'), todo: i18n.t('code.interrupted.todo') };
    case 'bad-response':
      return { what: i18n.t('code.badResponse.what'), todo: i18n.t('code.badResponse.todo') };
    case 'invalid-answer':
      return { what: i18n.t('code.invalidAnswer.what'), todo: i18n.t('code.invalidAnswer.todo') };
    case 'unknown':
      return { what: i18n.t('code.unknown.what'), todo: i18n.t('code.unknown.todo') };
    default:
      return assertNever(code);
  }
}
