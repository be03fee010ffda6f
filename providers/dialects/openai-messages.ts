/** Owns the translation of neutral messages into those of OpenAI's Chat Completions. */

import type { Message, Part } from '../../protocol/generate';

export interface WireMessage {
  readonly role: string;
  readonly content: string | readonly object[] | null;
  readonly tool_calls?: readonly { readonly id: string; readonly type: 'function'; readonly function: object }[];
  readonly tool_call_id?: string;
  readonly reasoning?: string;
  readonly reasoning_content?: string;
}

export interface MessageOptions {
  /** `developer` for OpenAI's reasoning models. */
  readonly systemRole: 'system' | 'developer';
  /** OpenRouter passes earlier reasoning back to models that want it; others refuse the field. */
  readonly sendsReasoning: boolean;
}

/** The `messages` of a request (OpenAI API reference, Chat Completions). Each tool result becomes a message of its own. */
export function toWireMessages(messages: readonly Message[], options: MessageOptions): WireMessage[] {
  return messages.flatMap((message) => {
    const results = message.content.filter((part) => part.type === 'tool-result');
    const wireResults = results.map(({ id, result }) => ({ role: 'tool', tool_call_id: id, content: result }));
    const isOnlyResults = results.length > 0 && results.length === message.content.length;
    return isOnlyResults ? wireResults : [...wireResults, toWireMessage(message, options)];
  });
}

function toWireMessage({ role, content }: Message, { systemRole, sendsReasoning }: MessageOptions): WireMessage {
  const calls = content.filter((part) => part.type === 'tool-call');
  const reasoning = content.filter((part) => part.type === 'reasoning').map(({ text }) => text);
  const parts = content.filter(isContent);
  return {
    role: role === 'system' ? systemRole : role,
    content: parts.length === 0 && calls.length > 0 ? null : toWireContent(parts),
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ id, name, arguments: json }) => ({ id, type: 'function', function: { name, arguments: json } })),
    }),
    ...(sendsReasoning && reasoning.length > 0 && { reasoning: reasoning.join('') }),
  };
}

type ContentPart = Extract<Part, { type: 'text' | 'image' | 'audio' }>;
const isContent = (part: Part): part is ContentPart => part.type === 'text' || part.type === 'image' || part.type === 'audio';

/** Pure text goes as a string: the templates of many local servers know nothing else. */
function toWireContent(parts: readonly ContentPart[]): string | readonly object[] {
  if (parts.every((part) => part.type === 'text')) return parts.map(({ text }) => text).join('\n');
  return parts.map(toWirePart);
}

function toWirePart(part: ContentPart): object {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image':
      return { type: 'image_url', image_url: { url: `data:${part.mediaType};base64,${part.data}` } };
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: audioFormat(part.mediaType) } };
  }
}

/** The API names `wav` and `mp3`; browsers name the same things in several ways. */
function audioFormat(mediaType: string): string {
  const subtype = (mediaType.split(';', 1)[0] ?? '')
    .trim()
    .toLowerCase()
    .replace(/^audio\/(x-)?/, '');
  if (subtype === 'mpeg') return 'mp3';
  return subtype === 'wave' || subtype === 'vnd.wave' ? 'wav' : subtype;
}
