/** Owns the translation of neutral messages into the input items of OpenAI's Responses API. */

import { backendError } from '../../protocol/errors';
import type { Message, Part } from '../../protocol/generate';

type Item = Readonly<Record<string, unknown>>;

/**
 * The `input` of a request (OpenAI API reference, Responses). Calls of tools and their results are items of their own. Earlier reasoning
 * stays away: it counts only with the vendor's encrypted form of it.
 * @throws AiError `not-supported` for audio, and for images that are not the user's
 */
export const toInput = (messages: readonly Message[], systemRole: 'system' | 'developer'): Item[] =>
  messages.flatMap((message) => toItems(message, systemRole));

function toItems({ role, content }: Message, systemRole: 'system' | 'developer'): Item[] {
  const results = content.filter((part) => part.type === 'tool-result');
  const calls = content.filter((part) => part.type === 'tool-call');
  const said = content.flatMap((part) => toContent(part, role));
  return [
    ...results.map(({ id, result }) => ({ type: 'function_call_output', call_id: id, output: result })),
    // The type may be left out where the vendor reads it; llama.cpp takes an answer for one by its type only.
    ...(said.length > 0 ? [{ type: 'message', role: role === 'system' ? systemRole : role, content: said }] : []),
    ...calls.map(({ id, name, arguments: json }) => ({ type: 'function_call', call_id: id, name, arguments: json })),
  ];
}

function toContent(part: Part, role: Message['role']): Item[] {
  switch (part.type) {
    case 'text':
      return [{ type: role === 'assistant' ? 'output_text' : 'input_text', text: part.text }];
    case 'image':
      if (role !== 'user') break;
      return [{ type: 'input_image', image_url: `data:${part.mediaType};base64,${part.data}`, detail: 'auto' }];
    case 'audio':
      break;
    case 'tool-call':
    case 'tool-result':
    case 'reasoning':
      return [];
  }
  throw backendError('not-supported', 'The Responses API does not take this part of a message.', { field: 'messages' });
}
