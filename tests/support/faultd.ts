/** A raw-socket HTTP server on 127.0.0.1 that plays scripts, broken ones too, and records every socket; it knows no API (see servers/). */
import net from 'node:net';
import { performance } from 'node:perf_hooks';
import { closeFrame, createFrameReader } from './faultd-frames';
import { type Playback, playSteps } from './faultd-play';
import { createQueue, recordRequest, recordSocket, waitUntil, within } from './faultd-records';
import { createRequestParser, type ParsedRequest } from './faultd-request';

/** What the server does next. Steps that finish a response: `end`, `fin`, `cut`, `reset`, `stall`, `redirect`. A script that runs out ends by itself. */
export type Step =
  /** Sets the status of the head that is sent later. */
  | { type: 'status'; code: number; reason?: string }
  /** Sends the head at once: the status set before (200), these headers, and chunked framing unless `content-length` is among them. */
  | { type: 'headers'; headers?: Record<string, string> }
  /** Compresses everything written after it. Goes before the head. */
  | { type: 'gzip' }
  /** One chunk of the body (the head goes first where it was not sent yet). */
  | { type: 'write'; data: string | Uint8Array }
  /** Bytes as they are, outside all framing. */
  | { type: 'raw'; data: string | Uint8Array }
  | { type: 'delay'; ms: number }
  /** Goes on when the promise settles: lets a test hold the server. */
  | { type: 'wait'; until: Promise<unknown> }
  /** Says nothing more and keeps the socket open. */
  | { type: 'stall' }
  /** Announces a chunk of `announced` bytes, sends only `data`, then closes (`reset`: with RST). */
  | { type: 'cut'; data: string | Uint8Array; announced?: number; reset?: boolean }
  /** Breaks the connection with RST. */
  | { type: 'reset' }
  /** Closes the connection without finishing the response. */
  | { type: 'fin' }
  /** Finishes the response properly. */
  | { type: 'end' }
  | { type: 'redirect'; to: string; status?: number }
  /** Takes the handshake of a WebSocket; what is written after it are frames. */
  | { type: 'upgrade' }
  /** A text frame. */
  | { type: 'frame'; data: string | Uint8Array };

export type Steps = Iterable<Step> | AsyncIterable<Step>;

/** What to play for a request. `nth` counts the requests to this route, from 0. */
export type Script = Steps | ((request: FaultRequest, nth: number) => Steps | Promise<Steps>);

/** What is played in place of an answer. `nth` counts the requests that it met, from 0. */
export interface Disturbance {
  /** Which requests it meets. */
  readonly meets: (request: ParsedRequest) => boolean;
  readonly change: (steps: Steps, request: FaultRequest, nth: number) => Steps;
  /** It leaves responses unfinished: see `chooseConnectionHeader` in faultd-play.ts. */
  readonly breaks?: boolean | undefined;
}

export interface FaultRequest extends ParsedRequest {
  /** Position in `server.requests`. */
  readonly index: number;
  readonly socket: FaultSocket;
  /** `performance.now()` when the request had been read. */
  readonly receivedAt: number;
  /** The body as JSON; throws where it is none. */
  json(): unknown;
  /** The next text that the client sends over an upgraded socket; undefined when it has left. */
  nextFrame(): Promise<string | undefined>;
  /** `performance.now()` when the script had been played to its end; undefined when the client left before. */
  answeredAt: number | undefined;
}

export interface FaultSocket {
  readonly index: number;
  readonly openedAt: number;
  closedAt: number | undefined;
  closedBy: 'client' | 'server' | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly requests: FaultRequest[];
  /** Settles when the socket is closed. */
  readonly closed: Promise<void>;
}

export interface FaultServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly requests: FaultRequest[];
  readonly sockets: FaultSocket[];
  /** Sets the script of a route. `*` as method means any; the path is compared without its query. The latest matching route wins. */
  on(method: string, path: string | RegExp, script: Script): void;
  /** From now on the answers of all routes are changed in this way, until it is called without. */
  disturb(disturbance?: Disturbance): void;
  /** Refuses every connection on its port, until it is called with false. */
  refuse(isOff: boolean): Promise<void>;
  /** Waits until `count` requests have come in and gives the last of them. */
  waitForRequest(count?: number, timeoutMs?: number): Promise<FaultRequest>;
  /** Milliseconds from `since` (`performance.now()`, default: this call) until the socket of a request is closed. Negative when it was closed before. */
  closedAfter(requestIndex: number, since?: number, timeoutMs?: number): Promise<number>;
  /** Forgets the recorded requests and sockets (indexes start again), keeps the routes. */
  clear(): void;
  close(): Promise<void>;
}

interface Route {
  method: string;
  path: string | RegExp;
  script: Script;
  calls: number;
}

