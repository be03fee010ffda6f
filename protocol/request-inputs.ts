/** The schema of everything that a page may put into a request. Strict and cheap: it is the first thing that hostile input meets. */

import * as v from 'valibot';
import { copyJsonObject } from './json-copy';
import { limits } from './limits';
import { wishes } from './scopes';

const finite = (minimum: number, maximum: number) => v.pipe(v.number(), v.finite(), v.minValue(minimum), v.maxValue(maximum));
const count = (maximum: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(maximum));
const name = v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/));
const callId = v.pipe(v.string(), v.minLength(1), v.maxLength(limits.toolCallIdChars));

/** Fresh plain objects of JSON, no deeper and no longer than the limits say. */
const jsonObject = v.pipe(
  v.unknown(),
  v.transform((value) => copyJsonObject(value, { chars: limits.schemaChars, depth: limits.schemaDepth })),
  v.custom<Readonly<Record<string, unknown>>>((value) => value !== undefined),
);

const base64 = v.pipe(
  v.string(),
  v.minLength(4),
  v.maxLength(limits.mediaChars),
  v.regex(/^[A-Za-z0-9+/]+={0,2}$/),
  v.check((data) => data.length % 4 === 0),
);
const text = v.strictObject({ type: v.literal('text'), text: v.string() });
const image = v.strictObject({
  type: v.literal('image'),
  mediaType: v.picklist(['image/png', 'image/jpeg', 'image/webp', 'image/gif']),
  data: base64,
});
const audio = v.strictObject({
  type: v.literal('audio'),
  mediaType: v.picklist(['audio/wav', 'audio/mpeg', 'audio/ogg', 'audio/flac', 'audio/aac', 'audio/webm', 'audio/mp4']),
  data: base64,
});
const reasoning = v.strictObject({ type: v.literal('reasoning'), text: v.string() });
const toolCall = v.strictObject({ type: v.literal('tool-call'), id: callId, name, arguments: v.string() });
const toolResult = v.strictObject({ type: v.literal('tool-result'), id: callId, result: v.string() });

const content = <Item extends v.GenericSchema>(part: Item) => v.pipe(v.array(part), v.minLength(1), v.maxLength(limits.messages));

/** Who may say what: the system speaks in text, media are the user's, calls the assistant's. */
const message = v.variant('role', [
  v.strictObject({ role: v.literal('system'), content: content(text) }),
  v.strictObject({ role: v.literal('user'), content: content(v.variant('type', [text, image, audio, toolResult])) }),
  v.strictObject({ role: v.literal('assistant'), content: content(v.variant('type', [text, reasoning, toolCall])) }),
  v.strictObject({ role: v.literal('tool'), content: content(toolResult) }),
]);
type Message = v.InferOutput<typeof message>;
type Part = Message['content'][number];

/** Characters that are words: media have bounds of their own. */
const wordsOf = (part: Part): number => {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return part.text.length;
    case 'tool-call':
      return part.arguments.length;
    case 'tool-result':
      return part.result.length;
    default:
      return 0;
  }
};

const sum = (messages: readonly Message[], weigh: (part: Part) => number) =>
  messages.reduce((total, { content: parts }) => total + parts.reduce((all, part) => all + weigh(part), 0), 0);

const messages = v.pipe(
  v.array(message),
  v.minLength(1),
  v.maxLength(limits.messages),
  v.check((all) => sum(all, wordsOf) <= limits.requestChars),
  v.check((all) => sum(all, (part) => ('data' in part ? part.data.length : 0)) <= limits.mediaChars),
  v.check((all) => sum(all, (part) => ('data' in part ? 1 : 0)) <= limits.mediaParts),
);

const textMessage = v.strictObject({ role: v.picklist(['system', 'user', 'assistant']), content: content(text) });

/** What a person writes, or makes of a page's request: text alone. */
export const textMessages = v.pipe(
  v.array(textMessage),
  v.minLength(1),
  v.maxLength(limits.messages),
  v.check((all) => sum(all, wordsOf) <= limits.requestChars),
);

const tool = v.strictObject({
  name,
  description: v.optional(v.pipe(v.string(), v.maxLength(limits.toolDescriptionChars))),
  parameters: jsonObject,
});

const tools = v.pipe(
  v.array(tool),
  v.maxLength(limits.tools),
  v.check((all) => new Set(all.map((one) => one.name)).size === all.length),
  v.check((all) => JSON.stringify(all).length <= limits.requestChars),
);

const responseFormat = v.variant('type', [
  v.strictObject({ type: v.literal('text') }),
  v.strictObject({
    type: v.literal('json-schema'),
    schema: jsonObject,
    name: v.optional(name),
    isUntold: v.optional(v.boolean()),
  }),
  v.strictObject({
    type: v.literal('regexp'),
    source: v.pipe(v.string(), v.maxLength(limits.regexpChars)),
    flags: v.pipe(v.string(), v.regex(/^(?!.*(.).*\1)[dgimsuvy]{0,7}$/)),
    isUntold: v.optional(v.boolean()),
  }),
]);

const toolChoice = v.union([v.picklist(['auto', 'none', 'required']), v.strictObject({ name })]);

/** What a call is made of as far as it has a length. */
export const measuredFields = {
  messages,
  tools: v.optional(tools),
  responseFormat: v.optional(responseFormat),
};

export const generateRequest = v.pipe(
  v.strictObject({
    ...measuredFields,
    model: v.optional(v.pipe(v.string(), v.maxLength(limits.modelChars))),
    temperature: v.optional(finite(0, 2)),
    topP: v.optional(finite(0, 1)),
    topK: v.optional(count(limits.topK)),
    minP: v.optional(finite(0, 1)),
    seed: v.optional(v.pipe(v.number(), v.safeInteger())),
    presencePenalty: v.optional(finite(-2, 2)),
    frequencyPenalty: v.optional(finite(-2, 2)),
    repetitionPenalty: v.optional(finite(0, 2)),
    maxOutputTokens: v.optional(count(limits.maxOutputTokens)),
    stop: v.optional(
      v.pipe(
        v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(limits.stopSequenceChars))),
        v.maxLength(limits.stopSequences),
      ),
    ),
    outputs: v.optional(count(limits.outputs)),
    toolChoice: v.optional(toolChoice),
    reasoningEffort: v.optional(v.picklist(['none', 'minimal', 'low', 'medium', 'high'])),
  }),
  v.check(
    ({ toolChoice: choice, tools: offered = [] }) =>
      typeof choice !== 'object' || offered.some((one) => one.name === choice.name),
  ),
);

export const embedRequest = v.strictObject({
  input: v.pipe(
    v.array(v.pipe(v.string(), v.minLength(1))),
    v.minLength(1),
    v.maxLength(limits.embedTexts),
    v.check((texts) => texts.reduce((total, one) => total + one.length, 0) <= limits.requestChars),
  ),
  model: v.optional(v.pipe(v.string(), v.maxLength(limits.modelChars))),
  dimensions: v.optional(count(limits.embedDimensions)),
});

export const wishList = v.pipe(v.array(v.picklist(wishes)), v.maxLength(wishes.length));
