/** Owns the translation of neutral messages into the contents of a Gemini request: a system text, and turns of user and model in alternation. */

import type { Message, Part } from '../../protocol/generate';
import { toArguments } from './tool-arguments';

type WirePart = Readonly<Record<string, unknown>>;

interface Turn {
  readonly role: 'user' | 'model';
  readonly parts: readonly WirePart[];
}

export interface Contents {
  readonly system: string | undefined;
  readonly turns: readonly Turn[];
  /** The last turn is the beginning of the answer. */
  readonly isPrefilled: boolean;
}

/** What Google tells clients to send in the place of a thought's signature that they do not have (Gemini guide, Thought signatures). */
const noSignature = 'skip_thought_signature_validator';

/**
 * Messages as `systemInstruction` and `contents` (Gemini API reference, Content). System messages at the head become the system text where the
 * model has one; all others are said by the user. Thoughts are not sent back.
 * @param signsCalls calls must carry the signature of their thought
 */
export function toContents(messages: readonly Message[], takesSystem: boolean, signsCalls: boolean): Contents {
  const firstTurn = messages.findIndex(({ role }) => role !== 'system');
  // Something must be asked, and only text can be a system text.
  const mostHead = firstTurn === -1 ? messages.length - 1 : firstTurn;
  const firstOther = messages.findIndex(({ content }) => content.some(({ type }) => type !== 'text'));
  const head = takesSystem ? messages.slice(0, firstOther === -1 ? mostHead : Math.min(mostHead, firstOther)) : [];
  const system = head.flatMap(({ content }) => content.map((part) => (part.type === 'text' ? part.text : ''))).join('\n\n');
  const names = new Map<string, string>();
  const turns: Turn[] = [];
  for (const { role, content } of messages.slice(head.length)) {
    for (const part of content) if (part.type === 'tool-call') names.set(part.id, part.name);
    const parts = sign(
      content.flatMap((part) => toWirePart(part, names)),
      signsCalls,
    );
    if (parts.length > 0) append(turns, { role: role === 'assistant' ? 'model' : 'user', parts });
  }
  return {
    system: system.trim() === '' ? undefined : system,
    turns,
    isPrefilled: turns.at(-1)?.role === 'model',
  };
}

/** Neighbours of one role are one turn. */
function append(turns: Turn[], turn: Turn): void {
  const last = turns.at(-1);
  if (last?.role === turn.role) turns[turns.length - 1] = { role: turn.role, parts: [...last.parts, ...turn.parts] };
  else turns.push(turn);
}

/** Of calls made at once the first alone is signed. */
function sign(parts: readonly WirePart[], signsCalls: boolean): readonly WirePart[] {
  const first = parts.findIndex((part) => 'functionCall' in part);
  if (!signsCalls || first === -1) return parts;
  return parts.map((part, index) => (index === first ? { ...part, thoughtSignature: noSignature } : part));
}

/** @param names of the tools that were called so far, by the id of the call: a result names both */
function toWirePart(part: Part, names: ReadonlyMap<string, string>): WirePart[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [{ text: part.text }];
    case 'image':
      return [{ inlineData: { mimeType: part.mediaType, data: part.data } }];
    case 'audio':
      return [{ inlineData: { mimeType: audioType(part.mediaType), data: part.data } }];
    case 'tool-call':
      return [{ functionCall: { id: part.id, name: part.name, args: toArguments(part.arguments) } }];
    case 'tool-result':
      return [{ functionResponse: { id: part.id, name: names.get(part.id) ?? part.id, response: { result: part.result } } }];
    case 'reasoning':
      return [];
  }
}

/** Browsers name some types otherwise than the API does (Gemini guide, Audio understanding, "Supported audio formats"). */
function audioType(mediaType: string): string {
  const type = (mediaType.split(';', 1)[0] ?? '').trim().toLowerCase();
  const names: Readonly<Record<string, string>> = {
    'audio/mpeg': 'audio/mp3',
    'audio/x-wav': 'audio/wav',
    'audio/wave': 'audio/wav',
    'audio/vnd.wave': 'audio/wav',
    'audio/x-flac': 'audio/flac',
    'audio/x-aiff': 'audio/aiff',
  };
  return names[type] ?? type;
}
