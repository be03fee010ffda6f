/** Plays the steps of one response onto a socket, with chunked framing of its own so that it can be broken anywhere. */
import type { Socket } from 'node:net';
import { constants, createGzip, type Gzip } from 'node:zlib';
import type { Step, Steps } from './faultd';
import { closeFrame, textFrame, upgradeHead } from './faultd-frames';

export interface Playback {
  connection: Socket;
  keepAlive: boolean;
  /** Aborted when the socket is closed, by whomever. */
  gone: AbortSignal;
  /** Set when the server decides to close. */
  closing: boolean;
  /** The response is to be left unfinished. */
  isBroken: boolean;
  /** Of the handshake, where a WebSocket is asked for. */
  key: string | undefined;
}

interface Response {
  status: number;
  reason: string;
  headSent: boolean;
  chunked: boolean;
  gzip: Gzip | undefined;
  connectionHeader: string | undefined;
  isUpgraded: boolean;
}

const redirectHead = { 'content-length': '0' };

/** Plays until a finishing step, the end of the script, or the loss of the client. Says whether the script was played out. */
export async function playSteps(steps: Steps, playback: Playback): Promise<boolean> {
  const response: Response = {
    status: 200,
    reason: 'OK',
    headSent: false,
    chunked: true,
    gzip: undefined,
    connectionHeader: chooseConnectionHeader(steps, playback),
    isUpgraded: false,
  };
  for await (const step of steps) {
    if (playback.gone.aborted) return false;
    if (await playStep(step, response, playback)) return true;
    if (playback.gone.aborted) return false;
  }
  await finish(response, playback);
  return true;
}

/**
 * Node's fetch takes a response with `connection: close` for complete however it ends; browsers do not. A list of steps that breaks
 * the response therefore goes without the header. (A generator cannot be looked into: it sets `connection` among its headers.)
 */
function chooseConnectionHeader(steps: Steps, { keepAlive, isBroken }: Playback): string | undefined {
  if (keepAlive) return 'keep-alive';
  if (isBroken) return undefined;
  const breaks = Array.isArray(steps) && (steps as Step[]).some(({ type }) => ['cut', 'fin', 'reset', 'raw'].includes(type));
  return breaks ? undefined : 'close';
}

/** Plays one step and says whether it finished the response. */
async function playStep(step: Step, response: Response, playback: Playback): Promise<boolean> {
  switch (step.type) {
    case 'status':
      response.status = step.code;
      response.reason = step.reason ?? '';
      return false;
    case 'gzip':
      response.gzip = createGzip();
      return false;
    case 'headers':
      await sendHead(step.headers ?? {}, response, playback);
      return false;
    case 'write':
      await sendHead({}, response, playback);
      await sendBody(await encode(toBytes(step.data), response), response, playback);
      return false;
    case 'raw':
      await send(toBytes(step.data), playback);
      return false;
    case 'delay':
      await unlessGone(new Promise((resolve) => setTimeout(resolve, step.ms)), playback.gone);
      return false;
    case 'wait':
      await unlessGone(step.until, playback.gone);
      return false;
    case 'stall':
      await unlessGone(new Promise(() => undefined), playback.gone);
      return true;
    case 'upgrade':
      response.isUpgraded = true;
      await send(Buffer.from(upgradeHead(playback.key ?? '')), playback);
      return false;
    case 'frame':
      await send(textFrame(step.data), playback);
      return false;
    case 'cut':
      await sendHead({}, response, playback);
      await sendPartOfChunk(toBytes(step.data), step.announced, playback);
      close(playback, step.reset === true);
      return true;
    case 'redirect':
      response.status = step.status ?? 307;
      await sendHead({ location: step.to, ...redirectHead }, response, playback);
      await finish(response, playback);
      return true;
    case 'reset':
    case 'fin':
      close(playback, step.type === 'reset');
      return true;
    case 'end':
      await finish(response, playback);
      return true;
  }
}

async function sendHead(headers: Record<string, string>, response: Response, playback: Playback) {
  if (response.headSent) return;
  response.headSent = true;
  const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const bodyless = response.status === 204 || response.status === 304;
  response.chunked = given['content-length'] === undefined && !bodyless;
  const lines = Object.entries({
    ...(response.chunked ? { 'transfer-encoding': 'chunked' } : {}),
    ...(response.gzip ? { 'content-encoding': 'gzip' } : {}),
    ...(response.connectionHeader === undefined ? {} : { connection: response.connectionHeader }),
    ...(playback.isBroken ? { ...given, connection: 'keep-alive' } : given),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  await send(Buffer.from(`HTTP/1.1 ${response.status} ${response.reason}\r\n${lines.join('')}\r\n`, 'latin1'), playback);
}

async function sendBody(bytes: Uint8Array, response: Response, playback: Playback) {
  if (bytes.length === 0) return;
  const size = Buffer.from(`${bytes.length.toString(16)}\r\n`);
  await send(response.chunked ? Buffer.concat([size, bytes, Buffer.from('\r\n')]) : bytes, playback);
}

async function sendPartOfChunk(bytes: Uint8Array, announced = bytes.length + 64, playback: Playback) {
  await send(Buffer.concat([Buffer.from(`${announced.toString(16)}\r\n`), bytes]), playback);
}

async function finish(response: Response, playback: Playback) {
  if (response.isUpgraded) {
    await send(closeFrame(), playback);
    return close(playback, false);
  }
  await sendHead({}, response, playback);
  if (response.gzip) await sendBody(await endGzip(response.gzip), response, playback);
  if (response.chunked) await send(Buffer.from('0\r\n\r\n'), playback);
  if (!playback.keepAlive) close(playback, false);
}

function close(playback: Playback, reset: boolean) {
  playback.closing = true;
  if (reset) playback.connection.resetAndDestroy();
  else playback.connection.end();
}

/** Writes and, where the client reads slowly, waits until the kernel takes more. */
async function send(bytes: Uint8Array, playback: Playback) {
  const { connection, gone } = playback;
  if (gone.aborted || !connection.writable) return;
  if (connection.write(bytes)) return;
  await unlessGone(new Promise((resolve) => connection.once('drain', resolve)), gone);
}

function unlessGone(promise: Promise<unknown>, gone: AbortSignal): Promise<void> {
  if (gone.aborted) return Promise.resolve();
  return new Promise<void>((resolve, reject) => {
    const leave = () => resolve();
    gone.addEventListener('abort', leave, { once: true });
    promise.then(leave, reject).finally(() => gone.removeEventListener('abort', leave));
  });
}

function toBytes(data: string | Uint8Array): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
}

/** Compresses each write on its own (flushed), so that gzip does not change the pacing. */
function encode(bytes: Uint8Array, response: Response): Promise<Uint8Array> {
  const { gzip } = response;
  if (!gzip) return Promise.resolve(bytes);
  return new Promise((resolve) => {
    gzip.write(bytes);
    gzip.flush(constants.Z_SYNC_FLUSH, () => resolve((gzip.read() as Buffer | null) ?? Buffer.alloc(0)));
  });
}

function endGzip(gzip: Gzip): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    gzip.on('data', (part: Buffer) => parts.push(part));
    gzip.on('end', () => resolve(Buffer.concat(parts)));
    gzip.end();
  });
}
