/** The turns of a session's history, as lists that never change. */

import type { Message, Part } from '../../protocol/generate';
import { chosen, flat, joined, mapped, sumOf } from '../lists';
import { throwIfAborted } from '../requests';
import type { Turn } from './prompt';
import { readTurn } from './prompt';
import { tokensOfPart } from './tokens';
import type { ToolCallPart } from './tool-calls';

/** A turn whose media are read. */
export interface ReadTurn {
  readonly role: Turn['role'];
  readonly messages: readonly Message[];
  readonly tokens: number;
}

/** What a session remembers. */
export interface Memory {
  /** The initial prompts, and a system prompt that came later: never evicted. */
  readonly fixed: readonly ReadTurn[];
  readonly turns: readonly ReadTurn[];
}

export interface Reply {
  readonly text: string;
  readonly calls: readonly ToolCallPart[];
}

export const sizeOf = (turns: readonly Pick<Turn, 'tokens'>[]): number => sumOf(turns, ({ tokens }) => tokens);

export const turnOf = (role: Turn['role'], message: Message): ReadTurn => ({
  role,
  messages: [message],
  tokens: sumOf(message.content, tokensOfPart),
});

/** @throws whatever the media of the turns throw, or the reason of the abort */
export async function readAll(turns: readonly Turn[], signal: AbortSignal | undefined): Promise<readonly ReadTurn[]> {
  throwIfAborted(signal);
  const all: ReadTurn[] = [];
  for (let index = 0; index < turns.length; index += 1) {
    const turn = turns[index] as Turn;
    all[index] = { role: turn.role, tokens: turn.tokens, messages: await readTurn(turn) };
    throwIfAborted(signal);
  }
  return all;
}

const withoutLast = <Item>(items: readonly Item[]) => chosen(items, (_item, index) => index < items.length - 1);

/** The reply after its prompt. @param isContinued the prompt ended in a prefix: the two are one message */
export function answered(turns: readonly ReadTurn[], { text, calls }: Reply, isContinued: boolean): readonly ReadTurn[] {
  const before = (isContinued && turns[turns.length - 1]?.messages[0]?.content) || [];
  const last = before[before.length - 1];
  const begun = last?.type === 'text' ? last : undefined;
  const parts: Part[] = text || calls.length === 0 ? [{ type: 'text', text: (begun?.text ?? '') + text }] : [];
  const content = joined(begun && parts.length > 0 ? withoutLast(before) : before, parts, calls);
  return joined(isContinued ? withoutLast(turns) : turns, [turnOf('assistant', { role: 'assistant', content })]);
}

export const messagesOf = (turns: readonly ReadTurn[]): Message[] => flat(mapped(turns, ({ messages }) => messages));
