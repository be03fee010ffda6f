/** The options of `create()` and `availability()`: converted, and what of them is wrong whoever answers. */

import { chosen, each, keysOf } from '../lists';
import { abortedOf, createObject, NativeTypeError } from '../realm';
import { type Dictionary, optional, required, toCallback, toDictionary, toEnum, toList, toText } from './idl';
import { type Accepts, type ContentType, type Draft, toContentType, toDraft } from './prompt';
import { checkTools, type DeclaredTool, isSendable, toTool, type UsableTool } from './tools';

/** The modes, and the temperature that each stands for. */
export const temperatures = {
  'most-predictable': 0,
  predictable: 0.3,
  'slightly-predictable': 0.6,
  balanced: undefined,
  'slightly-creative': 1.1,
  creative: 1.3,
  'most-creative': 1.5,
} as const;
export type SamplingMode = keyof typeof temperatures;
const toSamplingMode = (value: unknown) => toEnum(keysOf(temperatures) as SamplingMode[], value);

interface Expected {
  readonly languages: readonly string[];
  readonly type: ContentType;
}

/** As passed, in the types that Web IDL gives it. */
export interface CoreOptions {
  readonly expectedInputs: readonly Expected[];
  readonly expectedOutputs: readonly Expected[];
  readonly samplingMode: SamplingMode;
  readonly tools: readonly DeclaredTool[];
}

export interface CreateOptions extends CoreOptions {
  readonly initialPrompts: readonly Draft[];
  readonly monitor: ((...args: unknown[]) => unknown) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What a session can take and give, once it is known to make sense. */
export interface Wishes {
  readonly inputs: Accepts;
  readonly outputs: Accepts;
  readonly tools: readonly UsableTool[];
  /** Some language is none that anybody could name. */
  readonly isStrange: boolean;
}

let names: Intl.DisplayNames | undefined;
/** Some pages ask thousands of times. */
const known: Record<string, boolean> = createObject(null);

/**
 * A model that answers for Oriel has no list of languages: what the platform can name is one.
 * @throws RangeError where the tag is none
 */
function isLanguage(tag: string): boolean {
  const before = known[tag];
  if (before !== undefined) return before;
  const { getCanonicalLocales, DisplayNames, Locale } = Intl;
  const { language } = new Locale(getCanonicalLocales(tag)[0] as string);
  names ??= new DisplayNames('en', { type: 'language', fallback: 'none' });
  const isNamed = names.of(language) !== undefined;
  known[tag] = isNamed;
  return isNamed;
}

export function toSignal(value: unknown): AbortSignal {
  // Throws where it is none.
  abortedOf(value);
  return value as AbortSignal;
}

function toExpected(value: unknown): Expected {
  const expected = toDictionary(value);
  const languages = optional(expected.languages, (given) => toList(given, toText)) ?? [];
  return { languages, type: required(expected, 'type', toContentType) };
}

const toExpectedList = (value: unknown) => optional(value, (given) => toList(given, toExpected)) ?? [];

export function toCoreOptions(value: unknown): CoreOptions & { readonly dictionary: Dictionary } {
  const dictionary = toDictionary(value);
  return {
    dictionary,
    expectedInputs: toExpectedList(dictionary.expectedInputs),
    expectedOutputs: toExpectedList(dictionary.expectedOutputs),
    samplingMode: optional(dictionary.samplingMode, toSamplingMode) ?? 'balanced',
    tools: optional(dictionary.tools, (given) => toList(given, toTool)) ?? [],
  };
}

export function toCreateOptions(value: unknown): CreateOptions {
  const core = toCoreOptions(value);
  return {
    ...core,
    initialPrompts: optional(core.dictionary.initialPrompts, (given) => toList(given, toDraft)) ?? [],
    monitor: optional(core.dictionary.monitor, toCallback),
    signal: optional(core.dictionary.signal, toSignal),
  };
}

/** @throws RangeError for a language tag that is none */
export function checkExpected({ expectedInputs, expectedOutputs }: CoreOptions): Omit<Wishes, 'tools'> {
  let isStrange = false;
  const accepted = (expected: readonly Expected[]): Accepts => {
    const types: Partial<Record<ContentType, boolean>> = { text: true };
    each(expected, ({ type, languages }) => {
      types[type] = true;
      each(languages, (tag) => {
        if (!isLanguage(tag)) isStrange = true;
      });
    });
    return types;
  };
  const inputs = accepted(expectedInputs);
  const outputs = accepted(expectedOutputs);
  return { inputs, outputs, isStrange };
}

/** @throws TypeError. In `create()` the initial prompts are checked before */
export function checkWishes(expected: Omit<Wishes, 'tools'>, { tools }: CoreOptions): Wishes {
  const usable = checkTools(tools);
  if (usable.length > 0 && !expected.outputs['tool-call'])
    throw new NativeTypeError('With tools, expectedOutputs hold { type: "tool-call" }.');
  return {
    ...expected,
    isStrange: expected.isStrange || chosen(usable, ({ name }) => !isSendable(name)).length > 0,
    tools: usable,
  };
}
