/** Owns the writing of a chat as one text, for backends that only continue text, and its cutting to the context. */

import { backendError } from '../../protocol/errors';
import type { Message } from '../../protocol/generate';
import { tokensOfText } from '../../protocol/token-estimate';
import type { ChatTemplate } from './chat-templates';

export interface WrittenChat {
  /** What the system says, wrapped as its own turn; empty where there is none, or the format puts it into a user's turn. */
  readonly system: string;
  /** The turns after it, and the opening of the answer. `system + prompt` is the whole text. */
  readonly prompt: string;
  /** How many of the oldest messages did not fit. */
  readonly left: number;
}

/** Counts the tokens of a text: by the server where it can, else `estimateTokens`. */
export type CountTokens = (text: string) => number | Promise<number>;

/** Rather too many than too few: a server that gets too much cuts at the front, where the system's words are. */
export const estimateTokens = (text: string): number => Math.ceil(tokensOfText(text) * 1.15);

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
  /** How many messages of the chat it holds. */
  readonly messages: number;
}

/**
 * Writes the chat so that it fits into `tokens`: the oldest turns are left out, never the system's words nor the last turn. A chat that ends
 * with the assistant's words is continued there.
 * @throws AiError `not-supported` for what is no text, `context-length` where system and last turn alone do not fit
 */
export async function writeChat(
  messages: readonly Message[],
  template: ChatTemplate,
  { tokens = Number.POSITIVE_INFINITY, count = estimateTokens }: { tokens?: number | undefined; count?: CountTokens } = {},
): Promise<WrittenChat> {
  const system = messages
    .filter(({ role }) => role === 'system')
    .map(textOf)
    .join('\n\n');
  const turns = toTurns(messages.filter(({ role }) => role !== 'system'));
  const fits = async (start: number) => {
    const written = write(system, turns.slice(start), template);
    return (await count(written.system + written.prompt)) <= tokens;
  };
  // A conversation begins with the person: one that would begin with the assistant is cut one turn later.
  const starts = turns.flatMap(({ role }, index) =>
    index === 0 || index === turns.length - 1 || role === 'user' ? [index] : [],
  );
  const start = Number.isFinite(tokens) ? await firstThatFits(starts, fits) : starts[0];
  if (start === undefined && turns.length > 0) throw backendError('context-length', 'The prompt is too long for the model.');
  const kept = turns.slice(start ?? 0);
  const left = turns.slice(0, start ?? 0).reduce((sum, turn) => sum + turn.messages, 0);
  return { ...write(system, kept, template), left };
}

/** What is left out grows along the list, so that halving finds the first that fits with few counts. */
async function firstThatFits(starts: readonly number[], fits: (start: number) => Promise<boolean>): Promise<number | undefined> {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (await fits(starts[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return starts[low];
}

function write(system: string, turns: readonly Turn[], template: ChatTemplate): Omit<WrittenChat, 'left'> {
  const { place, before, after } = template.system;
  const wrapped = system === '' ? '' : `${before}${system}${after}`;
  const users = turns.flatMap(({ role }, index) => (role === 'user' ? [index] : []));
  const host = place === 'first-user' ? users[0] : users.at(-1);
  const isOwn = place === 'own-turn' || host === undefined;
  const last = turns.length - 1;
  const written = turns.map(({ role, text }, index) => {
    const { before: open, after: close } = template[role];
    const words = !isOwn && index === host ? wrapped + text : text;
    // The assistant's last words stay open, so that the model goes on with them.
    return role === 'assistant' && index === last ? open + words : open + words + close;
  });
  const continues = turns[last]?.role === 'assistant';
  const prompt = written.join('') + (continues ? '' : template.generation);
  return { system: isOwn ? wrapped : '', prompt };
}

/** Neighbours of one role are one turn: most formats know only turns that alternate. */
function toTurns(messages: readonly Message[]): readonly Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === 'tool') throw unsupported();
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const text = textOf(message);
    const before = turns.at(-1);
    if (before?.role === role) turns.splice(-1, 1, { role, text: `${before.text}\n${text}`, messages: before.messages + 1 });
    else turns.push({ role, text, messages: 1 });
  }
  return turns;
}

const unsupported = () => backendError('not-supported', 'This backend takes text only.', { field: 'messages' });

function textOf({ content }: Message): string {
  const words = content.filter(({ type }) => type !== 'reasoning');
  return words
    .map((part) => {
      if (part.type !== 'text') throw unsupported();
      return part.text;
    })
    .join('\n');
}
