/** Owns the step from a WebSocket's events to frames that are read one after the other. Which socket may be opened is decided by egress. */

import { backendError } from '../protocol/errors';
import { limits } from '../protocol/limits';
import type { BoundSocket } from '../providers/provider';

/**
 * Resolves when the socket is open. Frames that nobody has read yet are kept, `limits.responseBytes` characters of them at most.
 * @throws AiError `network` where nobody answers, the signal's reason where it is aborted first
 */
export function createBoundSocket(socket: WebSocket, signal: AbortSignal): Promise<BoundSocket> {
  const frames: string[] = [];
  let size = 0;
  let isClosed = false;
  let isFull = false;
  let wake: () => void = () => undefined;

  const close = () => socket.close();
  signal.addEventListener('abort', close, { once: true });
  socket.addEventListener('message', ({ data }) => {
    // A frame that is no text says nothing in any protocol of ours. It is read all the same, or a flood of them would never be noticed.
    const text = typeof data === 'string' ? data : '';
    size += text.length;
    isFull ||= size > limits.responseBytes;
    if (isFull) close();
    else frames.push(text);
    wake();
  });

  const bound: BoundSocket = {
    send: (text) => socket.send(text),
    async receive() {
      while (frames.length === 0 && !isClosed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (isFull) throw backendError('too-large', 'The answer is longer than Oriel takes.');
      const frame = frames.shift();
      size -= frame?.length ?? 0;
      return frame;
    },
    close,
  };

  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve(bound));
    socket.addEventListener('close', () => {
      isClosed = true;
      signal.removeEventListener('abort', close);
      wake();
      // After `open` this is for nobody: a promise settles once.
      reject(signal.aborted ? signal.reason : backendError('network', 'The backend cannot be reached.', { retryable: true }));
    });
    if (signal.aborted) close();
  });
}
