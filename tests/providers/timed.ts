/** Owns slow and broken backends, and `timed`, which runs a request on the fake timers of the test file that calls it. */

import { vi } from 'vitest';
import { createClock } from '../../providers/clock';
import type { BoundFetch } from '../../providers/provider';
import { ask, bytesOf, eventStream, json, knownRow, type Outcome, providerOf, run } from './replay';

export const chunk = (delta: unknown, reason: string | null = null, more: object = {}): string =>
  `data: ${JSON.stringify({ model: 'm', choices: [{ index: 0, delta, finish_reason: reason }], ...more })}\n\n`;
export const hello = (): Response => eventStream(chunk({ content: 'Hello' }, 'stop'));
export const failing =
  (status: number, headers: Record<string, string> = {}, body: unknown = { error: { message: 'No.' } }) =>
  (): Response =>
    json(body, { status, headers });

export const realClock = (random = 0.5) => ({ ...createClock(Date.now), random: () => random });

/** Runs until it settles, and tells how long that took on the fake clock. */
export async function timed(
  fetch: BoundFetch,
  row = knownRow('openai'),
  signal?: AbortSignal,
  model?: string,
): Promise<Outcome & { milliseconds: number }> {
  const start = Date.now();
  let outcome: (Outcome & { milliseconds: number }) | undefined;
  void run(providerOf(row, { fetch, clock: realClock() }), ask('Hi', model === undefined ? {} : { model }), signal).then(
    (settled) => {
      outcome = { ...settled, milliseconds: Date.now() - start };
    },
  );
  for (let step = 0; outcome === undefined && step < 50_000; step++) await vi.advanceTimersByTimeAsync(50);
  if (outcome === undefined) throw new Error('It never settled.');
  return outcome;
}

export const text = ({ parts }: Outcome): string => parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');

/** Sends each of these after so many milliseconds, then closes, breaks or stays silent. */
export function slowly(
  steps: readonly (readonly [number, string])[],
  end: 'close' | 'break' | 'stall',
  onCancel: () => void = () => undefined,
) {
  return new ReadableStream<Uint8Array>({
    async start(controller) {
      for (const [milliseconds, piece] of steps) {
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        try {
          controller.enqueue(bytesOf(piece));
        } catch {
          // It was cancelled in the meantime.
          return;
        }
      }
      if (end === 'close') controller.close();
      if (end === 'break') controller.error(new TypeError('terminated'));
    },
    cancel: onCancel,
  });
}
