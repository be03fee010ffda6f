/** A bounded copy of JSON that somebody else made, as fresh plain objects: what is checked cannot change afterwards, and nothing but JSON is in it. */

export type JsonObject = Readonly<Record<string, unknown>>;

interface Bounds {
  /** Of the JSON text, about. */
  readonly chars: number;
  readonly depth: number;
}

/** Thrown inside only. */
class OutOfBounds extends Error {}

/** Undefined for what is no object, holds what JSON cannot hold, names `__proto__`, leads back to itself, or is deeper or longer than that. */
export function copyJsonObject(value: unknown, { chars, depth }: Bounds): JsonObject | undefined {
  let left = chars;
  const take = (count: number) => {
    left -= count;
    if (left < 0) throw new OutOfBounds();
  };

  const copy = (item: unknown, level: number): unknown => {
    if (item === null || typeof item === 'boolean') take(4);
    else if (typeof item === 'number' && Number.isFinite(item)) take(1);
    else if (typeof item === 'string') take(item.length + 2);
    else if (Array.isArray(item) && level <= depth) return copyArray(item, level);
    else if (isPlain(item) && level <= depth) return copyObject(item, level);
    else throw new OutOfBounds();
    return item;
  };

  const copyArray = (items: readonly unknown[], level: number): unknown[] => {
    // Before it is walked: an array of nothing can be as long as it likes.
    take(items.length + 2);
    return Array.from(items, (item) => copy(item, level + 1));
  };

  const copyObject = (object: JsonObject, level: number): JsonObject => {
    take(2);
    const fresh: Record<string, unknown> = {};
    for (const key of Object.keys(object)) {
      if (key === '__proto__') throw new OutOfBounds();
      take(key.length + 4);
      fresh[key] = copy(object[key], level + 1);
    }
    return fresh;
  };

  try {
    return isPlain(value) ? copyObject(value, 1) : undefined;
  } catch {
    // Out of bounds: nothing else can go wrong with data that came through a port.
    return undefined;
  }
}

const isPlain = (value: unknown): value is JsonObject => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};
