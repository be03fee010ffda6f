/** A value in `storage.session` that is also in memory: read once, as soon as the background starts, and written through at every change. */

import type { Area } from './browser-api';
import { inBatches } from './in-batches';

export interface Stored<Value> {
  get(): Promise<Value>;
  /** Resolves when it is written: await it before the effect that the state allows. */
  update(change: (value: Value) => Value): Promise<void>;
}

/** Writes are in the order of their calls, so that no update is lost; one that has not begun takes along what came after it. */
export function createStored<Value>(area: Area, key: string, initial: Value): Stored<Value> {
  let current: Promise<Value> | undefined;

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

  const write = inBatches<undefined, void>(async () => {
    await area.set(key, await current);
    return [];
  });

  // Whoever asks hears of a failure, and asks again.
  load().catch(() => undefined);

  return {
    get: load,
    async update(change) {
      const changed = load().then(change);
      current = changed;
      await changed;
      await write(undefined);
    },
  };
}
