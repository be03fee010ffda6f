/** A CDP connection over the browser's debugging pipe: commands and events, and nothing attached that was not asked for. */
import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { within } from './waiting';

export interface CdpEvent {
  method: string;
  params: Record<string, unknown>;
  sessionId?: string;
}

export interface CdpPipe {
  /** Sends a command; throws the error of the browser, or after `timeoutMs` (20 s). */
  send<Result>(method: string, params?: object, sessionId?: string, timeoutMs?: number): Promise<Result>;
  /** Calls the listener for each event; gives the function that stops it. */
  on(listener: (event: CdpEvent) => void): () => void;
}

interface Incoming extends CdpEvent {
  id?: number;
  result?: unknown;
  error?: { message: string };
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Talks to a browser started with `--remote-debugging-pipe`, whose file descriptors 3 and 4 are pipes. */
export function connectCdpPipe(child: ChildProcess): CdpPipe {
  const input = child.stdio[3] as Writable;
  const output = child.stdio[4] as Readable;
  const pending = new Map<number, Pending>();
  const listeners = new Set<(event: CdpEvent) => void>();
  let lastId = 0;
  let ended = false;
  let rest: Buffer[] = [];

  function receive(text: string) {
    const message = JSON.parse(text) as Incoming;
    if (message.id === undefined) {
      for (const listener of listeners) listener(message);
      return;
    }
    const waiting = pending.get(message.id);
    pending.delete(message.id);
    if (message.error) waiting?.reject(new Error(message.error.message));
    else waiting?.resolve(message.result);
  }
  output.on('data', (bytes: Buffer) => {
    let start = 0;
    // Messages are separated by a zero byte.
    for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
      receive(Buffer.concat([...rest, bytes.subarray(start, end)]).toString('utf8'));
      rest = [];
      start = end + 1;
    }
    rest.push(bytes.subarray(start));
  });
  output.on('close', () => {
    ended = true;
    for (const { reject } of pending.values()) reject(new Error('Chromium has ended'));
    pending.clear();
  });
  // EPIPE: the browser ended while a command was on its way; `close` above tells those who wait.
  input.on('error', () => undefined);

  return {
    send<Result>(method: string, params: object = {}, sessionId?: string, timeoutMs = 20_000) {
      const id = ++lastId;
      const answer = new Promise<unknown>((resolve, reject) => {
        if (ended) return reject(new Error(`${method}: Chromium has ended`));
        pending.set(id, { resolve, reject: (error) => reject(new Error(`${method}: ${error.message}`)) });
        input.write(`${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`);
      });
      return within(answer, timeoutMs, method).finally(() => pending.delete(id)) as Promise<Result>;
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
