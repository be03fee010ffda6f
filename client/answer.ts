/** Small conveniences around an answer's stream, and around what goes into a request. */

import type { AnswerPart, FinishReason, Part, Usage } from './types';

/** An answer as a whole. */
export interface Answer {
  readonly model: string;
  readonly text: string;
  /** What the model thought before it answered; empty where it did not, or keeps it to itself. */
  readonly reasoning: string;
  readonly toolCalls: readonly Extract<AnswerPart, { type: 'tool-call' }>[];
  readonly finishReason: FinishReason;
  /** Absent where the backend tells none. */
  readonly usage?: Usage | undefined;
}

/** Reads a stream in a loop, in browsers too where a stream cannot be iterated over. Leaving the loop stops the backend. */
export async function* partsOf(stream: ReadableStream<AnswerPart>): AsyncGenerator<AnswerPart, void, undefined> {
  const reader = stream.getReader();
  let isDone = false;
  try {
    while (true) {
      const { done, value } = await reader.read();
      isDone = done;
      if (done) return;
      yield value;
    }
  } catch (error) {
    isDone = true;
    throw error;
  } finally {
    if (!isDone) await reader.cancel();
    reader.releaseLock();
  }
}

/**
 * Waits for the whole answer, the first one where several were asked for.
 * @param onText gets each piece of its text as it comes
 */
export async function collect(stream: ReadableStream<AnswerPart>, onText?: (delta: string) => void): Promise<Answer> {
  let [model, text, reasoning] = ['', '', ''];
  let finishReason: FinishReason = 'other';
  let usage: Usage | undefined;
  const toolCalls: Extract<AnswerPart, { type: 'tool-call' }>[] = [];
  for await (const part of partsOf(stream)) {
    if ('output' in part && (part.output ?? 0) > 0) continue;
    switch (part.type) {
      case 'start':
        model = part.model;
        break;
      case 'text-delta':
        text += part.text;
        onText?.(part.text);
        break;
      case 'reasoning-delta':
        reasoning += part.text;
        break;
      case 'tool-call':
        toolCalls.push(part);
        break;
      case 'usage':
        usage = part.usage;
        break;
      case 'finish':
        finishReason = part.reason;
    }
  }
  return { model, text, reasoning, toolCalls, finishReason, ...(usage && { usage }) };
}

/** An image or a sound as a part of a message. @throws TypeError for any other kind of file */
export async function mediaPart(file: Blob): Promise<Part> {
  const [kind] = file.type.split('/');
  if (kind !== 'image' && kind !== 'audio')
    throw new TypeError(`A model takes images and sounds, and this is ${file.type || 'neither'}.`);
  return { type: kind, mediaType: file.type, data: toBase64(new Uint8Array(await file.arrayBuffer())) };
}

export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  // In steps: a function takes only so many arguments.
  for (let start = 0; start < bytes.length; start += 0x8000)
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return btoa(binary);
}
