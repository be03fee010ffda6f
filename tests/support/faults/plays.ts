/** What can become of an answer on its way: functions from the steps of a good answer to those of a broken one, whatever its wire format. */
import type { Step, Steps } from '../faultd';

/** Of an answer without end. */
const piecesInATurn = 100;

type Change = (steps: Steps) => AsyncGenerator<Step>;

const isPiece = (step: Step): step is Step & { type: 'write' | 'frame' } => step.type === 'write' || step.type === 'frame';
const textOf = (data: string | Uint8Array) => (typeof data === 'string' ? data : Buffer.from(data).toString('utf8'));

/** A document that comes in one piece comes in two, so that there is a middle to break it in. */
export async function* inPieces(steps: Steps, isDocument: boolean): AsyncGenerator<Step> {
  for await (const step of steps) {
    if (!isDocument || step.type !== 'write') {
      yield step;
      continue;
    }
    const text = textOf(step.data);
    const half = Math.floor(text.length / 2);
    yield { type: 'write', data: text.slice(0, half) };
    // Longer than a client gathers what it reads.
    yield { type: 'delay', ms: 30 };
    yield { type: 'write', data: text.slice(half) };
  }
}

/** So many pieces of the answer, then these steps in place of the rest. */
export const after = (pieces: number, ...rest: readonly Step[]): Change =>
  async function* (steps) {
    let left = pieces;
    for await (const step of steps) {
      if (left === 0) break;
      yield step;
      if (isPiece(step)) left -= 1;
    }
    // What was sent has arrived before it breaks.
    yield { type: 'delay', ms: 60 };
    yield* rest;
  };

/** These steps in place of all. */
export const instead = (...rest: readonly Step[]): Change =>
  async function* () {
    yield* rest;
  };

/** These before everything else. */
export const before = (...first: readonly Step[]): Change =>
  async function* (steps) {
    yield* first;
    yield* steps;
  };

/** After so many pieces these steps, and the answer goes on. */
export const between = (pieces: number, ...extra: readonly Step[]): Change =>
  async function* (steps) {
    let left = pieces;
    for await (const step of steps) {
      yield step;
      if (!isPiece(step)) continue;
      left -= 1;
      if (left === 0) yield* extra;
    }
  };

/** Each piece as this makes it. */
export const eachPiece = (change: (text: string) => readonly (string | Uint8Array)[]): Change =>
  async function* (steps) {
    for await (const step of steps) {
      if (!isPiece(step)) yield step;
      else for (const data of change(textOf(step.data))) yield* [{ ...step, data }, { type: 'delay', ms: 0 } as const];
    }
  };

/** With other headers; undefined takes one away. */
export const withHeaders = (change: (headers: Record<string, string>) => Record<string, string>): Change =>
  async function* (steps) {
    for await (const step of steps) yield step.type === 'headers' ? { ...step, headers: change(step.headers ?? {}) } : step;
  };

/** As a server of 1996: no chunks, no length, the end is the closed connection. */
export const asHttp10: Change = async function* (steps) {
  for await (const step of steps) {
    if (step.type === 'headers') {
      const type = step.headers?.['content-type'] ?? 'application/json';
      yield { type: 'raw', data: `HTTP/1.0 200 OK\r\ncontent-type: ${type}\r\n\r\n` };
    } else if (step.type === 'write') yield { ...step, type: 'raw' };
    else if (step.type === 'end') yield { type: 'fin' };
    else if (step.type !== 'status') yield step;
  }
};

/** The body as one piece, with a `content-length` that is not its own: what is beyond it is not sent, what is missing never comes. */
export const withLength = (lengthOf: (bytes: number) => number): Change =>
  async function* (steps) {
    let [type, body] = ['application/json', ''];
    for await (const step of steps) {
      if (step.type === 'headers') type = step.headers?.['content-type'] ?? type;
      if (step.type === 'write') body += textOf(step.data);
    }
    const bytes = Buffer.from(body);
    const length = lengthOf(bytes.length);
    yield { type: 'headers', headers: { 'content-type': type, 'content-length': String(length) } };
    yield { type: 'write', data: bytes.subarray(0, length) };
    yield { type: 'fin' };
  };

/**
 * The piece that follows so many others, again and again without end. What the kernel takes at once gives nobody in this process a turn: neither
 * the test, nor the server that is to hear of the client's end.
 */
export const endless = (pieces: number): Change =>
  async function* (steps) {
    let left = pieces;
    for await (const step of steps) {
      yield step;
      if (!isPiece(step)) continue;
      left -= 1;
      for (let sent = 1; left <= 0; sent += 1) {
        yield step;
        if (sent % piecesInATurn === 0) await new Promise(setImmediate);
      }
    }
  };
