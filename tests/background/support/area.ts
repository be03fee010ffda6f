/** `storage.session` in memory: what goes in and comes out is a structured clone, and it outlives a background that "dies". */
import type { Area } from '../../../background/browser-api';

export interface MemoryArea extends Area {
  readonly entries: ReadonlyMap<string, unknown>;
  /** The next write fails, as it does over the quota. */
  failNext(): void;
}

export function createArea(): MemoryArea {
  const entries = new Map<string, unknown>();
  let fails = false;
  return {
    entries,
    failNext() {
      fails = true;
    },
    async get(key) {
      return structuredClone(entries.get(key));
    },
    async set(key, value) {
      if (fails) {
        fails = false;
        throw new Error('Session storage quota bytes exceeded. Values were not stored.');
      }
      entries.set(key, structuredClone(value));
    },
  };
}
