/**
 * Owns the writing of a JSON Schema as a grammar in GBNF (llama.cpp, grammars/README.md), for servers that know only those. What a grammar
 * cannot say is refused: an answer that looks enforced and is not would be worse than none.
 */

import { backendError } from '../../protocol/errors';

type Schema = Readonly<Record<string, unknown>>;

/** JSON's own words; blanks are bounded, or a model could write nothing else. */
const base: readonly string[] = [
  'ws ::= [ \\n]? [ ]? [ ]?',
  'string ::= "\\"" char* "\\""',
  'char ::= [^"\\\\\\x00-\\x1f] | "\\\\" (["\\\\/bfnrt] | "u" hex hex hex hex)',
  'hex ::= [0-9a-fA-F]',
  'integer ::= "-"? ("0" | [1-9] [0-9]{0,15})',
  'number ::= integer ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,3})?',
  'boolean ::= "true" | "false"',
  'value ::= object | array | string | number | boolean | "null"',
  'object ::= "{" ws (string ":" ws value ("," ws string ":" ws value)*)? ws "}"',
  'array ::= "[" ws (value ("," ws value)*)? ws "]"',
];
const plainTypes = new Set(['string', 'integer', 'number', 'boolean']);
/** Says nothing about what is valid. */
const annotations = new Set(['$schema', '$id', 'title', 'description', 'default', 'examples', 'deprecated']);
const understood: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'minItems', 'maxItems'],
};

const refuse = (why: string): never => {
  throw backendError('not-supported', `This JSON Schema cannot be written as a grammar: ${why}.`, { field: 'responseFormat' });
};

/** A literal of the grammar: the quoted text of a JSON value. */
const literal = (value: unknown): string => JSON.stringify(JSON.stringify(value));

/**
 * A grammar whose every text is JSON valid against `schema`, its properties in their order and no others. Throws AiError `not-supported` for
 * everything but types, properties, items and their number, enum, const and anyOf.
 */
export function toGrammar(schema: Schema): string {
  const rules: string[] = [];
  const add = (rule: string): string => {
    const name = `r${rules.length}`;
    rules.push(`${name} ::= ${rule}`);
    return name;
  };

  function ruleOf(node: unknown): string {
    if (node === true) return 'value';
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return refuse('a part of it is none');
    const { type, ...rest } = node as Schema;
    const words = Object.keys(rest).filter((word) => !annotations.has(word));
    if (words.includes('const')) return only(words, 'const', () => add(literal(rest.const)));
    if (words.includes('enum')) return only(words, 'enum', () => oneOf(listOf(rest.enum).map(literal)));
    if (words.includes('anyOf')) return only(words, 'anyOf', () => oneOf(listOf(rest.anyOf).map(ruleOf)));
    if (Array.isArray(type)) return oneOf(type.map((one) => ruleOf({ ...rest, type: one })));
    if (type === undefined && words.length === 0) return 'value';
    const kind = typeof type === 'string' ? type : words.includes('properties') ? 'object' : '';
    const strange = words.find((word) => !understood[kind]?.includes(word));
    if (strange !== undefined) return refuse(`“${strange}”`);
    if (kind === 'null') return add('"null"');
    if (plainTypes.has(kind)) return kind;
    if (kind === 'object') return objectRule(rest);
    return kind === 'array' ? arrayRule(rest) : refuse('a type that is none');
  }

  const only = (words: readonly string[], word: string, rule: () => string): string =>
    words.length === 1 ? rule() : refuse(`“${word}” beside other rules`);
  const listOf = (value: unknown): readonly unknown[] =>
    Array.isArray(value) && value.length > 0 ? value : refuse('an empty choice');
  const oneOf = (choices: readonly string[]): string => add(choices.join(' | '));

  function objectRule({ properties = {}, required = [], additionalProperties }: Schema): string {
    if (typeof properties !== 'object' || properties === null || !Array.isArray(required)) return refuse('broken properties');
    const names = Object.keys(properties);
    // Without properties of its own anything may stand there, unless that is forbidden.
    if (names.length === 0) return additionalProperties === false ? add('"{" ws "}"') : 'object';
    if (typeof additionalProperties === 'object') return refuse('“additionalProperties”');
    if (required.some((name) => !names.includes(name))) return refuse('a required property that is not described');
    const pairs = Object.entries(properties).map(([name, node]) => ({
      rule: add(`${literal(name)} ":" ws ${ruleOf(node)}`),
      isRequired: required.includes(name),
    }));
    /** The rest of the object from a property on; the comma depends on whether one came before. */
    const from = (index: number, isFirst: boolean): string => {
      const pair = pairs[index];
      if (pair === undefined) return '""';
      const here = `${isFirst ? '' : '"," ws '}${pair.rule} ${restAfter(index, false)}`;
      return pair.isRequired ? add(here) : add(`${here} | ${restAfter(index, isFirst)}`);
    };
    const known = new Map<string, string>();
    const restAfter = (index: number, isFirst: boolean): string => {
      const key = `${index + 1} ${isFirst}`;
      const rule = known.get(key) ?? from(index + 1, isFirst);
      known.set(key, rule);
      return rule;
    };
    return add(`"{" ws ${from(0, true)} ws "}"`);
  }

  function arrayRule({ items = true, minItems = 0, maxItems }: Schema): string {
    const item = ruleOf(items);
    const least = Number(minItems);
    const most = maxItems === undefined ? undefined : Number(maxItems);
    if (!Number.isInteger(least) || least < 0 || (most !== undefined && (!Number.isInteger(most) || most < least)))
      return refuse('item counts that are none');
    if (most === 0) return add('"[" ws "]"');
    const more = `("," ws ${item}){${Math.max(0, least - 1)},${most === undefined ? '' : most - 1}}`;
    const some = `${item} ${more}`;
    return add(`"[" ws ${least === 0 ? `(${some})?` : some} ws "]"`);
  }

  const root = ruleOf(schema);
  return [`root ::= ${root}`, ...rules, ...base].join('\n');
}
