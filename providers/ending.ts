/** Owns the last moments of a streamed answer: what has said why it ends is complete, whatever the socket does then. */

import { AiError } from '../protocol/errors';
import type { Body } from './body';

/**
 * Passes on what is read. Once the answer `isFinished` the body has little time left to go on, and may break off or fall silent: several servers
 * end their streams so. Throws AiError, what the reading threw before that.
 */
export async function* readToEnd<Item>(
  items: AsyncIterable<Item>,
  body: Pick<Body, 'finished'>,
  isFinished: () => boolean,
): AsyncGenerator<Item, void, undefined> {
  try {
    for await (const item of items) {
      yield item;
      if (isFinished()) body.finished();
    }
  } catch (error) {
    const isEnding = error instanceof AiError && (error.fault === 'interrupted' || error.fault === 'timeout');
    if (!isEnding || !isFinished()) throw error;
  }
}
