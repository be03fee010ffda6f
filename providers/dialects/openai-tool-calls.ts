/** Owns the joining of tool calls that arrive in pieces. */

import * as v from 'valibot';
import { backendError } from '../../protocol/errors';

/** Arguments are JSON in a string; a few servers send the object itself. */
const wireToolCall = v.object({
  index: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))),
  id: v.nullish(v.string()),
  function: v.nullish(
    v.object({ name: v.nullish(v.string()), arguments: v.nullish(v.union([v.string(), v.record(v.string(), v.unknown())])) }),
  ),
});
export const wireToolCalls = v.array(wireToolCall);
type WireToolCall = v.InferOutput<typeof wireToolCall>;

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON as the model wrote it, which may not be valid. */
  readonly arguments: string;
}

export interface ToolCalls {
  /** @param isWhole the calls are complete, so that each entry is one of its own */
  take(pieces: readonly WireToolCall[], isWhole: boolean): void;
  /** All calls in their order. Throws AiError `malformed` for one without a name. */
  end(): ToolCall[];
  readonly size: number;
}

interface Draft {
  id?: string;
  name: string;
  pieces: string[];
}

/** Pieces belong together by `index`; id and name come with the first of them (OpenAI API reference, Chat Completions, streaming). */
export function createToolCalls(): ToolCalls {
  const drafts = new Map<number, Draft>();
  let last = -1;
  let highest = -1;

  function slotOf({ index, id }: WireToolCall, isWhole: boolean): number {
    if (index != null && !isWhole) return index;
    // Without an index a new id begins a new call, and anything else goes on with the last one.
    const isNew = isWhole || last === -1 || (id != null && id !== '' && id !== drafts.get(last)?.id);
    return isNew ? highest + 1 : last;
  }

  return {
    take(pieces, isWhole) {
      for (const piece of pieces) {
        last = slotOf(piece, isWhole);
        highest = Math.max(highest, last);
        const draft = drafts.get(last) ?? { name: '', pieces: [] };
        drafts.set(last, draft);
        if (piece.id) draft.id ??= piece.id;
        // Servers that repeat the name in each piece exist; none splits it.
        if (draft.name === '') draft.name = piece.function?.name ?? '';
        const json = piece.function?.arguments ?? '';
        draft.pieces.push(typeof json === 'string' ? json : JSON.stringify(json));
      }
    },
    end() {
      const ordered = [...drafts].sort(([left], [right]) => left - right);
      return ordered.map(([index, { id, name, pieces }]) => {
        if (name === '') throw backendError('malformed', 'The backend sent a tool call without a name.');
        return { id: id ?? `call_${index}`, name, arguments: pieces.join('') || '{}' };
      });
    },
    get size() {
      return drafts.size;
    },
  };
}