/** Starts a server on a free port. It answers 404 where no route fits, closes each connection after one response unless `keepAlive`. */
export async function startFaultServer(options: { keepAlive?: boolean; port?: number | undefined } = {}): Promise<FaultServer> {
  const keepAlive = options.keepAlive ?? false;
  const routes: Route[] = [];
  const requests: FaultRequest[] = [];
  const sockets: FaultSocket[] = [];
  const open = new Set<net.Socket>();
  const waiting = new Set<() => void>();

  let disturbance: (Disturbance & { met: number }) | undefined;

  function stepsFor(request: FaultRequest): Steps | Promise<Steps> {
    const route = routes.findLast((candidate) => matches(candidate, request));
    if (!route) return respondJson(404, { error: { message: `faultd: no script for ${request.method} ${request.path}` } });
    const nth = route.calls++;
    return typeof route.script === 'function' ? route.script(request, nth) : route.script;
  }

  async function playFor(request: FaultRequest, playback: Playback): Promise<boolean> {
    const disturbed = disturbance?.meets(request) ? disturbance : undefined;
    if (!disturbed) return playSteps(await stepsFor(request), playback);
    playback.isBroken = disturbed.breaks === true;
    // Asked for only when it is played: a fault before the answer leaves the model alone.
    const steps = (async function* () {
      yield* await stepsFor(request);
    })();
    return playSteps(disturbed.change(steps, request, disturbed.met++), playback);
  }

  async function answer(
    connection: net.Socket,
    playback: Playback,
    parsed: ParsedRequest,
    socket: FaultSocket,
    nextFrame: () => Promise<string | undefined>,
  ) {
    const request = recordRequest(parsed, requests.length, socket, nextFrame);
    requests.push(request);
    socket.requests.push(request);
    for (const wake of waiting) wake();
    try {
      if (await playFor(request, playback)) request.answeredAt = performance.now();
    } catch (cause) {
      // A script that throws is a fault of the test: say so on the wire, where the test will see it.
      console.error(`faultd: the script for ${request.method} ${request.path} threw`, cause);
      connection.destroy();
    }
  }

  const server = net.createServer((connection) => {
    open.add(connection);
    const gone = new AbortController();
    const playback: Playback = { connection, keepAlive, gone: gone.signal, closing: false, isBroken: false, key: undefined };
    const { socket, note } = recordSocket(connection, sockets.length, playback);
    sockets.push(socket);
    connection.on('close', () => {
      open.delete(connection);
      gone.abort();
    });
    let queue = Promise.resolve();
    const frames = createQueue(gone.signal);
    const reader = createFrameReader({
      onText: frames.push,
      // As servers do: nothing more is said, the close is answered, and that was it.
      onClose() {
        note('client');
        gone.abort();
        connection.end(closeFrame());
      },
    });
    const parser = createRequestParser((parsed) => {
      playback.key = parsed.headers['sec-websocket-key'];
      queue = queue.then(() => answer(connection, playback, parsed, socket, frames.next));
    });
    connection.on('data', (bytes) => (playback.key === undefined ? parser : reader).feed(bytes));
  });
  const listen = (on: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(on, '127.0.0.1', resolve);
    });
  await listen(options.port ?? 0);
  const port = (server.address() as net.AddressInfo).port;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    sockets,
    on(method, path, script) {
      routes.push({ method, path, script, calls: 0 });
    },
    disturb(next) {
      disturbance = next && { ...next, met: 0 };
    },
    async refuse(isOff) {
      if (isOff === !server.listening) return;
      if (!isOff) return listen(port);
      for (const connection of open) connection.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
    async waitForRequest(count = 1, timeoutMs = 5000) {
      await waitUntil(
        () => requests.length >= count,
        waiting,
        timeoutMs,
        () => `${requests.length} of ${count} requests came`,
      );
      return requests[count - 1] as FaultRequest;
    },
    async closedAfter(requestIndex, since = performance.now(), timeoutMs = 5000) {
      const socket = requests[requestIndex]?.socket;
      if (!socket) throw new Error(`faultd: there is no request ${requestIndex}`);
      await within(socket.closed, timeoutMs, `the socket of request ${requestIndex} stayed open`);
      return (socket.closedAt as number) - since;
    },
    clear() {
      requests.length = 0;
      sockets.length = 0;
    },
    async close() {
      for (const connection of open) connection.destroy();
      if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A complete JSON response. */
export function respondJson(status: number, body: unknown, headers: Record<string, string> = {}): Step[] {
  return [
    { type: 'status', code: status },
    { type: 'headers', headers: { 'content-type': 'application/json', ...headers } },
    { type: 'write', data: JSON.stringify(body) },
    { type: 'end' },
  ];
}

/** A head for server-sent events followed by one write per event text (a full `data: …\n\n`), `delayMs` apart. */
export function respondEvents(events: string[], delayMs = 0): Step[] {
  const writes = events.flatMap((data): Step[] => [
    ...(delayMs > 0 ? [{ type: 'delay', ms: delayMs } as const] : []),
    { type: 'write', data },
  ]);
  return [{ type: 'headers', headers: { 'content-type': 'text/event-stream' } }, ...writes, { type: 'end' }];
}

function matches(route: Route, request: ParsedRequest): boolean {
  if (route.method !== '*' && route.method !== request.method) return false;
  return typeof route.path === 'string' ? route.path === '*' || route.path === request.path : route.path.test(request.path);
}
