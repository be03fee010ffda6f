/** Turns one run of the engine into the neutral parts of an answer. */

import type { FinishReason, StreamPart } from '../protocol/generate';
import type { ChatStep } from './wllama-runtime';

const finishReasons: Readonly<Record<string, FinishReason>> = { stop: 'stop', length: 'length' };

/**
 * Streams text as it is computed, then usage and the reason it ended. A reader that leaves stops the computation, and this
 * returns only once it has stopped: the engine takes one run at a time.
 */
export async function* answer(
  chat: (onStep: (step: ChatStep) => void, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<StreamPart> {
  const stop = new AbortController();
  const steps: ChatStep[] = [];
  let wake: (() => void) | undefined;
  let outcome: { readonly error?: unknown } | undefined;
  const onStep = (step: ChatStep) => {
    steps.push(step);
    wake?.();
  };
  const onEnd = (error?: unknown) => {
    outcome = { error };
    wake?.();
  };
  const run = chat(onStep, AbortSignal.any([signal, stop.signal])).then(() => onEnd(), onEnd);

  try {
    let total: ChatStep = {};
    while (!outcome || steps.length > 0) {
      const step = steps.shift();
      if (step) {
        total = { ...total, ...step };
        if (step.reasoning) yield { type: 'reasoning-delta', text: step.reasoning };
        if (step.text) yield { type: 'text-delta', text: step.text };
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
    if (outcome.error !== undefined) throw outcome.error;
    yield* ending(total);
  } finally {
    stop.abort();
    await run;
  }
}

function* ending({ inputTokens, outputTokens, cachedTokens, finishReason }: ChatStep): Generator<StreamPart> {
  yield { type: 'usage', usage: { inputTokens, outputTokens, cachedTokens, estimated: false } };
  const reason = finishReason === undefined ? 'other' : (finishReasons[finishReason] ?? 'other');
  yield { type: 'finish', reason, ...(finishReason !== undefined && { rawReason: finishReason }) };
}
