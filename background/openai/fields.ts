/** Owns the reading of a JSON body that anyone may have written: what is absent, what has a wrong shape, and where that is. */

import { WireError } from './wire-error';

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Clients write `null` for what they leave out. */
export const given = (value: unknown): unknown => value ?? undefined;

/** The members that are given, by new names: `{ topP: body.top_p }`. */
export const present = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => (value ?? undefined) !== undefined));

/** @throws WireError */
export function fieldsAt(value: unknown, param: string): Fields {
  if (!isFields(value)) throw new WireError(`'${param}' must be an object.`, param);
  return value;
}

/** @throws WireError */
export function listAt(value: unknown, param: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new WireError(`'${param}' must be an array.`, param);
  return value;
}

/** @throws WireError */
export function stringAt(value: unknown, param: string): string {
  if (typeof value !== 'string') throw new WireError(`'${param}' must be a string.`, param);
  return value;
}

/** What changes the meaning of a request and cannot be had, so that it is not left out in silence. @throws WireError */
export function refuse(body: Fields, fields: readonly string[]): void {
  for (const field of fields) {
    const value = body[field];
    const isHarmless = value === undefined || value === null || value === false || value === 0 || value === '';
    if (!isHarmless && !(Array.isArray(value) && value.length === 0))
      throw new WireError(`'${field}' is not supported here.`, field);
  }
}
