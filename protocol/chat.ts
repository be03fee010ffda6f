/** The chat panel: what the person asks there, and the conversation that they keep, as its turns are written down. */

import * as v from 'valibot';
import type { Message } from './generate';
import type { ConnectionId } from './ids';
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

/** Of what lies on the disk, as a panel found or left it. Absent: of whatever lies there. */
const over = v.optional(v.pipe(v.string(), v.maxLength(limits.idChars)));

export const chatInputs = {
  'chat-kept': v.optional(v.strictObject({})),
  'chat-keep': v.strictObject({ turns: v.pipe(v.array(keptTurn), v.maxLength(limits.keptTurns)), over }),
  'chat-forget': v.strictObject({ over }),
};

/** Each operation with its input and what it resolves to. */
export interface ChatOperations {
  /** The person asks. It streams, and resolves at the end of the answer; closing the port or aborting the call ends it. */
  chat: {
    input: {
      readonly connection: ConnectionId;
      /** Absent: the model that the backend names first. */
      readonly model?: string | undefined;
      readonly messages: readonly Message[];
      /** Asked in a private window. */
      readonly isPrivate: boolean;
    };
    output: undefined;
  };
  /** Undefined where none is kept, or what is there cannot be read any more. */
  'chat-kept': { input: unknown; output: { readonly turns: readonly KeptTurn[]; readonly stamp: string } | undefined };
  /** Takes the place of what was kept before, and gives its stamp; undefined, and nothing is written, where that was changed since `over`. */
  'chat-keep': {
    input: { readonly turns: readonly KeptTurn[]; readonly over?: string | undefined };
    output: string | undefined;
  };
  /** Nothing is done where what is kept was changed since `over`. */
  'chat-forget': { input: { readonly over?: string | undefined }; output: undefined };
}
