/** A page that waits for the person's word: it gets the word, goes, or has waited long enough, whichever comes first. */

import { AiError } from '../protocol/errors';
import type { RequestContent } from '../protocol/ui-messages';
import type { Verdict } from './approvals';

export interface WaitingPage {
  readonly content: RequestContent;
  readonly verdict: Promise<Verdict>;
  resolve(verdict: Verdict): void;
  reject(error: AiError): void;
}

interface WaitingPageOptions {
  readonly content: RequestContent;
  readonly signal: AbortSignal;
  readonly milliseconds: number;
  /** It has waited long enough: whoever is told settles it. */
  readonly onExpired: () => void;
  readonly onGone: () => void;
}

export function createWaitingPage({ content, signal, milliseconds, onExpired, onGone }: WaitingPageOptions): WaitingPage {
  let settle: { resolve(verdict: Verdict): void; reject(error: AiError): void } | undefined;
  const verdict = new Promise<Verdict>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Whoever waits awaits it; until then a refusal must not count as unhandled.
  verdict.catch(() => undefined);
  const expiry = setTimeout(onExpired, milliseconds);
  const done = () => {
    clearTimeout(expiry);
    signal.removeEventListener('abort', onAbort);
  };
  const onAbort = () => {
    done();
    settle?.reject(new AiError('aborted', 'The caller is gone.'));
    onGone();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return {
    content,
    verdict,
    resolve(given) {
      done();
      settle?.resolve(given);
    },
    reject(error) {
      done();
      settle?.reject(error);
    },
  };
}
