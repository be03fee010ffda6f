/** What a page passes as a prompt: converted as Web IDL has it, checked, and made into turns of the neutral protocol. */

import type { Message, Part } from '../../protocol/generate';
import { chosen, each, mapped, sumOf } from '../lists';
import { chain, NativeTypeError } from '../realm';
import { exception } from './exceptions';
import { isIterable, isObject, required, toDictionary, toEnum, toList, toText } from './idl';
import { isAudio, isImage, readAudio, readImage } from './media';
import { mediaTokens, tokensOfPart } from './tokens';
import { toToolPart } from './tools';

export type ContentType = 'text' | 'image' | 'audio' | 'tool-call' | 'tool-response';
export const toContentType = (value: unknown): ContentType =>
  toEnum(['text', 'image', 'audio', 'tool-call', 'tool-response'], value);

interface Item {
  readonly type: ContentType;
  readonly value: unknown;
}

/** A message as it was passed. */
export interface Draft {
  readonly role: 'system' | 'user' | 'assistant';
  readonly prefix: boolean;
  readonly content: readonly Item[];
}

/** A message that passed every check, and has not been looked into. */
export interface Checked extends Pick<Draft, 'role' | 'prefix'> {
  readonly items: readonly (Item | Part)[];
  readonly tokens: number;
}

/** A message whose media are being read. */
export interface Turn extends Omit<Checked, 'items'> {
  readonly parts: readonly (Part | Promise<Part>)[];
}

/** By its type: what it has beside it, every object may seem to have in a page that says so. */
const isMedium = (item: Item | Part): item is Item => item.type === 'image' || item.type === 'audio';

const textItem = (value: string): Item => ({ type: 'text', value });
const toRole = (value: unknown) => toEnum(['system', 'user', 'assistant'], value);

function toItem(value: unknown): Item {
  const item = toDictionary(value);
  const type = required(item, 'type', toContentType);
  return { type, value: required(item, 'value', (given) => (isObject(given) ? given : toText(given))) };
}

export function toDraft(value: unknown): Draft {
  const message = toDictionary(value);
  const content = required(message, 'content', (given) =>
    isIterable(given) ? toList(given, toItem) : [textItem(toText(given))],
  );
  const prefix = !!message.prefix;
  return { content, prefix, role: required(message, 'role', toRole) };
}

/** Everything that is not iterable is text, a forgotten array too. */
export function toPrompt(value: unknown): readonly Draft[] {
  const drafts = isIterable(value)
    ? toList(value, toDraft)
    : [{ role: 'user', prefix: false, content: [textItem(toText(value))] } as const];
  return drafts.length > 0 ? drafts : [{ role: 'user', prefix: false, content: [] }];
}

/**
 * @param accepts what the session expects as input
 * @param isBegun something precedes the prompt in its session
 * @throws TypeError, SyntaxError, NotSupportedError, DataError as prompt-api.md 2.4 has them, before any medium is looked into
 */
export const checkPrompt = (drafts: readonly Draft[], accepts: Accepts, isBegun: boolean): Checked[] =>
  mapped(drafts, ({ role, prefix, content }, index) => {
    if (prefix && (role !== 'assistant' || index < drafts.length - 1))
      throw exception('SyntaxError', 'A prefix is the assistant’s last message.');
    if (role === 'system' && (isBegun || index > 0)) throw new NativeTypeError('The system prompt comes first.');
    const items = mapped(content, (item) => checkItem(item, role, accepts));
    return { role, prefix, items, tokens: sumOf(items, (item) => (isMedium(item) ? mediaTokens : tokensOfPart(item))) };
  });

export type Accepts = Readonly<Partial<Record<ContentType, boolean>>>;

function checkItem({ type, value }: Item, role: Draft['role'], accepts: Accepts): Item | Part {
  if (type === 'text') {
    if (typeof value !== 'string') throw exception('SyntaxError', 'The value of a text is a string.');
    return { type, text: value };
  }
  const isOfMedium = type === 'image' || type === 'audio';
  if ((isOfMedium && role === 'assistant') || !accepts[type])
    throw exception('NotSupportedError', `This session does not expect ${type} here.`);
  if (isOfMedium) {
    if (!(type === 'image' ? isImage : isAudio)(value)) throw new NativeTypeError(`This is no ${type}.`);
    return { type, value };
  }
  const part = role === (type === 'tool-call' ? 'assistant' : 'user') && toToolPart(type, value);
  if (!part) throw new NativeTypeError('A tool-call is the assistant’s, a tool-response the user’s.');
  return part;
}

/** Reads at once what the page may change as soon as it has control again. */
export const startReading = (checked: readonly Checked[]): Turn[] =>
  mapped(checked, ({ items, ...turn }) => ({ ...turn, parts: partsOf(items) }));

function partsOf(items: readonly (Item | Part)[]): Turn['parts'] {
  const parts: (Part | Promise<Part>)[] = [];
  each(items, (item) => {
    const last = parts[parts.length - 1];
    if (isMedium(item)) {
      const reading = (item.type === 'image' ? readImage : readAudio)(item.value);
      // Whoever waits for it hears of a failure; nobody may, where the prompt is aborted first.
      chain(reading, ignore, ignore);
      parts[parts.length] = reading;
    } else if (item.type === 'text' && last && 'type' in last && last.type === 'text') {
      parts[parts.length - 1] = { type: 'text', text: last.text + item.text };
    } else parts[parts.length] = item;
  });
  return parts.length > 0 ? parts : [{ type: 'text', text: '' }];
}

const ignore = () => undefined;

/** Tool results are a message of their own in the neutral protocol. */
export async function readTurn({ role, parts }: Turn): Promise<Message[]> {
  const read: Part[] = [];
  for (let index = 0; index < parts.length; index += 1) read[index] = await (parts[index] as Part | Promise<Part>);
  const isResult = ({ type }: Part) => type === 'tool-result';
  const messages: Message[] = [
    { role: 'tool', content: chosen(read, isResult) },
    { role, content: chosen(read, (part) => !isResult(part)) },
  ];
  return chosen(messages, ({ content }) => content.length > 0);
}
