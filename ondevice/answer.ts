/** Turns one run of the engine into the neutral parts of an answer. */

import { backendError } from '../protocol/errors';
import type { FinishReason, StreamPart } from '../protocol/generate';
import type { ToolCallJson } from './chat-options';
import type { ChatStep, ToolCallPiece } from './wllama-runtime';

const finishReasons: Readonly<Record<string, FinishReason>> = { stop: 'stop', length: 'length', tool_calls: 'tool-calls' };

/**
 * Streams text as it is computed, then whole calls of tools, usage and the reason it ended. A reader that leaves stops the computation, and this
 * returns only once it has stopped: the engine takes one run at a time.
 * @param isCall the text is the JSON of a call
 */
export async function* answer(
  chat: (onStep: (step: ChatStep) => void, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
  isCall = false,
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
    const pieces: ToolCallPiece[] = [];
    let call = '';
    while (!outcome || steps.length > 0) {
      const step = steps.shift();
      if (step) {
        total = { ...total, ...step };
        pieces.push(...(step.toolCalls ?? []));
        if (step.reasoning) yield { type: 'reasoning-delta', text: step.reasoning };
        if (step.text && isCall) call += step.text;
        else if (step.text) yield { type: 'text-delta', text: step.text };
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
    if (outcome.error !== undefined) throw outcome.error;
    const made = [...(isCall ? forced(call) : calls(pieces))];
    yield* made;
    yield* ending(total, made.length > 0);
  } finally {
    stop.abort();
    await run;
  }
}

/** None where the text was cut off. */
function* forced(text: string): Generator<StreamPart> {
  const call = parse(text);
  if (call)
    yield { type: 'tool-call', id: `call_${crypto.randomUUID()}`, name: call.name, arguments: JSON.stringify(call.arguments) };
}

function parse(text: string): ToolCallJson | undefined {
  try {
    // The engine's grammar let nothing else through.
    return JSON.parse(text) as ToolCallJson;
  } catch {
    return undefined;
  }
}

/** @throws AiError `malformed` for a call without a name */
function* calls(pieces: readonly ToolCallPiece[]): Generator<StreamPart> {
  for (const index of new Set(pieces.map((piece) => piece.index))) {
    const own = pieces.filter((piece) => piece.index === index);
    const name = own.find((piece) => piece.name)?.name;
    if (name === undefined) throw backendError('malformed', 'The model called a tool without a name.');
    const id = own.find((piece) => piece.id)?.id ?? `call_${index}`;
    yield { type: 'tool-call', id, name, arguments: own.map((piece) => piece.arguments ?? '').join('') };
  }
}

function* ending({ inputTokens, outputTokens, cachedTokens, finishReason }: ChatStep, calls: boolean): Generator<StreamPart> {
  yield { type: 'usage', usage: { inputTokens, outputTokens, cachedTokens, estimated: false } };
  const known = finishReason === undefined ? 'other' : (finishReasons[finishReason] ?? 'other');
  const reason = known === 'stop' && calls ? 'tool-calls' : known;
  yield { type: 'finish', reason, ...(finishReason !== undefined && { rawReason: finishReason }) };
}
