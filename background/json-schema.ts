/**
 * Whether an answer is valid against a page's JSON Schema (draft 2020-12, and what is written otherwise in draft 7). Schema and answer both come from
 * strangers: every step is counted, a pattern is never run by the browser's engine, and nothing is fetched (security.md T62, docs/decisions/0004).
 */

import { AiError } from '../protocol/errors';
import { formats } from './json-formats';
import {
  bounds,
  type Check,
  isMap,
  isOfType,
  isType,
  type JsonMap,
  namesOf,
  ofList,
  ofMap,
  ofString,
  sizeOf,
  unsupported,
} from './json-values';
import { compileRegExp, type Machine } from './regexp';
import { createBudget, createMatch } from './regexp-match';

export interface SchemaCheck {
  /** @throws AiError `invalid-answer` where it takes too many steps to tell */
  isValid(value: unknown): boolean;
}

/** They check nothing by themselves: words for people, and what is read with the keyword that it belongs to. */
const silent = new Set(
  ['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly', '$schema', '$id', '$comment'].concat([
    '$anchor',
    'contentEncoding',
    'contentMediaType',
    'contentSchema',
    'then',
    'else',
    'minContains',
    'maxContains',
  ]),
);

/** Makes the check of one keyword from its value and the schema around it; undefined where it checks nothing. */
type Keyword = (value: unknown, schema: JsonMap) => Check | undefined;

