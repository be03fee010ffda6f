/** Joins what arrives together into one batch: posting each delta by itself costs 25 times as much (browsers.md P5). */

import { addPart } from '../protocol/deltas';
import type { StreamPart } from '../protocol/generate';
import { limits } from '../protocol/limits';

/**
 * Passes on the parts of `source` in batches, each at the end of the network read that brought its first part, neighbouring deltas of one output joined.
 * `deliver` is awaited before more is read, which is what pauses the backend's socket.
 */
export async function coalesce(
  source: AsyncIterable<StreamPart>,
  deliver: (parts: readonly StreamPart[]) => Promise<void>,
): Promise<void> {
  let batch: StreamPart[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let delivered: Promise<void> = Promise.resolve();

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (batch.length === 0) return;
    const parts = batch;
    batch = [];
    delivered = deliver(parts);
    // The loop awaits it; until then a failure must not count as unhandled.
    delivered.catch(() => undefined);
  };

  try {
    for await (const part of source) {
      addPart(batch, part);
      // What one network read brought arrives without a task in between; a timer of 0 therefore flushes after all of it.
      // While the reader has no room, it joins what comes next instead.
      timer ??= setTimeout(() => void delivered.then(flush, () => undefined), 0);
      if (weighsMuch(batch)) flush();
      await delivered;
    }
  } finally {
    flush();
    await delivered;
  }
}

const weighsMuch = (batch: readonly StreamPart[]) =>
  batch.reduce((sum, part) => sum + ('text' in part ? part.text.length : 0), 0) > limits.window / 4;
