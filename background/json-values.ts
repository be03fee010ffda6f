/** What the checks of a JSON Schema have in common: kinds of values, and the bounds that a schema sets for each. */

import { AiError } from '../protocol/errors';

export type JsonMap = Readonly<Record<string, unknown>>;
export type Check = (value: unknown) => boolean;

export const unsupported = (why: string) =>
  new AiError('not-supported', `This JSON Schema is not supported: ${why}.`, { field: 'responseFormat' });

export const isMap = (value: unknown): value is JsonMap => typeof value === 'object' && value !== null && !Array.isArray(value);

const types = new Set(['null', 'boolean', 'object', 'array', 'number', 'string', 'integer']);
export const isType = (name: string): boolean => types.has(name);

export function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isMap(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

/** A keyword for one kind of value says nothing of the others. */
export const ofNumber =
  (check: (value: number) => boolean): Check =>
  (value) =>
    typeof value !== 'number' || check(value);
export const ofString =
  (check: (value: string) => boolean): Check =>
  (value) =>
    typeof value !== 'string' || check(value);
export const ofList =
  (check: (value: readonly unknown[]) => boolean): Check =>
  (value) =>
    !Array.isArray(value) || check(value);
export const ofMap =
  (check: (value: JsonMap) => boolean): Check =>
  (value) =>
    !isMap(value) || check(value);

export function amountOf(value: unknown): number {
  if (typeof value !== 'number') throw unsupported('a bound is no number');
  return value;
}

export function sizeOf(value: unknown): number {
  if (typeof value !== 'number' || value < 0 || !Number.isInteger(value)) throw unsupported('a size is none');
  return value;
}

export function namesOf(value: unknown): readonly string[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) throw unsupported('a list of names is none');
  return value;
}

/** @param bound of the schema, read once */
const bounded = <Bound, Value>(
  read: (value: unknown) => Bound,
  of: (check: (value: Value) => boolean) => Check,
  holds: (value: Value, bound: Bound) => boolean,
) => {
  return (value: unknown): Check => {
    const bound = read(value);
    return of((instance) => holds(instance, bound));
  };
};

const keysIn = (map: JsonMap): number => Object.keys(map).length;
/** Code points, as the specification counts. */
const charsIn = (text: string): number => [...text].length;

/** The keywords that are nothing but a bound. */
export const bounds: Readonly<Record<string, (value: unknown) => Check>> = {
  minimum: bounded(amountOf, ofNumber, (number, least) => number >= least),
  maximum: bounded(amountOf, ofNumber, (number, most) => number <= most),
  exclusiveMinimum: bounded(amountOf, ofNumber, (number, least) => number > least),
  exclusiveMaximum: bounded(amountOf, ofNumber, (number, most) => number < most),
  multipleOf: bounded(unitOf, ofNumber, isMultiple),
  minLength: bounded(sizeOf, ofString, (text, least) => charsIn(text) >= least),
  maxLength: bounded(sizeOf, ofString, (text, most) => charsIn(text) <= most),
  minItems: bounded(sizeOf, ofList, (items, least) => items.length >= least),
  maxItems: bounded(sizeOf, ofList, (items, most) => items.length <= most),
  minProperties: bounded(sizeOf, ofMap, (map, least) => keysIn(map) >= least),
  maxProperties: bounded(sizeOf, ofMap, (map, most) => keysIn(map) <= most),
  required: bounded(namesOf, ofMap, (map, names) => names.every((name) => Object.hasOwn(map, name))),
};

function unitOf(value: unknown): number {
  const unit = amountOf(value);
  if (unit <= 0) throw unsupported('a multiple of nothing');
  return unit;
}

/** 0.3 is a multiple of 0.1, whatever the last digit of its binary form says. */
function isMultiple(number: number, unit: number): boolean {
  const times = number / unit;
  return Math.abs(times - Math.round(times)) <= Math.abs(times) * 1e-12;
}
