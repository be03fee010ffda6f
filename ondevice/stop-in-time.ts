/** Ends a computation that is to stop and does not: the engine looks at its stop only between two batches of a prompt. */

/** Below the 1.5 s within which a stop holds while a prompt is read. */
const patience = 1_200;

/**
 * What `run` resolves to; where it still computes `patience` milliseconds after its abort, `end` is called, which must end the engine, and this
 * rejects. On a slow machine, or with a large model, one batch takes longer than that. The model is loaded again when it is asked next.
 */
export async function stopInTime<Result>(run: Promise<Result>, signal: AbortSignal, end: () => Promise<void>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait: (() => void) | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    wait = () => {
      timer = setTimeout(() => end().then(() => reject(signal.reason), reject), patience);
    };
    signal.addEventListener('abort', wait);
  });
  try {
    return await Promise.race([run, late]);
  } finally {
    if (wait) signal.removeEventListener('abort', wait);
    clearTimeout(timer);
  }
}
