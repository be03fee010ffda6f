/** What was removed last, while it can be brought back. It lies in memory alone: the background is kept alive for it, and takes it along when it dies. */

import { AiError } from '../protocol/errors';
import { limits } from '../protocol/limits';
import type { KeepAlive } from './keep-alive';

export interface Undo {
  /** What was held before can no longer be brought back. Gives what undoes this. */
  hold(restore: () => Promise<void>): string;
  /** @throws AiError `invalid-state` where it is too late */
  undo(id: string): Promise<void>;
}

interface Held {
  readonly id: string;
  readonly restore: () => Promise<void>;
  readonly letGo: () => void;
}

export function createUndo(keepAlive: KeepAlive): Undo {
  let held: Held | undefined;

  const settle = () => {
    held?.letGo();
    held = undefined;
  };

  return {
    hold(restore) {
      settle();
      const release = keepAlive.hold();
      const timer = setTimeout(settle, limits.undoTime);
      const letGo = () => {
        clearTimeout(timer);
        release();
      };
      held = { id: crypto.randomUUID(), restore, letGo };
      return held.id;
    },

    async undo(id) {
      if (held?.id !== id) throw new AiError('invalid-state', 'What was removed is gone.', { field: 'undo' });
      const { restore } = held;
      const release = keepAlive.hold();
      settle();
      await restore().finally(release);
    },
  };
}
