/** What a web page may ask, and the schema that everything from a page passes first. The table is closed: what is not here does not exist. */

import * as v from 'valibot';
import type { ClientFrame } from './channel';
import type { GenerateRequest } from './generate';
import { toRequestId } from './ids';
import { limits } from './limits';

export type PageCall =
  | { readonly type: 'generate'; readonly request: GenerateRequest }
  /** The name of the active model, `default` without a grant. Never asks the person. */
  | { readonly type: 'current-model' };

/** Pushed to documents with a grant only. */
export type PageEvent = { readonly type: 'model-changed'; readonly model: string };

const requestId = v.pipe(v.string(), v.minLength(1), v.maxLength(limits.idChars), v.transform(toRequestId));
const finite = (minimum: number, maximum: number) => v.pipe(v.number(), v.finite(), v.minValue(minimum), v.maxValue(maximum));
const count = (maximum: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(maximum));

const message = v.strictObject({
  role: v.picklist(['system', 'user', 'assistant']),
  content: v.pipe(
    v.array(v.strictObject({ type: v.literal('text'), text: v.string() })),
    v.minLength(1),
    v.maxLength(limits.messages),
  ),
});

const totalChars = (messages: readonly v.InferOutput<typeof message>[]) =>
  messages.reduce((total, { content }) => total + content.reduce((sum, part) => sum + part.text.length, 0), 0);

/** What a page may send and a person may make of it: text alone. */
export const requestMessages = v.pipe(
  v.array(message),
  v.minLength(1),
  v.maxLength(limits.messages),
  v.check((messages) => totalChars(messages) <= limits.requestChars),
);

const generateRequest = v.strictObject({
  messages: requestMessages,
  model: v.optional(v.pipe(v.string(), v.maxLength(limits.modelChars))),
  temperature: v.optional(finite(0, 2)),
  maxOutputTokens: v.optional(count(limits.maxOutputTokens)),
  stop: v.optional(
    v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(limits.stopSequenceChars))), v.maxLength(limits.stopSequences)),
  ),
  outputs: v.optional(count(limits.outputs)),
});

const pageCall = v.variant('type', [
  v.strictObject({ type: v.literal('generate'), request: generateRequest }),
  v.strictObject({ type: v.literal('current-model') }),
]);

const version = v.literal(1);

/** The frames of any channel around the calls of one. */
export const frameOf = <Call extends v.GenericSchema>(call: Call) =>
  v.variant('type', [
    v.strictObject({ v: version, type: v.literal('request'), id: requestId, call, activated: v.boolean() }),
    v.strictObject({ v: version, type: v.literal('abort'), id: requestId }),
    v.strictObject({
      v: version,
      type: v.literal('taken'),
      id: requestId,
      chars: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    }),
    v.strictObject({ v: version, type: v.literal('ping') }),
  ]);

const pageFrame = frameOf(pageCall);

/** A frame of a page as fresh objects with known keys, or undefined where anything about it is wrong. */
export function parsePageFrame(message: unknown): ClientFrame<PageCall> | undefined {
  // The first issue is enough: to list those of a million wrong messages takes seconds.
  const result = v.safeParse(pageFrame, message, { abortEarly: true });
  return result.success ? result.output : undefined;
}
