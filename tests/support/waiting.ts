/** Time-outs and polling, so that nothing in a browser test can hang. */

/** Waits. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The promise, or an error that says what was not done in time. */
export function within<Value>(promise: Promise<Value>, timeoutMs: number, what: string): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what}: not done after ${timeoutMs} ms`)), timeoutMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Tries until something other than undefined comes; at the end of its time it throws the text of `failure`, which may ask for the last state. */
export async function poll<Value>(
  attempt: () => Promise<Value | undefined>,
  timeoutMs: number,
  failure: () => string | Promise<string>,
): Promise<Value> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await attempt();
    if (value !== undefined) return value;
    if (Date.now() >= deadline) throw new Error(await failure());
    await sleep(30);
  }
}
