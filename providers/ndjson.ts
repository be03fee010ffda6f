/** Owns the step from bytes to a JSON document a line (NDJSON). It knows nothing of what they carry. */

import { backendError } from '../protocol/errors';
import { limits } from '../protocol/limits';

/**
 * Reads one JSON document a line, cut into chunks in whatever way; a last line that nothing ends counts, where it is whole. Throws AiError
 * `malformed` for a line that is none, `interrupted` for half a one at the end, `too-large` for an endless one.
 */
export async function* readNdjson(read: () => Promise<Uint8Array | undefined>): AsyncGenerator<unknown, void, undefined> {
  const decoder = new TextDecoder();
  // Pieces of the line that is not over yet: joined once, so that a long line is read in linear time.
  let pieces: string[] = [];
  let size = 0;
  for (let isOver = false; !isOver; ) {
    const chunk = await read();
    isOver = chunk === undefined;
    const lines = (chunk === undefined ? `${decoder.decode()}\n` : decoder.decode(chunk, { stream: true })).split('\n');
    for (const [index, piece] of lines.entries()) {
      pieces.push(piece);
      size += piece.length;
      if (size > limits.eventBytes) throw backendError('too-large', 'One line of the answer is longer than Oriel takes.');
      if (index === lines.length - 1) break;
      const line = pieces.join('').trim();
      pieces = [];
      size = 0;
      if (line !== '') yield parse(line, isOver);
    }
  }
}

function parse(line: string, isLast: boolean): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // Its message quotes the line, which belongs into no log.
    if (isLast) throw backendError('interrupted', 'The answer broke off.');
    throw backendError('malformed', 'The backend sent broken JSON.');
  }
}
