/** The form that a page wants an answer in: how it is asked for, and whether an answer keeps to it. */

import { AiError } from '../protocol/errors';
import type { GenerateRequest, Message, ResponseFormat } from '../protocol/generate';
import { canBeginJson } from './json-prefix';
import { compileSchema } from './json-schema';
import { isMap, type JsonMap } from './json-values';
import { compileRegExp } from './regexp';
import { createMatch } from './regexp-match';

export interface AnswerForm {
  /** What a backend may be able to enforce by itself; undefined where none could. */
  readonly enforced?: Enforced | undefined;
  /** What the model is told where its backend cannot. */
  readonly words: string;
  /** The model is not told all the same. */
  readonly isUntold?: boolean | undefined;
  /** Reads an answer as it comes: false once it can no longer be in the form, as far as it is cheap to tell. */
  follow(): (text: string) => boolean;
  /** The answer as the page gets it, the model's wrapping taken off; undefined where it is not in the form. */
  read(text: string, isEnforced: boolean): string | undefined;
}

export interface Enforced {
  readonly format: ResponseFormat;
  /** The answer is the value of an object that the page did not ask for: many APIs enforce objects only. */
  readonly isWrapped: boolean;
}

/** So much of an answer is JSON or is not. */
const beginningChars = 200;

const notBegun = () => new AiError('not-supported', 'No answer in this form begins like that.', { field: 'messages' });

/** The beginning of the answer, where the page wrote one. */
export function prefixOf({ messages }: Pick<GenerateRequest, 'messages'>): string {
  const last = messages.at(-1);
  return last?.role === 'assistant' ? last.content.map((part) => (part.type === 'text' ? part.text : '')).join('') : '';
}

/**
 * Undefined where any text will do.
 * @throws AiError `not-supported` for a form that cannot be checked, or that the beginning which the page wrote cannot become
 */
export function answerFormOf(request: Pick<GenerateRequest, 'messages' | 'responseFormat'>): AnswerForm | undefined {
  const { responseFormat: format } = request;
  if (format === undefined || format.type === 'text') return undefined;
  const form = format.type === 'regexp' ? regExpForm(format, prefixOf(request)) : schemaForm(format, prefixOf(request));
  return { ...form, isUntold: format.isUntold };
}

/** Models like to repeat what was begun for them. */
const withoutRepeat = (text: string, prefix: string): readonly string[] =>
  prefix !== '' && text.trimStart().startsWith(prefix) ? [text, text.trimStart().slice(prefix.length)] : [text];

function regExpForm({ source, flags }: Extract<ResponseFormat, { type: 'regexp' }>, prefix: string): AnswerForm {
  const machine = compileRegExp(source, flags);
  const canBegin = (text: string) => createMatch(machine).push(text);
  const matches = (text: string) => {
    const match = createMatch(machine);
    return match.push(text) && match.end();
  };
  if (!canBegin(prefix)) throw notBegun();
  return {
    words: `a text that matches this regular expression of JavaScript from its first to its last character: /${source}/${flags}`,
    follow() {
      if (prefix !== '') return () => true;
      const [exact, trimmed] = [createMatch(machine), createMatch(machine)];
      let hasBegun = false;
      return (text) => {
        const begun = hasBegun ? text : text.trimStart();
        hasBegun ||= begun !== '';
        const isExact = exact.push(text);
        return trimmed.push(begun) || isExact;
      };
    },
    read(text) {
      const candidates = [text, withoutThoughts(text)]
        .flatMap((one) => withoutRepeat(one, prefix))
        .flatMap((one) => [one, one.trim()]);
      return [...new Set(candidates)].find((candidate) => matches(prefix + candidate));
    },
  };
}

