/** Waits for something to come true without a clock: neither real time nor fake timers go on meanwhile. */

export async function eventually(check: () => unknown): Promise<void> {
  for (let turns = 0; ; turns += 1) {
    try {
      await check();
      return;
    } catch (error) {
      if (turns > 5000) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
