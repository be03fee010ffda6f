/** What was asked, received and answered in a call, as plain text. */

import { i18n } from '#i18n';
import type { AskedPart, CallContent, ContentAnswer } from '../../protocol/activity';
import { bytes } from '../format';
import { plainLine } from '../plain-text';

function partText(part: AskedPart): string {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return part.text;
    case 'image':
      return i18n.t('request.image', { type: plainLine(part.mediaType), size: bytes(part.bytes) });
    case 'audio':
      return i18n.t('request.audio', { type: plainLine(part.mediaType), size: bytes(part.bytes) });
    case 'tool-call':
      return `${i18n.t('request.toolCall', { name: plainLine(part.name) })}\n${part.arguments}`;
    case 'tool-result':
      return part.result;
  }
}

export const askedText = (content: readonly AskedPart[]): string => content.map(partText).join('\n');

/** Empty where nothing but the messages was said. */
export const parametersText = (parameters: CallContent['parameters']): string =>
  Object.keys(parameters).length === 0 ? '' : JSON.stringify(parameters, undefined, 2);

export const answerText = ({ text, toolCalls }: ContentAnswer): string =>
  [text, ...toolCalls.map(({ name, arguments: given }) => `${i18n.t('request.toolCall', { name: plainLine(name) })}\n${given}`)]
    .filter((piece) => piece !== '')
    .join('\n');

interface Received {
  /** The text that a backend of text completion goes on with. */
  readonly prompt: string | undefined;
  /** All of the body. */
  readonly whole: string;
}

/** Where the dialects put it: KoboldCPP beside a memory, NovelAI as `input`. */
const promptFields = ['memory', 'prompt', 'input'];

/** @param body as it was sent; JSON, unless it was too long to be kept whole */
export function receivedOf(body: string): Received {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { prompt: undefined, whole: body };
  }
  const fields = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  const texts = promptFields.map((name) => fields[name]).filter((text) => typeof text === 'string');
  return { prompt: texts.length > 0 ? texts.join('') : undefined, whole: JSON.stringify(json, undefined, 2) };
}
