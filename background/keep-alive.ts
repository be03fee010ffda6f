/** Keeps the background alive while something runs or waits, and only then: browsers end it after 30 s, streams or open ports notwithstanding (security.md M1-M4). */

import { limits } from '../protocol/limits';

export interface KeepAlive {
  /** Returns how to let go; letting go twice is harmless. */
  hold(): () => void;
}

export function createKeepAlive(touch: () => Promise<void>): KeepAlive {
  let holders = 0;
  let timer: ReturnType<typeof setInterval> | undefined;

  return {
    hold() {
      let held = true;
      holders += 1;
      timer ??= setInterval(() => void touch(), limits.keepAlive);
      return () => {
        if (!held) return;
        held = false;
        holders -= 1;
        if (holders > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}
