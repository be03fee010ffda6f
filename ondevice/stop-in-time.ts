/** Ends a computation that is to stop and does not: the engine looks at its stop only between two batches of a prompt. */

import type { Runtime } from './wllama-runtime';

/** Below the 1.5 s within which a stop holds while a prompt is read. */
const patience = 1_200;

/**
 * The same chat; where it still computes `patience` milliseconds after its abort, `end` is called, which must end the engine, and the chat
 * rejects. On a slow machine, or with a large model, one batch takes longer than that. The model is loaded again when it is asked next.
 */
export function stopInTime({ chat }: Pick<Runtime, 'chat'>, end: () => Promise<void>): Pick<Runtime, 'chat'> {
  return {
    async chat(options, onStep, signal) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let wait: (() => void) | undefined;
      const late = new Promise<void>((_resolve, reject) => {
        wait = () => {
          timer = setTimeout(() => end().then(() => reject(signal.reason), reject), patience);
        };
        signal.addEventListener('abort', wait);
      });
      try {
        await Promise.race([chat(options, onStep, signal), late]);
      } finally {
        if (wait) signal.removeEventListener('abort', wait);
        clearTimeout(timer);
      }
    },
  };
}
