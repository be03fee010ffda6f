/** What a page passes to classic `window.ai`, read once and turned into the neutral request. Wrong input gets the original's own errors. */

import type { GenerateRequest, Message, Part } from '../protocol/generate';
import * as limits from '../protocol/page-limits';
import { chosen, mapped, sumOf } from './lists';
import { isArray, NativeError } from './realm';
import type { ChatMessage, CompletionOptions } from './window-ai';

export type TextInput = ({ readonly prompt: string } | { readonly messages: readonly ChatMessage[] }) & {
  readonly model?: string | null;
};

type TextPart = Extract<Part, { type: 'text' }>;

export type ParsedCall =
  | {
      readonly request: GenerateRequest;
      /** The kind of output follows the kind of input. */
      readonly kind: 'text' | 'message';
      readonly onStreamResult: NonNullable<CompletionOptions['onStreamResult']> | undefined;
      readonly onProgress: NonNullable<CompletionOptions['onProgress']> | undefined;
      readonly signal: AbortSignal | undefined;
    }
  | { readonly error: Error; readonly onStreamResult?: undefined }
  /** Told like every error of a request. */
  | { readonly error: 'INVALID_REQUEST'; readonly onStreamResult?: CompletionOptions['onStreamResult'] };

const invalidInput = (): ParsedCall => ({ error: new NativeError('Invalid input') });
const invalidOptions = (): ParsedCall => ({ error: new NativeError('Invalid options') });

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

export function parseCall(input: unknown, options: unknown = {}): ParsedCall {
  try {
    if (!isObject(options)) return invalidOptions();
    if (!isObject(input)) return invalidInput();
    return parse(input, options);
  } catch {
    // A getter or a proxy of the page threw.
    return { error: 'INVALID_REQUEST' };
  }
}

function parse(input: Record<string, unknown>, options: Record<string, unknown>): ParsedCall {
  const { onStreamResult, onProgress, signal, temperature, maxTokens, numOutputs, stopSequences } = options;
  if (!isAbsent(onStreamResult) && typeof onStreamResult !== 'function') return invalidOptions();
  if (!isAbsent(onProgress) && typeof onProgress !== 'function') return invalidOptions();
  if (!isAbsent(signal) && !(signal instanceof AbortSignal)) return invalidOptions();

  const { messages, prompt } = input;
  const hasMessages = isArray(messages);
  if (!hasMessages && typeof prompt !== 'string') return invalidInput();

  const texts = hasMessages ? readMessages(messages) : [];
  if (typeof prompt === 'string' && texts) texts[texts.length] = toMessage('user', prompt);
  const model = options.model ?? input.model;
  const stop = readStops(stopSequences);
  const isValid =
    texts &&
    fits(texts) &&
    stop !== null &&
    (isAbsent(temperature) || isNumber(temperature, 0, 2)) &&
    (isAbsent(maxTokens) || isCount(maxTokens, limits.maxOutputTokens)) &&
    (isAbsent(numOutputs) || isCount(numOutputs, limits.outputs)) &&
    (isAbsent(model) || (typeof model === 'string' && model.length <= limits.modelChars));
  if (!isValid) return { error: 'INVALID_REQUEST', onStreamResult: onStreamResult as CompletionOptions['onStreamResult'] };

  const request: GenerateRequest = {
    messages: texts,
    ...(!!model && { model: model as string }),
    ...(!isAbsent(temperature) && { temperature: temperature as number }),
    ...(!isAbsent(maxTokens) && { maxOutputTokens: maxTokens as number }),
    ...(!isAbsent(numOutputs) && { outputs: numOutputs as number }),
    ...(stop && stop.length > 0 && { stop }),
  };
  return {
    request,
    kind: hasMessages ? 'message' : 'text',
    onStreamResult: (onStreamResult as CompletionOptions['onStreamResult']) ?? undefined,
    onProgress: (onProgress as CompletionOptions['onProgress']) ?? undefined,
    signal: (signal as AbortSignal | null) ?? undefined,
  };
}

/** Old clients pass `null` and `undefined` for what they leave out. */
const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null;

const isNumber = (value: unknown, minimum: number, maximum: number) =>
  typeof value === 'number' && value >= minimum && value <= maximum;

const isCount = (value: unknown, maximum: number) => isNumber(value, 1, maximum) && (value as number) % 1 === 0;

const toMessage = (role: Message['role'], text: string): Message => ({ role, content: [{ type: 'text', text }] });

/** Undefined where a message is malformed. */
function readMessages(messages: readonly unknown[]): Message[] | undefined {
  if (messages.length > limits.messages) return undefined;
  const read: Message[] = [];
  for (let index = 0; index < messages.length; index += 1) {
    const message = messages[index];
    if (!isObject(message)) return undefined;
    const { role, content } = message;
    if (role !== 'system' && role !== 'user' && role !== 'assistant') return undefined;
    if (typeof content !== 'string') return undefined;
    read[index] = toMessage(role, content);
  }
  return read;
}

/** At least one message, and not more text than Oriel takes: an oversized request never leaves the document. */
const fits = (messages: readonly Message[]) =>
  messages.length > 0 &&
  messages.length <= limits.messages &&
  sumOf(messages, ({ content }) => (content[0] as TextPart).text.length) <= limits.requestChars;

/** Undefined where absent, null where malformed. */
function readStops(stops: unknown): string[] | undefined | null {
  if (isAbsent(stops)) return undefined;
  const isValid = (stop: unknown) => typeof stop === 'string' && stop.length <= limits.stopSequenceChars;
  if (!isArray(stops) || stops.length > limits.stopSequences) return null;
  // Each is read once: a page's array may answer otherwise the next time.
  const read: unknown[] = mapped(stops, (stop) => stop);
  return chosen(read, isValid).length < read.length ? null : (chosen(read, (stop) => stop) as string[]);
}
