import { expect, test } from 'vitest';
import { createBoundSocket } from '../../background/bound-socket';
import { AiError } from '../../protocol/errors';
import { limits } from '../../protocol/limits';

/** A WebSocket of which only the events matter. */
class FakeSocket extends EventTarget {
  closes = 0;
  readonly sent: string[] = [];
  close() {
    this.closes += 1;
  }
  send(text: string) {
    this.sent.push(text);
  }
  says(data: unknown) {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }
  is(event: 'open' | 'close') {
    this.dispatchEvent(new Event(event));
  }
}

async function opened(signal = new AbortController().signal) {
  const socket = new FakeSocket();
  const opening = createBoundSocket(socket as unknown as WebSocket, signal);
  socket.is('open');
  return { socket, bound: await opening };
}

test('frames are read in their order, those of meanwhile too, one that is no text is empty, and undefined is the end', async () => {
  const { socket, bound } = await opened();
  bound.send('Hi');
  expect(socket.sent).toEqual(['Hi']);
  socket.says('one');
  socket.says(new ArrayBuffer(8));
  socket.says('two');
  expect([await bound.receive(), await bound.receive(), await bound.receive()]).toEqual(['one', '', 'two']);
  const third = bound.receive();
  socket.says('three');
  expect(await third).toBe('three');
  socket.says('last');
  socket.is('close');
  expect([await bound.receive(), await bound.receive()]).toEqual(['last', undefined]);
});

test('T96 frames that nobody reads are kept up to a bound; then the socket is closed, and whoever reads is told', async () => {
  const { socket, bound } = await opened();
  const million = 'x'.repeat(1_000_000);
  const fitting = Math.floor(limits.responseBytes / million.length);
  for (let count = 0; count < fitting; count += 1) socket.says(million);
  expect(socket.closes).toBe(0);
  // What was read makes room.
  await bound.receive();
  socket.says(million);
  expect(socket.closes).toBe(0);
  socket.says(million);
  expect(socket.closes).toBe(1);
  await expect(bound.receive()).rejects.toMatchObject({ fault: 'too-large' });
});

test('T104 a stop closes it, before it is open and after, and one that was stopped before is closed at once', async () => {
  const stop = new AbortController();
  const { socket } = await opened(stop.signal);
  stop.abort();
  expect(socket.closes).toBe(1);

  const early = new AbortController();
  const connecting = new FakeSocket();
  const opening = createBoundSocket(connecting as unknown as WebSocket, early.signal);
  early.abort(new AiError('aborted', 'Enough.'));
  expect(connecting.closes).toBe(1);
  connecting.is('close');
  await expect(opening).rejects.toMatchObject({ code: 'aborted' });

  const never = new FakeSocket();
  const late = createBoundSocket(never as unknown as WebSocket, AbortSignal.abort(new AiError('aborted', 'Enough.')));
  expect(never.closes).toBe(1);
  never.is('close');
  await expect(late).rejects.toMatchObject({ code: 'aborted' });
});

test('where nobody answers that is a fault of the network', async () => {
  const socket = new FakeSocket();
  const opening = createBoundSocket(socket as unknown as WebSocket, new AbortController().signal);
  socket.is('close');
  await expect(opening).rejects.toMatchObject({ fault: 'network', retryable: true });
});