function schemaForm({ schema, name }: Extract<ResponseFormat, { type: 'json-schema' }>, prefix: string): AnswerForm {
  const check = compileSchema(schema);
  const isValid = (text: string) => {
    const parsed = parse(text);
    return parsed !== undefined && check.isValid(parsed.value);
  };
  if (prefix !== '' && !(canBeginJson(prefix) && canBeginType(prefix, schema))) throw notBegun();
  const isWrapped = schema.type !== 'object';
  return {
    // A backend that enforces a form enforces it on what it writes itself, and that is only the rest.
    enforced:
      prefix === '' && !(isWrapped && hasReference(schema))
        ? { format: { type: 'json-schema', schema: isWrapped ? wrap(schema) : schema, name }, isWrapped }
        : undefined,
    words: `JSON that is valid against this JSON Schema: ${JSON.stringify(schema)}`,
    follow() {
      let begun = '';
      return (text) => {
        begun = (begun + text).slice(0, beginningChars);
        return prefix !== '' || canBeginJson(begun);
      };
    },
    read(text, isEnforced) {
      if (isEnforced && isWrapped) {
        const inner = parse(text)?.value;
        if (isMap(inner) && 'value' in inner && check.isValid(inner.value)) return JSON.stringify(inner.value);
      }
      const spoken = [text, withoutThoughts(text)];
      const candidates = spoken.flatMap((one) => (prefix === '' ? [one, withoutFence(one)] : withoutRepeat(one, prefix)));
      return [...new Set(candidates)].find((candidate) => isValid(prefix + candidate));
    },
  };
}

const wrap = (schema: JsonMap): JsonMap => ({
  type: 'object',
  properties: { value: schema },
  required: ['value'],
  additionalProperties: false,
});

/** A pointer would lead elsewhere from inside of another schema. */
const hasReference = (schema: JsonMap): boolean => JSON.stringify(schema).includes('"$ref"');

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    // What the model wrote is no JSON.
    return undefined;
  }
}

/** Chat models wrap JSON for people to look at. */
const withoutFence = (text: string): string => /^\s*```(?:json)?[ \t]*\n([\s\S]*?)\n?\s*```\s*$/i.exec(text)?.[1] ?? text;

/** A server that does not tell them apart sends the thoughts of its model as the beginning of the answer. */
const withoutThoughts = (text: string): string => {
  const end = text.lastIndexOf('</think>');
  return end === -1 ? text : text.slice(end + '</think>'.length).trimStart();
};

const beginnings: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^\{/, ['object']],
  [/^\[/, ['array']],
  [/^"/, ['string']],
  [/^[tf]/, ['boolean']],
  [/^n/, ['null']],
  [/^[-\d]/, ['number', 'integer']],
];

function canBeginType(prefix: string, { type }: JsonMap): boolean {
  const types = beginnings.find(([shape]) => shape.test(prefix.trimStart()))?.[1];
  const asked = typeof type === 'string' ? [type] : Array.isArray(type) ? type : undefined;
  return types === undefined || asked === undefined || types.some((name) => asked.includes(name));
}

/** The request with the form said in words, where its last question stands. */
export function inWords(request: GenerateRequest, { words }: AnswerForm, isRepeated: boolean): GenerateRequest {
  const hasPrefix = prefixOf(request) !== '';
  const text = [
    ...(isRepeated ? ['The answer before this one was not in the form that is needed.'] : []),
    `Answer with nothing but ${words}`,
    ...(hasPrefix ? ['The answer is begun already: go on right after its beginning, and do not repeat it.'] : []),
    ...(isRepeated ? ['No explanation, no Markdown.'] : []),
  ].join('\n');
  const at = request.messages.findLastIndex(({ role }) => role === 'user');
  const said: Message['content'][number] = { type: 'text', text };
  const messages: readonly Message[] =
    at === -1
      ? [{ role: 'system', content: [said] }, ...request.messages]
      : request.messages.map((message, index) => (index === at ? { ...message, content: [...message.content, said] } : message));
  return { ...request, messages, responseFormat: undefined };
}
