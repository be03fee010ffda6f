/** Owns the reading of an answer's bytes: bounded in size, and in how long it may stay silent. */

import { AiError, backendError } from '../protocol/errors';
import { limits } from '../protocol/limits';
import type { Clock } from './clock';
import type { Lifeline } from './lifeline';

export interface BodyBounds {
  /** Milliseconds until the first byte: many servers send their headers at once and read the prompt then. */
  readonly firstTimeout: number;
  /** Milliseconds without a byte after that. */
  readonly progressTimeout: number;
  /** Decoded size. */
  readonly bytes: number;
}

export interface Body {
  /** The next bytes, at most `limits.pieceBytes`, undefined at the end. Throws AiError `timeout`, `too-large`, `interrupted`, or what ended the call. */
  read(): Promise<Uint8Array | undefined>;
  /** The first byte that is neither blank nor part of a byte order mark, without consuming anything. */
  peek(): Promise<number | undefined>;
  /** The bytes read so far meant something: the time allowed for silence starts anew. */
  progressed(): void;
  /** The answer has said why it ends: what may follow has `limits.endTimeout` for it. */
  finished(): void;
  /** Closes the socket where it is still open. */
  cancel(): void;
}

/** Blanks, and the bytes of a UTF-8 byte order mark. */
const insignificant = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/** Reads `response` within `bounds`. Silence counts only while somebody waits for bytes: a slow reader is not a slow backend. */
export function createBody(response: Response, lifeline: Lifeline, clock: Clock, bounds: BodyBounds): Body {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  /** Read, and not given yet. */
  const ready: Uint8Array[] = [];
  let size = 0;
  let silence = 0;
  let isFinished = false;

  async function pull(): Promise<Uint8Array | undefined> {
    if (reader === undefined) return undefined;
    const allowed = size === 0 ? bounds.firstTimeout : isFinished ? limits.endTimeout : bounds.progressTimeout;
    const patience = Math.min(allowed, limits.silenceMax - silence);
    const start = clock.now();
    const result = await lifeline.wait(reader.read(), patience).catch((error: unknown) => {
      if (error instanceof AiError) throw error;
      throw backendError('interrupted', 'The connection broke in the middle of the answer.', { cause: error });
    });
    silence += clock.now() - start;
    if (result.done) return undefined;
    size += result.value.byteLength;
    if (size > bounds.bytes) throw backendError('too-large', 'The answer is longer than Oriel takes.');
    return result.value;
  }

  return {
    async read() {
      lifeline.signal.throwIfAborted();
      const chunk = ready.shift() ?? (await pull());
      if (chunk === undefined || chunk.byteLength <= limits.pieceBytes) return chunk;
      ready.unshift(chunk.subarray(limits.pieceBytes));
      return chunk.subarray(0, limits.pieceBytes);
    },
    async peek() {
      for (;;) {
        const chunk = await pull();
        if (chunk === undefined) return undefined;
        ready.push(chunk);
        const byte = chunk.find((candidate) => !insignificant.has(candidate));
        if (byte !== undefined) return byte;
      }
    },
    progressed() {
      silence = 0;
    },
    finished() {
      isFinished = true;
    },
    cancel() {
      // A stream that already broke rejects its cancellation with the same error, which was thrown where it was read.
      reader?.cancel().catch(() => undefined);
    },
  };
}

/** The whole body as text; invalid UTF-8 becomes U+FFFD. */
export async function readText(body: Body): Promise<string> {
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  for (let chunk = await body.read(); chunk !== undefined; chunk = await body.read()) {
    pieces.push(decoder.decode(chunk, { stream: true }));
  }
  return pieces.join('') + decoder.decode();
}

/** The whole body as JSON; throws AiError `malformed`. */
export async function readJson(body: Body): Promise<unknown> {
  const text = await readText(body);
  try {
    return JSON.parse(text);
  } catch {
    // Its message quotes the body, which belongs into no log.
    throw backendError('malformed', text === '' ? 'The backend sent an empty answer.' : 'The backend sent broken JSON.');
  }
}
