/** Owns the step from bytes to server-sent events. It knows nothing of what they carry. */

import { createParser } from 'eventsource-parser';
import { backendError } from '../protocol/errors';
import { limits } from '../protocol/limits';

/** The blank line that ends an event, as nearly all servers write it. */
const gap = '\n\n';

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
  const events: SseEvent[] = [];
  for await (const _ of feedSse(read, (event) => events.push(event))) yield* events.splice(0);
}

/**
 * The same for a reader that takes thousands of events from one network read, where a backend is fast, and keeps none of them. Yields when `take`
 * has had all that one read completed, where that were any; what `take` throws ends the reading.
 * @param skim takes what it knows at the beginning of a text that begins with an event, and tells how many characters of it: whole events
 */
export async function* feedSse(
  read: () => Promise<Uint8Array | undefined>,
  take: (event: SseEvent) => void,
  skim: (text: string) => number = () => 0,
): AsyncGenerator<void, void, undefined> {
  const decoder = new TextDecoder();
  const mendErrors = createErrorMender();
  let complete = true;
  let hasTaken = false;
  let overflow = false;
  const parser = createParser({
    maxBufferSize: limits.eventBytes,
    onEvent({ event, data }) {
      overflow ||= data.length > limits.eventBytes;
      if (overflow) return;
      hasTaken = true;
      take({ event, data, complete });
    },
    onError(error) {
      overflow ||= error.type === 'max-buffer-size-exceeded';
    },
  });
  /** Whether what comes next is the beginning of an event. */
  let isBetween = false;
  const feed = (text: string) => {
    let rest = text;
    const end = isBetween ? -1 : text.indexOf(gap);
    if (end >= 0) {
      rest = text.slice(end + gap.length);
      parser.feed(text.slice(0, end + gap.length));
      isBetween = true;
    }
    const skimmed = isBetween ? skim(rest) : 0;
    hasTaken ||= skimmed > 0;
    rest = rest.slice(skimmed);
    parser.feed(rest);
    if (rest !== '') isBetween = rest.endsWith(gap);
  };
  while (complete) {
    const chunk = await read();
    complete = chunk !== undefined;
    feed(mendErrors(chunk === undefined ? `${decoder.decode()}\n\n` : decoder.decode(chunk, { stream: true })));
    if (hasTaken) yield;
    hasTaken = false;
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
