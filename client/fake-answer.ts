/** Scripted answers: what a test writes down, and the stream of parts that comes of it. */

import { type FakeErrorCode, FakeFailure } from './fake-errors';
import type { AnswerPart, FinishReason, GenerateRequest, Progress, Usage } from './types';

export interface FakeAnswerScript {
  /** A string comes word by word, a list piece by piece. */
  readonly text?: string | readonly string[];
  readonly reasoning?: string;
  readonly toolCalls?: readonly {
    readonly id?: string;
    readonly name: string;
    readonly arguments: Readonly<Record<string, unknown>>;
  }[];
  /** @defaultValue `stop`, or `tool-calls` where there are some */
  readonly finishReason?: FinishReason;
  /** Absent: the backend tells none. */
  readonly usage?: Usage;
  /** Before the answer. */
  readonly progress?: readonly Progress[];
  /** After the pieces: the answer breaks off with it, or does not come at all. */
  readonly error?: FakeErrorCode;
  /** After the pieces nothing more comes, until it is aborted. */
  readonly hangs?: boolean;
}

/** A string is an answer of that text. */
export type FakeAnswer = string | FakeAnswerScript;

const asScript = (answer: FakeAnswer): FakeAnswerScript => (typeof answer === 'string' ? { text: answer } : answer);
const piecesOf = (text: FakeAnswerScript['text'] = []): readonly string[] =>
  typeof text === 'string' ? (text.match(/\s*\S+\s*$|\s*\S+/g) ?? []) : text;

/** Rejects as soon as the signal says so, in the middle of a pause too. */
export function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

interface PlayOptions {
  readonly model: string;
  /** Milliseconds before each piece. */
  readonly delay: number;
  readonly onProgress: ((progress: Progress) => unknown) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** @throws FakeFailure as the script says, and the signal's reason */
export async function* play(
  answer: FakeAnswer,
  { outputs = 1, model: asked }: GenerateRequest,
  options: PlayOptions,
): AsyncGenerator<AnswerPart, void> {
  const { model, delay, onProgress, signal } = options;
  const { text, reasoning, toolCalls = [], usage, progress = [], error, hangs = false, finishReason } = asScript(answer);
  const pause = () => untilAborted(new Promise<void>((resolve) => setTimeout(resolve, delay)), signal);
  const pieces = piecesOf(text);
  for (const step of progress) onProgress?.(step);
  await pause();
  const isNothing = pieces.length === 0 && toolCalls.length === 0 && reasoning === undefined;
  if (error && isNothing) throw new FakeFailure(error);

  yield { type: 'start', model, warnings: asked !== undefined && asked !== model ? [{ type: 'model-replaced', asked }] : [] };
  if (reasoning !== undefined) yield { type: 'reasoning-delta', text: reasoning };
  for (let output = 0; output < outputs; output += 1) {
    const place = output > 0 ? { output } : {};
    for (const piece of pieces) {
      await pause();
      yield { type: 'text-delta', text: piece, ...place };
    }
    for (const [index, call] of toolCalls.entries())
      yield {
        type: 'tool-call',
        id: call.id ?? `call-${index + 1}`,
        name: call.name,
        arguments: JSON.stringify(call.arguments),
        ...place,
      };
  }
  if (hangs) await untilAborted(new Promise<never>(() => undefined), signal);
  if (error) throw new FakeFailure(error);
  if (usage) yield { type: 'usage', usage };
  for (let output = 0; output < outputs; output += 1)
    yield {
      type: 'finish',
      reason: finishReason ?? (toolCalls.length > 0 ? 'tool-calls' : 'stop'),
      ...(output > 0 && { output }),
    };
}
