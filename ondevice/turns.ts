/** One after the other: callers wait for their turn in the order they came, and whoever gives up while waiting is skipped. */

import { AiError } from '../protocol/errors';

export interface Turns {
  /** Resolves when it is the caller's turn, to the function that ends it. Throws AiError `aborted` when the caller gives up before. */
  take(signal: AbortSignal): Promise<() => void>;
  /** How many have their turn or wait for it. */
  count(): number;
}

/** An empty queue of turns. */
export function createTurns(): Turns {
  let last: Promise<void> = Promise.resolve();
  let count = 0;

  return {
    count: () => count,

    take(signal) {
      const before = last;
      count += 1;
      return new Promise((resolve, reject) => {
        const abort = () => reject(new AiError('aborted', 'The request was stopped while it waited for the model.'));
        last = new Promise((done) => {
          const endTurn = () => {
            count -= 1;
            done();
          };
          void before.then(() => {
            signal.removeEventListener('abort', abort);
            if (signal.aborted) endTurn();
            else resolve(endTurn);
          });
        });
        signal.addEventListener('abort', abort);
        if (signal.aborted) abort();
      });
    },
  };
}
