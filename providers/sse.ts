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
  const decoder = new TextDecoder();
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
    parser.feed(chunk === undefined ? `${decoder.decode()}\n\n` : decoder.decode(chunk, { stream: true }));
    yield* events.splice(0);
    if (overflow) throw backendError('too-large', 'One event of the answer is longer than Oriel takes.');
  }
}
