/** One after the other: callers wait for their turn in the order they came, and whoever gives up while waiting is skipped. */

import { AiError } from '../protocol/errors';

/** Resolves when it is the caller's turn, to the function that ends it. Throws AiError `aborted` when the caller gives up before. */
export type TakeTurn = (signal: AbortSignal) => Promise<() => void>;

/** An empty queue of turns. */
export function createTurns(): TakeTurn {
  let last: Promise<void> = Promise.resolve();

  return (signal) => {
    const before = last;
    return new Promise((resolve, reject) => {
      const abort = () => reject(new AiError('aborted', 'The request was stopped while it waited for the model.'));
      last = new Promise((endTurn) => {
        void before.then(() => {
          signal.removeEventListener('abort', abort);
          if (signal.aborted) endTurn();
          else resolve(endTurn);
        });
      });
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
    });
  };
}
