/** A value in `storage.session` that is also in memory: read once after a wake-up, written through at every change. */

import type { Area } from './browser-api';

export interface Stored<Value> {
  get(): Promise<Value>;
  /** Resolves when it is written: await it before the effect that the state allows. */
  update(change: (value: Value) => Value): Promise<void>;
}

/** Writes are in the order of their calls, so that no update is lost. */
export function createStored<Value>(area: Area, key: string, initial: Value): Stored<Value> {
  let current: Promise<Value> | undefined;
  let writing: Promise<unknown> = Promise.resolve();

  const load = () => {
    // What this extension wrote itself, in memory no page can reach: trusted as it is.
    current ??= area.get(key).then(
      (value) => (value === undefined ? initial : (value as Value)),
      (error) => {
        current = undefined;
        throw error;
      },
    );
    return current;
  };

  return {
    get: load,
    async update(change) {
      const changed = load().then(change);
      current = changed;
      const value = await changed;
      const write = () => area.set(key, value);
      // A write that failed was told to whoever asked for it; it must not fail the later ones.
      writing = writing.then(write, write);
      await writing;
    },
  };
}
