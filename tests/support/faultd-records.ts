/** What the fault server writes down of its sockets and requests, and how it waits for them. */
import type net from 'node:net';
import { performance } from 'node:perf_hooks';
import type { FaultRequest, FaultSocket } from './faultd';
import type { Playback } from './faultd-play';
import type { ParsedRequest } from './faultd-request';

/** Texts in the order of their arrival, undefined for ever once the client has gone. */
export function createQueue(gone: AbortSignal) {
  const texts: string[] = [];
  const waiting: ((text: string | undefined) => void)[] = [];
  gone.addEventListener('abort', () => {
    for (const give of waiting.splice(0)) give(undefined);
  });
  return {
    push(text: string) {
      const give = waiting.shift();
      if (give) give(text);
      else texts.push(text);
    },
    next: async (): Promise<string | undefined> => {
      if (texts.length > 0 || gone.aborted) return texts.shift();
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}

export function recordRequest(
  parsed: ParsedRequest,
  index: number,
  socket: FaultSocket,
  nextFrame: FaultRequest['nextFrame'],
): FaultRequest {
  return {
    ...parsed,
    index,
    socket,
    nextFrame,
    receivedAt: performance.now(),
    answeredAt: undefined,
    json: () => JSON.parse(parsed.body) as unknown,
  };
}

export function recordSocket(connection: net.Socket, index: number, playback: Playback) {
  let settle: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const socket: FaultSocket = {
    index,
    openedAt: performance.now(),
    closedAt: undefined,
    closedBy: undefined,
    get bytesIn() {
      return connection.bytesRead;
    },
    get bytesOut() {
      return connection.bytesWritten;
    },
    requests: [],
    closed,
  };
  function note(by: 'client' | 'server') {
    socket.closedBy ??= by;
    socket.closedAt ??= performance.now();
    settle();
  }
  connection.on('end', () => note(playback.closing ? 'server' : 'client'));
  // ECONNRESET and EPIPE are how a client that leaves looks from here.
  connection.on('error', () => note(playback.closing ? 'server' : 'client'));
  connection.on('close', () => note('server'));
  return { socket, note };
}

export async function waitUntil(
  test: () => boolean,
  wakers: Set<() => void>,
  timeoutMs: number,
  state: () => string,
): Promise<void> {
  if (test()) return;
  let wake: () => void = () => undefined;
  const happened = new Promise<void>((resolve) => {
    wake = () => {
      if (test()) resolve();
    };
  });
  wakers.add(wake);
  try {
    await within(happened, timeoutMs, state);
  } finally {
    wakers.delete(wake);
  }
}

export function within(promise: Promise<void>, timeoutMs: number, state: string | (() => string)): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`faultd: after ${timeoutMs} ms ${typeof state === 'string' ? state : state()}`));
    }, timeoutMs);
    promise.then(() => {
      clearTimeout(timer);
      resolve();
    }, reject);
  });
}
