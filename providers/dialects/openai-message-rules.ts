/** Owns what some APIs want of the messages beyond OpenAI's format (backends/cloud.md 7.1, 7.3, 7.8). */

import type { Message } from '../../protocol/generate';
import type { Quirks } from '../provider';
import type { WireMessage } from './openai-messages';

/** @param neutral the same messages before their translation */
export function keepRules(
  wire: readonly WireMessage[],
  neutral: readonly Message[],
  rule: Quirks['messages'],
): readonly WireMessage[] {
  switch (rule) {
    case undefined:
      return wire;
    case 'nine-character-ids':
      return withShortIds(wire);
    case 'alternating':
      return alternating(wire);
    case 'reasoning-content':
      return withReasoning(wire, neutral);
  }
}

/** Mistral's own models take ids of exactly nine letters and digits; one that came from elsewhere gets another, the same everywhere. */
function withShortIds(wire: readonly WireMessage[]): readonly WireMessage[] {
  const ids = new Map<string, string>();
  const shorten = (id: string): string => {
    const short = /^[a-zA-Z0-9]{9}$/.test(id) ? id : `call${`${ids.size}`.padStart(5, '0')}`;
    if (!ids.has(id)) ids.set(id, short);
    return ids.get(id) ?? short;
  };
  return wire.map((message) => ({
    ...message,
    ...(message.tool_call_id !== undefined && { tool_call_id: shorten(message.tool_call_id) }),
    ...(message.tool_calls !== undefined && {
      tool_calls: message.tool_calls.map((call) => ({ ...call, id: shorten(call.id) })),
    }),
  }));
}

/** Perplexity refuses two messages of one role in a row, so neighbours become one. */
function alternating(wire: readonly WireMessage[]): readonly WireMessage[] {
  const merged: WireMessage[] = [];
  for (const message of wire) {
    const last = merged.at(-1);
    if (last?.role !== message.role) merged.push(message);
    else merged[merged.length - 1] = { ...last, content: joined(last.content, message.content) };
  }
  return merged;
}

type Content = WireMessage['content'];
function joined(one: Content, other: Content): Content {
  if (typeof one === 'string' && typeof other === 'string') return `${one}\n\n${other}`;
  const partsOf = (content: Content) => (typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []));
  return [...partsOf(one), ...partsOf(other)];
}

/** DeepSeek wants what it thought before it called a tool; nothing is known of it where another model did. */
function withReasoning(wire: readonly WireMessage[], neutral: readonly Message[]): readonly WireMessage[] {
  const thoughts = neutral
    .filter(({ role, content }) => role === 'assistant' && content.some(({ type }) => type === 'tool-call'))
    .map(({ content }) => content.map((part) => (part.type === 'reasoning' ? part.text : '')).join(''));
  return wire.map((message) =>
    message.tool_calls === undefined ? message : { ...message, reasoning_content: thoughts.shift() ?? '' },
  );
}
