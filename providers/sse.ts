/** Owns the step from bytes to server-sent events. It knows nothing of what they carry. */

import { createParser } from 'eventsource-parser';
import { backendError } from '../protocol/errors';
import { limits } from '../protocol/limits';

export interface SseEvent {
  /** Its name, where the server gave one. */
  readonly event: string | undefined;
  readonly data: string;
  /** False for what stood there unterminated when the body ended: KoboldCPP's `[DONE]`, or half an event. */
  readonly complete: boolean;
}

/**
 * Reads server-sent events (HTML standard, section 9.2), cut into chunks in whatever way. Unlike the standard, it delivers a last event
 * that nothing terminates: several servers forget the blank line. Throws AiError `too-large` for an endless event.
 */
export async function* readSse(read: () => Promise<Uint8Array | undefined>): AsyncGenerator<SseEvent, void, undefined> {
  for await (const events of readSseTogether(read)) yield* events;
}

/** The same, but all events that one network read completed at once: hundreds, where a backend is fast. */
export async function* readSseTogether(
  read: () => Promise<Uint8Array | undefined>,
): AsyncGenerator<readonly SseEvent[], void, undefined> {
  const decoder = new TextDecoder();
  const mendErrors = createErrorMender();
  const events: SseEvent[] = [];
  let complete = true;
  let overflow = false;
  const parser = createParser({
    maxBufferSize: limits.eventBytes,
    onEvent({ event, data }) {
      overflow ||= data.length > limits.eventBytes;
      if (!overflow) events.push({ event, data, complete });
    },
    onError(error) {
      overflow ||= error.type === 'max-buffer-size-exceeded';
    },
  });
  while (complete) {
    const chunk = await read();
    complete = chunk !== undefined;
    parser.feed(mendErrors(chunk === undefined ? `${decoder.decode()}\n\n` : decoder.decode(chunk, { stream: true })));
    if (events.length > 0) yield events.splice(0);
    if (overflow) throw backendError('too-large', 'One event of the answer is longer than Oriel takes.');
  }
}

/**
 * llama.cpp of 2024 reports a failure in a line `error: {…}`, which is no field of the format and would be lost. It becomes an event named
 * `error`, however the line is cut into pieces.
 */
function createErrorMender(): (text: string) => string {
  /** The beginning of a line that may still become one. */
  let held = '';
  let isLineStart = true;
  return (text) => {
    const whole = held + text;
    const mended = whole.replace(/(^|[\r\n])error:/g, (found, before: string, at: number) =>
      at === 0 && before === '' && !isLineStart ? found : `${before}event: error\ndata:`,
    );
    const line = mended.slice(Math.max(mended.lastIndexOf('\n'), mended.lastIndexOf('\r')) + 1);
    const isWholeLine = line.length < mended.length || isLineStart;
    held = isWholeLine && line !== '' && 'error:'.startsWith(line) ? line : '';
    isLineStart = isWholeLine && (line === '' || held !== '');
    return mended.slice(0, mended.length - held.length);
  };
}
