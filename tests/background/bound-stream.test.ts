import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBoundStream, type SocketStream } from '../../background/bound-stream';
import { AiError } from '../../protocol/errors';
import { limits } from '../../protocol/limits';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
/** A frame that has come meanwhile holds up a flood. */
const soon = () => vi.advanceTimersByTime(50);

/** A socket as Chromium reads it: what nobody asks for is not taken from the server. */
class FakeStream implements SocketStream {
  static last: FakeStream;
  readonly sent: string[] = [];
  closes = 0;
  breaksWriting = false;
  private resolveOpened: (pair: Awaited<SocketStream['opened']>) => void = () => undefined;
  private readonly rejects: ((error: unknown) => void)[] = [];
  readonly opened = new Promise<Awaited<SocketStream['opened']>>((resolve, reject) => {
    this.resolveOpened = resolve;
    this.rejects.push(reject);
  });
  readonly closed = new Promise<unknown>((_, reject) => void this.rejects.push(reject));

  constructor(_url: string, { signal }: { readonly signal: AbortSignal }) {
    FakeStream.last = this;
    // Ends the handshake alone.
    signal.addEventListener('abort', () => this.fails());
  }
  opens(source: UnderlyingDefaultSource<string | Uint8Array> = {}) {
    const readable = new ReadableStream<string | Uint8Array>(source, { highWaterMark: 0 });
    const writable = new WritableStream<string>({
      write: (text) => {
        if (this.breaksWriting) throw new DOMException('', 'NetworkError');
        this.sent.push(text);
      },
    });
    this.resolveOpened({ readable, writable });
  }
  fails() {
    for (const reject of this.rejects) reject(new DOMException('', 'NetworkError'));
  }
  close() {
    this.closes += 1;
  }
}

async function opened(source?: UnderlyingDefaultSource<string | Uint8Array>, signal = new AbortController().signal) {
  const opening = createBoundStream(FakeStream, 'ws://127.0.0.1:5005/', signal);
  FakeStream.last.opens(source);
  return { socket: FakeStream.last, bound: await opening };
}
const saying =
  (...frames: (string | Uint8Array)[]) =>
  (controller: ReadableStreamDefaultController<string | Uint8Array>) => {
    const frame = frames.shift();
    if (frame === undefined) controller.close();
    else controller.enqueue(frame);
  };

test('frames are read in their order, one that is no text is empty, and undefined is the end', async () => {
  const { socket, bound } = await opened({ pull: saying('one', new Uint8Array(8), 'two') });
  bound.send('Hi');
  expect([await bound.receive(), await bound.receive(), await bound.receive()]).toEqual(['one', '', 'two']);
  expect([await bound.receive(), socket.sent]).toEqual([undefined, ['Hi']]);
});

test('T96 a flood stays with the server: nothing is taken that nobody reads', async () => {
  let taken = 0;
  const { bound } = await opened({
    pull(controller) {
      taken += 1;
      controller.enqueue('on');
    },
  });
  await bound.receive();
  await vi.advanceTimersByTimeAsync(5);
  expect(taken).toBe(1);
});

test('T96 one frame that is longer than any answer ends it', async () => {
  const { socket, bound } = await opened({ pull: saying('x'.repeat(limits.responseBytes + 1)) });
  await expect(bound.receive()).rejects.toMatchObject({ fault: 'too-large' });
  soon();
  expect(socket.closes).toBe(1);
});

test('one that breaks off ends as one that is closed, for who reads and for who sends', async () => {
  const { socket, bound } = await opened({ pull: (controller) => controller.error(new DOMException('', 'NetworkError')) });
  socket.breaksWriting = true;
  bound.send('Hi');
  expect(await bound.receive()).toBeUndefined();
});

test('T104 a stop closes it, before it is open and after, and one that was stopped before is never opened', async () => {
  const stop = new AbortController();
  const { socket, bound } = await opened({}, stop.signal);
  stop.abort();
  expect(socket.closes).toBe(0);
  soon();
  expect(socket.closes).toBe(1);
  bound.close();

  const early = new AbortController();
  const opening = createBoundStream(FakeStream, 'ws://127.0.0.1:5005/', early.signal);
  early.abort(new AiError('aborted', 'Enough.'));
  await expect(opening).rejects.toMatchObject({ code: 'aborted' });

  // The server's word and the stop cross.
  const crossing = new AbortController();
  const late = createBoundStream(FakeStream, 'ws://127.0.0.1:5005/', crossing.signal);
  FakeStream.last.opens();
  crossing.abort();
  await late;
  soon();
  expect(FakeStream.last.closes).toBe(1);

  const { last } = FakeStream;
  const never = createBoundStream(FakeStream, 'ws://127.0.0.1:5005/', AbortSignal.abort(new AiError('aborted', 'Enough.')));
  await expect(never).rejects.toMatchObject({ code: 'aborted' });
  expect(FakeStream.last).toBe(last);
});

test('where nobody answers it is a failure that may pass', async () => {
  const opening = createBoundStream(FakeStream, 'ws://127.0.0.1:5005/', new AbortController().signal);
  FakeStream.last.fails();
  await expect(opening).rejects.toMatchObject({ fault: 'network', retryable: true });
});
