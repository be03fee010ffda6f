/** Web IDL by hand: conversions of what a page passes, and interfaces in the platform's own shape. It knows nothing of language models. */

import { has, mapped } from '../lists';
import {
  apply,
  assign,
  construct,
  createObject,
  defineProperties,
  isArray,
  listen,
  NativeTypeError,
  NativeWeakMap,
  rejected,
  setPrototypeOf,
  uncurry,
  unlisten,
} from '../realm';

export type Dictionary = Readonly<Record<PropertyKey, unknown>>;

export const isObject = (value: unknown): value is Dictionary =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

export const isIterable = (value: unknown): value is Iterable<unknown> =>
  isObject(value) && value[Symbol.iterator] !== undefined && value[Symbol.iterator] !== null;

const empty: Dictionary = createObject(null);

/** @throws TypeError as every conversion here */
export function toDictionary(value: unknown): Dictionary {
  if (value === undefined || value === null) return empty;
  if (!isObject(value)) throw new NativeTypeError('Not an object');
  return value;
}

export function toList<Item>(value: unknown, convert: (value: unknown) => Item): Item[] {
  // By index, so that a page without array iteration can pass arrays.
  if (isArray(value)) return mapped(value, convert);
  if (!isIterable(value)) throw new NativeTypeError('Not a sequence');
  const items: Item[] = [];
  const iterator = value[Symbol.iterator]();
  for (let step = iterator.next(); !step.done; step = iterator.next()) items[items.length] = convert(step.value);
  return items;
}

export const toText = (value: unknown): string => `${value}`;

export function toCallback(value: unknown): (...args: unknown[]) => unknown {
  if (typeof value !== 'function') throw new NativeTypeError('Not a function');
  return value as (...args: unknown[]) => unknown;
}

export function toObject(value: unknown): Dictionary {
  if (!isObject(value)) throw new NativeTypeError('Not an object');
  return value;
}

/** @throws TypeError for any other string */
export function toEnum<Name extends string>(names: readonly Name[], value: unknown): Name {
  const text = toText(value);
  if (!has(names, text)) throw new NativeTypeError(`Not a valid value: ${text}`);
  return text as Name;
}

export const optional = <Value>(value: unknown, convert: (value: unknown) => Value): Value | undefined =>
  value === undefined ? undefined : convert(value);

export function required<Value>(dictionary: Dictionary, name: string, convert: (value: unknown) => Value): Value {
  const value = dictionary[name];
  if (value === undefined) throw new NativeTypeError(`Missing: ${name}`);
  return convert(value);
}

/**
 * What an operation of an interface does with what it was called with.
 * @param length how many arguments must be there
 * @returns what `run` does; a promise that is rejected where anything is wrong
 */
export function promised(args: readonly unknown[], length: number, run: () => unknown): unknown {
  try {
    requireArguments(args, length);
    return run();
  } catch (error) {
    return rejected(error);
  }
}

export function requireArguments(args: readonly unknown[], length: number): void {
  if (args.length < length) throw new NativeTypeError(`${length} argument required`);
}

/** What instances carry inside, where no page reaches it; it also says whether an object is one. */
export interface Brand<State> {
  set(self: object, state: State): void;
  get(self: unknown): State | undefined;
  /** @throws TypeError where it is none */
  of(self: unknown): State;
}

const lookUp = uncurry(WeakMap.prototype.get);
const keep = uncurry(WeakMap.prototype.set);

export function createBrand<State>(): Brand<State> {
  const states = new NativeWeakMap<object, State>();
  const get = (self: unknown) => lookUp(states, self as object) as State | undefined;
  return {
    get,
    set: (self, state) => keep(states, self, state),
    of(self) {
      const state = get(self);
      if (!state) throw new NativeTypeError('Illegal invocation');
      return state;
    },
  };
}

interface Shape {
  readonly statics?: object;
  /** Absent: pages cannot construct it. Called with the one argument that it takes. */
  readonly init?: (self: object, argument: unknown) => void;
  readonly parent?: typeof EventTarget;
}

export interface Interface {
  readonly prototype: object;
  new (argument?: unknown): object;
}

/**
 * At the start of the page only.
 * @param members methods and accessors as an object literal has them, which is as interfaces have them: it becomes the prototype
 */
export function defineInterface(name: string, members: object, { statics, init, parent }: Shape): Interface {
  function Made(this: object, ...args: unknown[]) {
    if (!init || !new.target) throw new NativeTypeError('Illegal constructor');
    requireArguments(args, 1);
    init(this, args[0]);
  }
  defineProperties(members, {
    constructor: { value: Made, writable: true, configurable: true },
    [Symbol.toStringTag]: { value: name, configurable: true },
  });
  defineProperties(Made, {
    name: { value: name },
    length: { value: init ? 1 : 0 },
    prototype: { value: members, writable: false },
  });
  if (parent) {
    setPrototypeOf(Made, parent);
    setPrototypeOf(members, parent.prototype);
  }
  return assign(Made, statics) as unknown as Interface;
}

/** An instance that the page could not have made. */
export const instantiate = (parent: typeof EventTarget, made: Interface): EventTarget =>
  construct(parent, [], made) as EventTarget;

interface EventHandler {
  get(self: object): unknown;
  set(self: object, value: unknown): void;
}

/** `ontype`, as HTML has event handlers: null at first, and it keeps its place among the listeners while it is set. */
export function eventHandler(type: string, brand: Brand<unknown>): EventHandler {
  const handlers = createBrand<{ handler: unknown; readonly listener: (event: Event) => void }>();
  return {
    get(self) {
      brand.of(self);
      return handlers.get(self)?.handler ?? null;
    },
    set(self, value) {
      brand.of(self);
      const entry = handlers.get(self) ?? {
        handler: null,
        listener: (event) => {
          if (typeof entry.handler === 'function') apply(entry.handler, self, [event]);
        },
      };
      handlers.set(self, entry);
      const before = entry.handler;
      entry.handler = isObject(value) ? value : null;
      if (!before && entry.handler) listen(self as EventTarget, type, entry.listener as EventListener);
      if (before && !entry.handler) unlisten(self as EventTarget, type, entry.listener as EventListener);
    },
  };
}