/** @throws AiError `not-supported` for keywords that are not known, types that are none, and references that lead elsewhere or nowhere */
export function compileSchema(root: JsonMap): SchemaCheck {
  let spend = createBudget();
  /** All patterns pay from the one budget too. */
  const step = (steps = 1) => spend(steps);
  const compiled = new Map<unknown, Check>();
  const machines = new Map<string, Machine>();

  const compile = (schema: unknown): Check => {
    const known = compiled.get(schema);
    if (known) return known;
    if (typeof schema === 'boolean') return () => schema;
    if (!isMap(schema)) throw unsupported('a part of it is no schema');
    const checks: Check[] = [];
    const check: Check = (value) => {
      step();
      return checks.every((one) => one(value));
    };
    // Before its parts: they may refer to it.
    compiled.set(schema, check);
    for (const [name, value] of Object.entries(schema)) {
      if (silent.has(name) || name.startsWith('x-')) continue;
      if (!Object.hasOwn(keywords, name)) throw unsupported(`the keyword ${name.slice(0, 40)}`);
      const made = (keywords[name] as Keyword)(value, schema);
      if (made) checks.push(made);
    }
    return check;
  };

  const listOf = (value: unknown): readonly Check[] => {
    if (!Array.isArray(value) || value.length === 0) throw unsupported('a list of schemas is none');
    return value.map(compile);
  };
  const mapOf = <Made>(value: unknown, make: (value: unknown) => Made): readonly (readonly [string, Made])[] => {
    if (!isMap(value)) throw unsupported('a map of schemas is none');
    return Object.entries(value).map(([name, item]) => [name, make(item)]);
  };

  const finder = (pattern: unknown): ((text: string) => boolean) => {
    if (typeof pattern !== 'string') throw unsupported('a pattern is none');
    const machine = machines.get(pattern) ?? compileRegExp(pattern, 'u');
    machines.set(pattern, machine);
    return (text) => {
      const match = createMatch(machine, true, step);
      match.push(text);
      return match.end();
    };
  };

  /** A pointer into this schema (RFC 6901), or the whole of it. */
  const referred = (reference: unknown): unknown => {
    if (typeof reference !== 'string' || !/^#(?:\/|$)/.test(reference)) throw unsupported('a reference leads elsewhere');
    const walk = (found: unknown, part: string): unknown => {
      const name = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');
      return typeof found === 'object' && found !== null && Object.hasOwn(found, name) ? Reflect.get(found, name) : undefined;
    };
    const target = reference.split('/').slice(1).reduce(walk, root);
    if (target === undefined) throw unsupported('a reference leads nowhere');
    return target;
  };

  const isSame = (one: unknown, other: unknown): boolean => {
    step();
    if (Array.isArray(one) && Array.isArray(other))
      return one.length === other.length && one.every((item, index) => isSame(item, other[index]));
    if (!isMap(one) || !isMap(other)) return one === other;
    const names = Object.keys(one);
    const isAsLong = names.length === Object.keys(other).length;
    return isAsLong && names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name]));
  };

  const restOf = (from: number, schema: unknown): Check => {
    const check = compile(schema);
    return ofList((items) => items.slice(from).every(check));
  };
  const firstOf = (schemas: unknown): Check => {
    const checks = listOf(schemas);
    return ofList((items) => checks.every((check, index) => index >= items.length || check(items[index])));
  };
  const requires = bounds.required as (value: unknown) => Check;
  const dependent = (value: unknown, checkOf: (value: unknown) => Check): Check => {
    const checks = mapOf(value, checkOf);
    return ofMap((map) => checks.every(([name, check]) => !Object.hasOwn(map, name) || check(map)));
  };

  const compileRoot = (): Check => {
    try {
      return compile(root);
    } catch (error) {
      // A chain of references as long as the schema.
      if (error instanceof RangeError) throw unsupported('it is too deep');
      throw error;
    }
  };

  const keywords: Readonly<Record<string, Keyword>> = {
    ...bounds,
    type(value) {
      const names = typeof value === 'string' ? [value] : namesOf(value);
      if (names.length === 0 || !names.every(isType)) throw unsupported('it has an unknown type');
      return (instance) => names.some((name) => isOfType(instance, name));
    },
    enum(value) {
      if (!Array.isArray(value)) throw unsupported('an enum is no list');
      return (instance) => value.some((item) => isSame(instance, item));
    },
    const: (value) => (instance) => isSame(instance, value),
    pattern: (value) => ofString(finder(value)),
    format: (value) =>
      typeof value === 'string' && Object.hasOwn(formats, value) ? ofString(formats[value] as Check) : undefined,

    prefixItems: firstOf,
    items(value, { prefixItems }) {
      // Draft 7 writes a list where it means the first items.
      if (Array.isArray(value)) return firstOf(value);
      return restOf(Array.isArray(prefixItems) ? prefixItems.length : 0, value);
    },
    additionalItems: (value, { items }) => (Array.isArray(items) ? restOf(items.length, value) : undefined),
    uniqueItems(value) {
      if (value !== true) return undefined;
      return ofList((items) => items.every((item, index) => !items.slice(0, index).some((other) => isSame(item, other))));
    },
    contains(value, { minContains = 1, maxContains = Number.MAX_SAFE_INTEGER }) {
      const check = compile(value);
      const [least, most] = [sizeOf(minContains), sizeOf(maxContains)];
      return ofList((items) => {
        const count = items.filter(check).length;
        return count >= least && count <= most;
      });
    },

    properties(value) {
      const checks = mapOf(value, compile);
      return ofMap((map) => checks.every(([name, check]) => !Object.hasOwn(map, name) || check(map[name])));
    },
    patternProperties(value) {
      const checks = mapOf(value, compile).map(([pattern, check]) => [finder(pattern), check] as const);
      return ofMap((map) =>
        Object.entries(map).every(([name, item]) => checks.every(([isMeant, check]) => !isMeant(name) || check(item))),
      );
    },
    additionalProperties(value, { properties = {}, patternProperties = {} }) {
      const check = compile(value);
      const names = new Set(mapOf(properties, compile).map(([name]) => name));
      const patterns = mapOf(patternProperties, compile).map(([pattern]) => finder(pattern));
      const isOther = (name: string) => !names.has(name) && !patterns.some((isMeant) => isMeant(name));
      return ofMap((map) => Object.entries(map).every(([name, item]) => !isOther(name) || check(item)));
    },
    propertyNames(value) {
      const check = compile(value);
      return ofMap((map) => Object.keys(map).every(check));
    },
    dependentRequired: (value) => dependent(value, requires),
    dependentSchemas: (value) => dependent(value, compile),
    dependencies: (value) => dependent(value, (needed) => (Array.isArray(needed) ? requires(needed) : compile(needed))),

    allOf(value) {
      const checks = listOf(value);
      return (instance) => checks.every((check) => check(instance));
    },
    anyOf(value) {
      const checks = listOf(value);
      return (instance) => checks.some((check) => check(instance));
    },
    oneOf(value) {
      const checks = listOf(value);
      return (instance) => checks.filter((check) => check(instance)).length === 1;
    },
    not(value) {
      const check = compile(value);
      return (instance) => !check(instance);
    },
    if(value, schema) {
      const condition = compile(value);
      const [met, unmet] = [compile(schema.then ?? true), compile(schema.else ?? true)];
      return (instance) => (condition(instance) ? met(instance) : unmet(instance));
    },

    $ref: (value) => compile(referred(value)),
    $defs: (value) => void mapOf(value, compile),
    definitions: (value) => void mapOf(value, compile),
  };

  const check = compileRoot();
  return {
    isValid(value) {
      spend = createBudget();
      try {
        return check(value);
      } catch (error) {
        // A reference that leads back to itself has no end.
        if (error instanceof RangeError) throw new AiError('invalid-answer', 'The answer is too deep to check.');
        throw error;
      }
    },
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A percent sign that begins no code is itself.
    return part;
  }
}
