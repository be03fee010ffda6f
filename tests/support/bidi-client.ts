/** A WebDriver BiDi connection: commands, events, and the values of the wire as plain values. */
import WebSocket from 'ws';
import { within } from './waiting';

/** A value as BiDi describes it, as far as tests need it. */
export interface RemoteValue {
  type: string;
  value?: unknown;
}

export interface EvaluateResult {
  type: 'success' | 'exception';
  result?: RemoteValue;
  exceptionDetails?: { text: string; exception: RemoteValue };
}

export interface BidiClient {
  /** Sends a command; throws the error of the browser, or after `timeoutMs` (20 s). */
  send<Result>(method: string, params?: object, timeoutMs?: number): Promise<Result>;
  close(): void;
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

interface Incoming {
  id?: number;
  type: string;
  result?: unknown;
  error?: string;
  message?: string;
}

/** Connects to a browser that listens. */
export async function connectBidi(port: number): Promise<BidiClient> {
  const socket = await connect(port);
  const pending = new Map<number, Pending>();
  let lastId = 0;

  function failAll(reason: string) {
    for (const { reject } of pending.values()) reject(new Error(reason));
    pending.clear();
  }
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as Incoming;
    const waiting = typeof message.id === 'number' ? pending.get(message.id) : undefined;
    if (!waiting) return;
    pending.delete(message.id as number);
    if (message.type === 'error') waiting.reject(new Error(`${message.error}: ${message.message}`));
    else waiting.resolve(message.result);
  });
  socket.on('close', () => failAll('Firefox closed the connection'));
  socket.on('error', (error) => failAll(error.message));

  return {
    send<Result>(method: string, params: object = {}, timeoutMs = 20_000) {
      const id = ++lastId;
      const answer = new Promise<unknown>((resolve, reject) => {
        if (socket.readyState !== WebSocket.OPEN) return reject(new Error(`${method}: Firefox is not connected`));
        pending.set(id, { resolve, reject: (error) => reject(new Error(`${method}: ${error.message}`)) });
        socket.send(JSON.stringify({ id, method, params }));
      });
      return within(answer, timeoutMs, method).finally(() => pending.delete(id)) as Promise<Result>;
    },
    close: () => socket.terminate(),
  };
}

/** Turns what BiDi describes into a plain value; things without a JSON form become their type in words. */
export function fromRemote(remote: RemoteValue): unknown {
  switch (remote.type) {
    case 'undefined':
      return undefined;
    case 'null':
      return null;
    case 'number':
      return typeof remote.value === 'string' ? Number(remote.value.replace('-0', '0')) : remote.value;
    case 'string':
    case 'boolean':
      return remote.value;
    case 'array':
    case 'set':
      return ((remote.value ?? []) as RemoteValue[]).map(fromRemote);
    case 'object':
    case 'map':
      return Object.fromEntries(
        ((remote.value ?? []) as [string | RemoteValue, RemoteValue][]).map(([key, value]) => [
          typeof key === 'string' ? key : String(fromRemote(key)),
          fromRemote(value),
        ]),
      );
    default:
      return remote.value ?? `[${remote.type}]`;
  }
}

async function connect(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/session`);
  const opened = new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  await within(opened, 10_000, 'connecting to Firefox');
  return socket;
}
