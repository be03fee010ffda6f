/** Owns the translation of neutral messages into a conversation with Claude: a system text, and turns of user and assistant in alternation. */

import { backendError } from '../../protocol/errors';
import type { Message, Part } from '../../protocol/generate';
import { toArguments } from './tool-arguments';

type Block = Readonly<Record<string, unknown>> & { readonly type: string };

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: readonly Block[];
}

export interface Conversation {
  readonly system: string | undefined;
  readonly turns: readonly Turn[];
  /** The last turn is the beginning of the answer. */
  readonly isPrefilled: boolean;
  /** The last turn brings the results of tools. */
  readonly isToolLoop: boolean;
}

const imageTypes = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/**
 * Messages as `system` and `messages` (Anthropic API reference, Messages). System messages at the head become the system text, later ones are
 * said by the user, which every version of the API takes. Thoughts are not sent back: without their signature they are refused.
 * @throws AiError fault `not-supported` for audio, or an image that is of another kind or not the user's
 */
export function toConversation(messages: readonly Message[]): Conversation {
  const firstTurn = messages.findIndex(({ role }) => role !== 'system');
  const head = firstTurn === -1 ? messages.slice(0, -1) : messages.slice(0, firstTurn);
  const system = head.flatMap(({ content }) => content.filter((part) => part.type === 'text').map(({ text }) => text));
  for (const { content } of head) content.forEach(refuseInSystem);
  const turns = merge(messages.slice(head.length).map(toTurn));
  const last = turns.at(-1);
  return {
    system: system.join('\n\n').trim() === '' ? undefined : system.join('\n\n'),
    // The first turn must be the user's, and no turn may be blank.
    turns:
      turns[0]?.role === 'user' ? closed(turns) : closed([{ role: 'user', content: [{ type: 'text', text: '…' }] }, ...turns]),
    isPrefilled: last?.role === 'assistant',
    isToolLoop: last?.content[0]?.type === 'tool_result',
  };
}

function refuseInSystem(part: Part): void {
  if (part.type === 'image' || part.type === 'audio')
    throw backendError('not-supported', 'The system text of Claude is text only.', { field: 'messages' });
}

function toTurn({ role, content }: Message): Turn {
  const speaker = role === 'assistant' ? 'assistant' : 'user';
  return { role: speaker, content: content.flatMap((part) => toBlocks(part, speaker)) };
}

function toBlocks(part: Part, role: Turn['role']): Block[] {
  switch (part.type) {
    case 'text':
      return part.text.trim() === '' ? [] : [{ type: 'text', text: part.text }];
    case 'image':
      if (role !== 'user' || !imageTypes.has(part.mediaType))
        throw backendError('not-supported', 'Claude takes PNG, JPEG, GIF and WebP from the user.', { field: 'messages' });
      return [{ type: 'image', source: { type: 'base64', media_type: part.mediaType, data: part.data } }];
    case 'audio':
      throw backendError('not-supported', 'Claude takes no audio.', { field: 'messages' });
    case 'tool-call':
      return [{ type: 'tool_use', id: toId(part.id), name: part.name, input: toArguments(part.arguments) }];
    case 'tool-result': {
      const content = part.result === '' ? {} : { content: part.result };
      return [{ type: 'tool_result', tool_use_id: toId(part.id), ...content }];
    }
    case 'reasoning':
      return [];
  }
}

/** Ids of another vendor's calls may have characters that are refused here. */
const toId = (id: string): string => id.replace(/[^\w-]/g, '_');

/** Neighbours of one role are one turn, in which results of tools come before everything else; empty turns are none. */
function merge(turns: readonly Turn[]): Turn[] {
  const merged: Turn[] = [];
  for (const turn of turns.filter(({ content }) => content.length > 0)) {
    const last = merged.at(-1);
    if (last?.role !== turn.role) merged.push(turn);
    else merged[merged.length - 1] = { role: turn.role, content: [...last.content, ...turn.content] };
  }
  const isResult = ({ type }: Block) => type === 'tool_result';
  return merged.map(({ role, content }) => ({
    role,
    content: [...content.filter(isResult), ...content.filter((block) => !isResult(block))],
  }));
}

/** The beginning of an answer must not end with blanks. */
function closed(turns: readonly Turn[]): Turn[] {
  return turns.map((turn, index) => {
    if (index < turns.length - 1 || turn.role !== 'assistant') return turn;
    const last = turn.content.at(-1);
    if (typeof last?.text !== 'string') return turn;
    return { ...turn, content: [...turn.content.slice(0, -1), { ...last, text: last.text.trimEnd() }] };
  });
}
