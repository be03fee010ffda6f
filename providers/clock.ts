/** Owns time and chance as the providers see them, so that a test can hold both. */

export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  /** Calls back once after so many milliseconds; returns what cancels that. */
  readonly after: (milliseconds: number, callback: () => void) => () => void;
}

export function createClock(now: () => number): Clock {
  return {
    now,
    random: Math.random,
    after(milliseconds, callback) {
      const timer = setTimeout(callback, milliseconds);
      return () => clearTimeout(timer);
    },
  };
}
