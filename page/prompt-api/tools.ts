/** Tools: what a page declares, what a model calls, and what the page answers. Calling them is the session's business. */

import type { Part, Tool } from '../../protocol/generate';
import { chosen, has, mapped } from '../lists';
import { isArray, NativeTypeError, parse, stringify, tagOf } from '../realm';
import { exception } from './exceptions';
import {
  type Brand,
  createBrand,
  type Dictionary,
  defineInterface,
  type Interface,
  optional,
  required,
  toCallback,
  toDictionary,
  toEnum,
  toList,
  toObject,
  toText,
} from './idl';

/** As a page declares it, not looked into yet. */
export interface DeclaredTool {
  readonly description: string;
  readonly execute: ((...args: unknown[]) => unknown) | undefined;
  readonly inputSchema: Dictionary;
  readonly name: string;
}

/** A tool that the model may call; with `execute` the session calls it itself. */
export interface UsableTool extends Tool {
  readonly execute: DeclaredTool['execute'];
}

export function toTool(value: unknown): DeclaredTool {
  const tool = toDictionary(value);
  return {
    description: required(tool, 'description', toText),
    execute: optional(tool.execute, toCallback),
    inputSchema: required(tool, 'inputSchema', toObject),
    name: required(tool, 'name', toText),
  };
}

/** @throws TypeError, or whatever the page's own getters throw */
export const checkTools = (tools: readonly DeclaredTool[]): UsableTool[] =>
  mapped(tools, ({ name, description, inputSchema, execute }) => {
    // Of the page's own object, which may be a proxy that refuses.
    const { type, properties = {}, required: needed = [] } = inputSchema;
    const isUnique = chosen(tools, (other) => other.name === name).length === 1;
    if (
      !name ||
      !description ||
      !isUnique ||
      type !== 'object' ||
      typeof properties !== 'object' ||
      !properties ||
      !isArray(needed)
    )
      throw new NativeTypeError('A tool needs its own name, a description, an inputSchema of type object.');
    return { name, description, parameters: parse(stringify(inputSchema)) as Tool['parameters'], execute };
  });

/** Backends take no other names than these (protocol/request-inputs.ts); a browser's own model may. */
export function isSendable(name: string): boolean {
  for (let index = 0; index < name.length; index += 1) {
    const one = name[index] as string;
    const isWord = (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9') || one === '_';
    if (!isWord && one !== '-') return false;
  }
  return name.length <= 64;
}

type Converters = Readonly<Record<string, (value: unknown) => unknown>>;

/**
 * A class that holds what its one dictionary said. Later drafts write `callId` for `callID`: here both are one.
 * @param own what it has beside its name and its id
 * @param converters in the order in which they are read
 */
const defineData = (
  name: string,
  states: Brand<Dictionary>,
  own: string,
  converters: () => Converters,
  defaults: Dictionary = {},
): Interface =>
  defineInterface(
    name,
    {
      get callID() {
        return states.of(this).callID;
      },
      get name() {
        return states.of(this).name;
      },
      get callId() {
        return states.of(this).callID;
      },
      get [own]() {
        return states.of(this)[own];
      },
    },
    {
      init(self, argument) {
        const dictionary = toDictionary(argument);
        const { callId } = dictionary;
        const given: Dictionary = callId === undefined ? dictionary : { ...dictionary, callID: callId };
        const state: Record<string, unknown> = {};
        const members = converters();
        for (const key in members) {
          const convert = members[key] as Converters[string];
          state[key] = key in defaults ? (optional(given[key], convert) ?? defaults[key]) : required(given, key, convert);
        }
        states.set(self, state);
      },
    },
  );

const calls = createBrand<Dictionary>();
const successes = createBrand<Dictionary>();
const failures = createBrand<Dictionary>();

interface Result {
  readonly type: 'text' | 'image' | 'audio' | 'object';
  readonly value: unknown;
}
const toResultType = (value: unknown) => toEnum(['text', 'image', 'audio', 'object'], value);
const toResults = (value: unknown) =>
  toList(value, (item): Result => {
    const result = toDictionary(item);
    return { type: required(result, 'type', toResultType), value: required(result, 'value', (given) => given) };
  });

export const ToolCall: Interface = defineData(
  'LanguageModelToolCall',
  calls,
  'arguments',
  () => ({ arguments: toObject, callID: toText, name: toText }),
  { arguments: {} },
);

export const toolInterfaces: Readonly<Record<string, Interface>> = {
  LanguageModelToolCall: ToolCall,
  LanguageModelToolSuccess: defineData('LanguageModelToolSuccess', successes, 'result', () => ({
    callID: toText,
    name: toText,
    result: toResults,
  })),
  LanguageModelToolError: defineData('LanguageModelToolError', failures, 'errorMessage', () => ({
    callID: toText,
    errorMessage: toText,
    name: toText,
  })),
};

/**
 * A page's tool data as JSON.
 * @throws DataError for what JSON cannot hold, or would turn into something else
 */
function toJson(value: unknown): string {
  try {
    const text = stringify(value, (_key, inner: unknown) => {
      const isData =
        typeof inner === 'object'
          ? !inner || has(['[object Object]', '[object Array]'], tagOf(inner))
          : typeof inner !== 'function';
      if (!isData) throw 0;
      return inner;
    }) as string | undefined;
    if (text !== undefined) return text;
  } catch {
    // Cycles, functions, BigInts, the platform's own objects.
  }
  throw exception('DataError', 'Tool data is what JSON can hold.');
}

/** @returns the part of a `tool-call` or `tool-response` item, or undefined where its value is of another kind */
export function toToolPart(type: 'tool-call' | 'tool-response', value: unknown): Part | undefined {
  const state = (type === 'tool-call' ? calls : successes).get(value) ?? (type === 'tool-response' && failures.get(value));
  if (!state) return undefined;
  const id = state.callID as string;
  if (type === 'tool-response') return { type: 'tool-result', id, result: resultText(state) };
  const text = toJson(state.arguments);
  if (text[0] !== '{') throw exception('DataError', 'The arguments of a call are an object.');
  return { type, id, name: state.name as string, arguments: text };
}

function resultText({ result, errorMessage: error }: Dictionary): string {
  if (!result) return stringify({ error });
  let text = '';
  mapped(result as readonly Result[], ({ type, value }, index) => {
    if (type === 'image' || type === 'audio') throw exception('NotSupportedError', 'A tool answers with text and data.');
    const json = toJson(value);
    text += (index > 0 ? '\n' : '') + (typeof value === 'string' ? value : json);
  });
  return text;
}
