/** Counts who keeps the background alive. */
import type { KeepAlive } from '../../../background/keep-alive';

export function createHolds(): KeepAlive & { readonly count: number } {
  let count = 0;
  return {
    get count() {
      return count;
    },
    hold() {
      let held = true;
      count += 1;
      return () => {
        if (held) count -= 1;
        held = false;
      };
    },
  };
}
