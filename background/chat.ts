/** The person's own questions, from Oriel's chat: nobody is asked and no site pays, but they are counted, noted and stopped like those of pages. */

import type { Reply } from '../protocol/channel';
import { AiError } from '../protocol/errors';
import type { UiOperations } from '../protocol/ui-messages';
import { type AnswerDeps, inTurn } from './handle-request';
import { chatIdentity } from './identity';

export type Chat = (input: UiOperations['chat']['input'], reply: Reply) => Promise<void>;

export function createChat(deps: AnswerDeps): Chat {
  return async ({ connection, model, messages, isPrivate }, reply) => {
    const asker = chatIdentity(isPrivate);
    const isStopped = deps.runs.pass(asker);
    const choice = await deps.router.choose({ connection, model });
    try {
      await inTurn({ messages }, choice, asker, reply, isStopped, deps);
    } catch (error) {
      // A site would have lost its permission; the person cannot lose theirs.
      if (isStopped()) throw new AiError('aborted', 'The person stopped everything.');
      throw error;
    }
  };
}
