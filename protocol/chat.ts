/** The conversation that a person keeps from the chat panel: its turns as they are written down, and the operations of Oriel's own pages on it. */

import * as v from 'valibot';
import { limits } from './limits';

const text = v.pipe(v.string(), v.maxLength(limits.contentChars));

const keptTurn = v.variant('type', [
  v.strictObject({ type: v.literal('question'), text }),
  v.strictObject({
    type: v.literal('answer'),
    /** Absent where the backend named none. */
    model: v.optional(v.pipe(v.string(), v.maxLength(limits.modelChars))),
    text,
    reasoning: text,
    /** Why it ended; `aborted` where the person stopped it. */
    reason: v.picklist(['stop', 'length', 'tool-calls', 'content-filter', 'aborted', 'other']),
  }),
]);

export type KeptTurn = v.InferOutput<typeof keptTurn>;

export const chatInputs = {
  'chat-kept': v.optional(v.strictObject({})),
  'chat-keep': v.strictObject({ turns: v.pipe(v.array(keptTurn), v.maxLength(limits.keptTurns)) }),
  'chat-forget': v.optional(v.strictObject({})),
};

/** Each operation with its input and what it resolves to. */
export interface ChatOperations {
  /** Undefined where none is kept, or what is there cannot be read any more. */
  'chat-kept': { input: unknown; output: readonly KeptTurn[] | undefined };
  /** Takes the place of what was kept before. */
  'chat-keep': { input: { readonly turns: readonly KeptTurn[] }; output: undefined };
  'chat-forget': { input: unknown; output: undefined };
}
