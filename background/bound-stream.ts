/**
 * Owns the step from a WebSocket that is read as a stream to frames that are read one after the other. What nobody reads stays with the server:
 * a flood costs the browser nothing, also after its call has ended. Firefox has none; see bound-socket.ts.
 */

import { backendError } from '../protocol/errors';
import { limits } from '../protocol/limits';
import type { BoundSocket } from '../providers/provider';

/** As the WebSockets Standard has it; TypeScript does not know it. */
export interface SocketStream {
  readonly opened: Promise<{
    readonly readable: ReadableStream<string | Uint8Array>;
    readonly writable: WritableStream<string>;
  }>;
  readonly closed: Promise<unknown>;
  close(): void;
}

/** The signal ends its handshake, and nothing after that. */
export type CreateSocketStream = new (url: string, options: { readonly signal: AbortSignal }) => SocketStream;

/**
 * By then a frame of a flood has come that nobody reads, which holds up the rest. Of a socket that is closed with none Chromium takes in whatever
 * comes for up to a minute, for nobody, and has no turn for anything else.
 */
const settlingMs = 50;

/**
 * Resolves when the socket is open.
 * @throws AiError `network` where nobody answers, the signal's reason where it is aborted first
 */
export async function createBoundStream(Stream: CreateSocketStream, url: string, signal: AbortSignal): Promise<BoundSocket> {
  signal.throwIfAborted();
  const stream = new Stream(url, { signal });
  // Whoever reads hears of its end.
  stream.closed.catch(() => undefined);
  const { readable, writable } = await stream.opened.catch((cause) => {
    throw signal.aborted ? signal.reason : backendError('network', 'The backend cannot be reached.', { retryable: true, cause });
  });
  const [reader, writer] = [readable.getReader(), writable.getWriter()];

  const close = () => {
    signal.removeEventListener('abort', close);
    setTimeout(() => stream.close(), settlingMs);
  };
  if (signal.aborted) close();
  else signal.addEventListener('abort', close, { once: true });

  return {
    send: (text) => void writer.write(text).catch(() => undefined),
    async receive() {
      // One that breaks off ends as one that is closed.
      const { value } = await reader.read().catch(() => ({ value: undefined }));
      if (value === undefined || value.length <= limits.responseBytes) return typeof value === 'string' ? value : value && '';
      close();
      throw backendError('too-large', 'The answer is longer than Oriel takes.');
    },
    close,
  };
}
