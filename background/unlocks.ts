/**
 * The calls that wait until the person unlocks the vault. Nothing of it need survive the background: the relay sends such a call again,
 * and it waits again.
 */

import type { Reply } from '../protocol/channel';
import { AiError, toAiError } from '../protocol/errors';
import { limits } from '../protocol/limits';
import type { PageIdentity } from './identity';
import { subjectKey } from './identity';
import type { KeepAlive } from './keep-alive';
import type { Surface } from './surface';
import type { Vault } from './vault';

export interface Unlocks {
  /**
   * Waits while the vault is locked. True where it had to: what was decided before may no longer hold.
   * @throws AiError `not-allowed` where the person does not unlock, `aborted`, `rate-limited`
   */
  wait(page: PageIdentity, reply: Pick<Reply, 'activated' | 'signal' | 'waiting'>): Promise<boolean>;
  /** The vault may be unlocked now. */
  changed(): Promise<void>;
  /** The person closed the window that asked for the passphrase: a refusal of what waited for it. */
  windowClosed(): void;
}

interface Waiter {
  readonly subject: string;
  readonly settle: (error?: AiError) => void;
}

interface UnlockDeps {
  readonly vault: Pick<Vault, 'state'>;
  readonly surface: Pick<Surface, 'setWaiting' | 'open'>;
  readonly keepAlive: KeepAlive;
  readonly isTabActive: (tabId: number) => Promise<boolean>;
}

export function createUnlocks({ vault, surface, keepAlive, isTabActive }: UnlockDeps): Unlocks {
  const waiters = new Set<Waiter>();

  const show = () => surface.setWaiting(waiters.size, 'unlock');

  const wait = (subject: string, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const release = keepAlive.hold();
      const settle = (error?: AiError) => {
        clearTimeout(expiry);
        signal.removeEventListener('abort', onAbort);
        release();
        waiters.delete(waiter);
        show();
        if (error) reject(error);
        else resolve();
      };
      const onAbort = () => settle(toAiError(signal.reason));
      const expiry = setTimeout(() => settle(new AiError('not-allowed', 'Nobody unlocked the vault.')), limits.unlockTtl);
      const waiter: Waiter = { subject, settle };
      waiters.add(waiter);
      show();
      signal.addEventListener('abort', onAbort, { once: true });
    });

  return {
    async wait(page, { activated, signal, waiting }) {
      if ((await vault.state()) !== 'locked') return false;
      if (signal.aborted) throw toAiError(signal.reason);
      // Before anything else, as for a card: how many wait already tells nobody whether the vault is locked.
      waiting();
      const subject = subjectKey(page.subject);
      const ofSite = [...waiters].filter((waiter) => waiter.subject === subject).length;
      if (ofSite >= limits.queuePerSubject || waiters.size >= limits.queueTotal)
        throw new AiError('rate-limited', 'Too many calls wait already.');
      const unlocked = wait(subject, signal);
      // Awaited below; until then an abort must not count as unhandled.
      unlocked.catch(() => undefined);
      // The badge still says that something waits where the browser opens no window.
      if (activated && (await isTabActive(page.tabId))) await surface.open().catch(() => undefined);
      await unlocked;
      return true;
    },

    async changed() {
      if (waiters.size > 0 && (await vault.state()) !== 'locked') for (const { settle } of [...waiters]) settle();
    },

    windowClosed() {
      for (const { settle } of [...waiters]) settle(new AiError('not-allowed', 'The person did not unlock the vault.'));
    },
  };
}
