/** The faults of backends (security.md, T77 to T100), each with how it is played and what must become of the call. */
import { gzipSync } from 'node:zlib';
import type { AiErrorCode } from '../../../protocol/errors';
import { respondJson, type Step, type Steps } from '../faultd';
import { type FaultDialect, secretWords } from './dialects';
import { after, asHttp10, before, between, eachPiece, endless, inPieces, instead, withHeaders, withLength } from './plays';

/** What every good answer says: in blanks, umlauts and signs of four bytes. */
export const words = 'Die Donau fließt durch Wien 🌊 und 東京 liegt weit davon entfernt.';
export const wordCount = words.split(' ').length;

/** What must become of the call. */
export interface Expected {
  /** One of these; absent: it is answered. */
  readonly codes?: readonly AiErrorCode[];
  /** What the page gets of the answer: nothing, a beginning, a beginning or nothing, something that goes on without end, or all of it. */
  readonly text: 'none' | 'beginning' | 'part' | 'some' | 'whole';
  /** How often the backend is asked at most. */
  readonly asked: number;
  /** What is booked where somebody bills by use. */
  readonly booked: 'nothing' | 'something' | 'any';
  /** What must become of it where it failed instead, which is right too. */
  readonly orFailed?: Expected;
}

export interface Fault {
  readonly name: string;
  /** Of security.md. */
  readonly test: `T${number}`;
  /** Nothing answers on the port at all. */
  readonly isOff?: boolean;
  readonly change?: (dialect: FaultDialect, nth: number) => (steps: Steps) => Steps;
  /** It leaves the response unfinished. */
  readonly breaks?: boolean;
  /** It ends by a time limit. In a browser, whose clock nobody can hurry, the page ends what would take minutes. */
  readonly waits?: 'seconds' | 'minutes';
  /** When the page stops the call: as soon as the backend has been asked, or once there is text. */
  readonly stop?: 'asked' | 'text';
  /** A WebSocket gets no answer to its handshake, whose socket Firefox keeps (docs/faults.md). */
  readonly answersNoHandshake?: boolean;
  /** It is ended with some of it unread, whose socket Chromium may keep for five seconds (docs/faults.md). */
  readonly leavesRest?: boolean;
  /** By HTTP its answer is whole, though the format is broken. */
  readonly isWhole?: boolean;
  /** Undefined where it cannot happen to this format. */
  expected(dialect: FaultDialect): Expected | undefined;
}

const answered: Expected = { text: 'whole', asked: 1, booked: 'something' };
const failed = (codes: AiErrorCode | readonly AiErrorCode[], fields: Partial<Expected> = {}): Expected => ({
  ...{ codes: [codes].flat(), text: 'none', asked: 1, booked: 'nothing' },
  ...fields,
});
/** Broken off after there was text: never tried again, booked as it looks. */
const brokenOff = (dialect: FaultDialect, codes: AiErrorCode | readonly AiErrorCode[]): Expected =>
  failed(codes, { text: isDocument(dialect) ? 'none' : 'beginning', booked: 'something', asked: askedAgain(dialect) });
const isDocument = ({ framing }: FaultDialect) => framing === 'json';
const isFrames = ({ framing }: FaultDialect) => framing === 'frames';
/** Asking a job how far it is costs nothing, so that it is done again after anything that may pass. */
const askedAgain = ({ name, tries }: FaultDialect) => (name === 'horde-poll' ? tries : 1);
/** A WebSocket that cannot be had is done without: the answer comes by the other port. */
const orWhole = (dialect: FaultDialect, expected: Expected): Expected => (isFrames(dialect) ? answered : expected);
const notFrames = (dialect: FaultDialect, expected: Expected) => (isFrames(dialect) ? undefined : expected);

/** The second piece with text has been sent. */
const someText = (dialect: FaultDialect) => (isDocument(dialect) ? 1 : dialect.opening + 1);
const allText = ({ opening }: FaultDialect) => opening - 1 + wordCount;
const pieces = (dialect: FaultDialect, change: (steps: Steps) => Steps) => (steps: Steps) =>
  change(inPieces(steps, isDocument(dialect)));
const breakingAfterText =
  (...rest: Step[]) =>
  (dialect: FaultDialect) =>
    pieces(dialect, after(someText(dialect), ...rest));

const jsonError = (status: number, headers: Record<string, string> = {}) =>
  instead(...respondJson(status, { error: { message: secretWords, type: 'test_error' } }, headers));
const refusal = (status: number, codes: AiErrorCode, retries = false): Fault => ({
  name: `status-${status}`,
  test: status === 401 || status === 403 ? 'T90' : status >= 500 ? 'T88' : 'T91',
  change: () => jsonError(status),
  expected: (dialect) => orWhole(dialect, failed(codes, { asked: retries ? dialect.tries : 1 })),
});
const html = (status: number, bytes: number): Step[] => [
  { type: 'status', code: status },
  { type: 'headers', headers: { 'content-type': 'text/html' } },
  ...Array.from(
    { length: Math.ceil(bytes / 65_536) },
    (): Step => ({
      type: 'write',
      data: `<h1>${secretWords}</h1>${' '.repeat(Math.min(bytes, 65_536))}`,
    }),
  ),
  { type: 'end' },
];
/** A piece of this format that says nothing. */
const silence = ({ framing }: FaultDialect): string => (framing === 'sse' ? ': ping\n\n' : framing === 'ndjson' ? '\n' : ' ');

const never = { type: 'stall' } as const;
const delayed = (ms: number) => ({ type: 'delay', ms }) as const;

/** Before anything was delivered. */
const early: readonly Fault[] = [
  {
    ...{ name: 'off', test: 'T77', isOff: true },
    expected: (dialect) => orWhole(dialect, failed('unavailable', { asked: 0 })),
  },
  {
    ...{ name: 'reset-at-once', test: 'T77', breaks: true },
    change: () => instead({ type: 'reset' }),
    expected: (dialect) => orWhole(dialect, failed('unavailable', { asked: dialect.tries })),
  },
  {
    ...{ name: 'closed-at-once', test: 'T77', breaks: true },
    change: () => instead({ type: 'fin' }),
    expected: (dialect) => orWhole(dialect, failed('unavailable', { asked: dialect.tries })),
  },
  {
    ...{ name: 'no-http', test: 'T77', breaks: true },
    change: () => instead({ type: 'raw', data: `${secretWords}\r\n\r\n` }, { type: 'fin' }),
    expected: (dialect) => orWhole(dialect, failed(['unavailable', 'bad-response'], { asked: dialect.tries })),
  },
  {
    ...{ name: 'reset-then-well', test: 'T77', breaks: true },
    change: (_, nth) => (nth === 0 ? instead({ type: 'reset' }) : (steps) => steps),
    expected: (dialect) => orWhole(dialect, { ...answered, asked: 2 }),
  },
  {
    ...{ name: 'never-answers', test: 'T78', waits: 'minutes', answersNoHandshake: true },
    change: () => instead(never),
    expected: (dialect) => orWhole(dialect, failed('timeout', { booked: 'any', asked: askedAgain(dialect) })),
  },
  {
    ...{ name: 'head-never-ends', test: 'T94', waits: 'minutes', answersNoHandshake: true },
    change: () =>
      instead(
        { type: 'raw', data: 'HTTP/1.1 200 OK\r\nx-slow: ' },
        ...Array.from({ length: 2000 }, () => [{ type: 'raw', data: 'x' } as const, delayed(50)]).flat(),
      ),
    expected: (dialect) => orWhole(dialect, failed('timeout', { booked: 'any', asked: askedAgain(dialect) })),
  },
  refusal(401, 'unavailable'),
  refusal(403, 'unavailable'),
  refusal(400, 'rejected'),
  refusal(404, 'rejected'),
  refusal(413, 'context-length'),
  refusal(422, 'rejected'),
  refusal(500, 'unavailable', true),
  refusal(502, 'unavailable', true),
  refusal(503, 'unavailable', true),
  refusal(504, 'timeout', true),
  refusal(529, 'unavailable', true),
  {
    ...{ name: 'x-should-retry-false', test: 'T88' },
    change: () => jsonError(500, { 'x-should-retry': 'false' }),
    expected: (dialect) => orWhole(dialect, failed('unavailable', { asked: askedAgain(dialect) })),
  },
  {
    ...{ name: 'busy-then-well', test: 'T88' },
    change: (_, nth) => (nth === 0 ? jsonError(503) : (steps) => steps),
    expected: (dialect) => orWhole(dialect, { ...answered, asked: 2 }),
  },
  {
    ...{ name: 'limited-for-a-day', test: 'T87' },
    change: () => jsonError(429, { 'retry-after': '86400' }),
    // Of a job it only waits a minute to ask again.
    expected: (dialect) => (dialect.name === 'horde-poll' ? undefined : orWhole(dialect, failed('rate-limited'))),
  },
  {
    ...{ name: 'limited-then-well', test: 'T87' },
    change: (_, nth) => (nth === 0 ? jsonError(429, { 'retry-after': '1' }) : (steps) => steps),
    expected: (dialect) => orWhole(dialect, { ...answered, asked: 2 }),
  },
  {
    ...{ name: 'redirected', test: 'T92' },
    change: () => instead({ type: 'redirect', to: 'http://127.0.0.1:9/elsewhere', status: 307 }),
    expected: (dialect) => orWhole(dialect, failed('unavailable', { asked: 1 })),
  },
  {
    ...{ name: 'proxy-page-of-5-mb', test: 'T93' },
    change: () => instead(...html(502, 5_000_000)),
    expected: (dialect) => orWhole(dialect, failed('unavailable', { asked: dialect.tries })),
  },
  {
    ...{ name: 'login-page', test: 'T86' },
    change: () => instead(...html(200, 100)),
    expected: (dialect) => orWhole(dialect, failed('bad-response', { asked: askedAgain(dialect) })),
  },
  {
    ...{ name: 'empty', test: 'T97' },
    change: () => instead({ type: 'headers', headers: { 'content-type': 'application/json', 'content-length': '0' } }),
    expected: (dialect) =>
      orWhole(dialect, failed(['bad-response', 'interrupted'], { booked: 'any', asked: askedAgain(dialect) })),
  },
  {
    ...{ name: 'status-204', test: 'T97' },
    change: () => instead({ type: 'status', code: 204 }, { type: 'headers' }),
    expected: (dialect) =>
      orWhole(dialect, failed(['bad-response', 'interrupted'], { booked: 'any', asked: askedAgain(dialect) })),
  },
];

/** In the middle of an answer. */
const midway: readonly Fault[] = [
  {
    ...{ name: 'falls-silent', test: 'T79', waits: 'minutes' },
    change: breakingAfterText(never),
    expected: (dialect) => brokenOff(dialect, 'timeout'),
  },
  {
    ...{ name: 'only-pings', test: 'T94', waits: 'minutes' },
    change: (dialect) =>
      breakingAfterText(
        ...Array.from({ length: 2000 }, () => [{ type: 'write', data: silence(dialect) } as const, delayed(50)]).flat(),
      )(dialect),
    expected: (dialect) => notFrames(dialect, brokenOff(dialect, 'timeout')),
  },
  {
    ...{ name: 'reset-midway', test: 'T89', breaks: true },
    change: breakingAfterText({ type: 'reset' }),
    expected: (dialect) => brokenOff(dialect, 'interrupted'),
  },
  {
    ...{ name: 'closed-midway', test: 'T80', breaks: true },
    change: breakingAfterText({ type: 'fin' }),
    expected: (dialect) => brokenOff(dialect, 'interrupted'),
  },
  {
    ...{ name: 'cut-in-a-chunk', test: 'T80', breaks: true },
    change: breakingAfterText({ type: 'cut', data: '{', announced: 100 }),
    expected: (dialect) => notFrames(dialect, brokenOff(dialect, 'interrupted')),
  },
  {
    ...{ name: 'ends-in-an-event', test: 'T80' },
    change: (dialect) => {
      const half = dialect.framing === 'sse' ? 'data: {"cho' : '{"cho';
      return breakingAfterText(...(isDocument(dialect) ? [] : [{ type: 'write', data: half } as const]), { type: 'end' })(
        dialect,
      );
    },
    // Half a document is broken JSON to whoever reads it.
    expected: (dialect) =>
      notFrames(dialect, brokenOff(dialect, isDocument(dialect) ? ['interrupted', 'bad-response'] : 'interrupted')),
  },
  {
    ...{ name: 'ends-without-its-end', test: 'T80' },
    change: (dialect) => after(allText(dialect) - (dialect.finish === 0 ? 1 : 0), { type: 'end' }),
    expected: (dialect) => (isDocument(dialect) ? undefined : { ...brokenOff(dialect, 'interrupted'), text: 'beginning' }),
  },
  {
    ...{ name: 'reset-after-its-end', test: 'T80', breaks: true },
    change: (dialect) => after(allText(dialect) + (dialect.finish ?? 1), { type: 'reset' }),
    expected: (dialect) => (isDocument(dialect) ? undefined : answered),
  },
  {
    ...{ name: 'silent-after-its-end', test: 'T80', waits: 'seconds' },
    change: (dialect) => after(allText(dialect) + (dialect.finish ?? 1), never),
    expected: (dialect) => (isDocument(dialect) ? undefined : answered),
  },
  {
    ...{ name: 'nonsense-midway', test: 'T83' },
    change: (dialect) => {
      const data = dialect.framing === 'sse' ? 'data: {"choices": 7, oh}\n\n' : '{"oh}}\n';
      return pieces(dialect, between(someText(dialect), { type: isFrames(dialect) ? 'frame' : 'write', data }));
    },
    expected: (dialect) => brokenOff(dialect, isDocument(dialect) ? ['interrupted', 'bad-response'] : 'bad-response'),
  },
  {
    ...{ name: 'noise-between', test: 'T83' },
    change: (dialect) => {
      const noise = ': comment\n\nevent: nobody-knows\n\nid: 7\nretry: 1\n\n\n';
      const data = dialect.framing === 'sse' ? noise : dialect.framing === 'ndjson' ? '\n\r\n  \n' : '';
      return between(someText(dialect), { type: 'write', data });
    },
    expected: (dialect) => (isDocument(dialect) || isFrames(dialect) ? undefined : answered),
  },
  {
    ...{ name: 'other-line-ends', test: 'T83' },
    change: () => eachPiece((text) => [text.replace(/\r?\n/g, '\r\n')]),
    expected: (dialect) => notFrames(dialect, answered),
  },
  {
    ...{ name: 'in-small-pieces', test: 'T81' },
    change: () => eachPiece((text) => chunked(Buffer.from(text), 23)),
    expected: (dialect) => notFrames(dialect, answered),
  },
  {
    ...{ name: 'broken-utf-8', test: 'T82' },
    change: () => eachPiece((text) => [withBrokenSign(text)]),
    // A WebSocket fails its connection instead (RFC 6455, section 8.1).
    expected: (dialect) => (isFrames(dialect) ? brokenOff(dialect, 'interrupted') : answered),
  },
  {
    ...{ name: 'line-of-10-mb', test: 'T84' },
    change: (dialect) => {
      const type = isFrames(dialect) ? 'frame' : 'write';
      const line = Array.from({ length: 160 }, (): Step => ({ type, data: 'x'.repeat(65_536) }));
      const opening = dialect.framing === 'sse' ? 'data: "' : '"';
      const whole: Step = { type: 'frame', data: 'x'.repeat(40_000_000) };
      return breakingAfterText(...(isFrames(dialect) ? [whole] : [{ type, data: opening } as const, ...line]), never)(dialect);
    },
    // A document may be longer than a line of a stream: see `endless-blanks`.
    expected: (dialect) => (isDocument(dialect) ? undefined : brokenOff(dialect, 'bad-response')),
  },
  {
    ...{ name: 'gzip', test: 'T85' },
    change: () => before({ type: 'gzip' }),
    expected: (dialect) => notFrames(dialect, answered),
  },
  {
    ...{ name: 'gzip-bomb', test: 'T85', breaks: true, leavesRest: true },
    change: (dialect) =>
      instead(
        { type: 'headers', headers: { 'content-type': contentTypes[dialect.framing], 'content-encoding': 'gzip' } },
        { type: 'write', data: bomb(dialect) },
        never,
      ),
    expected: (dialect) => notFrames(dialect, failed('bad-response', { booked: 'any' })),
  },
  {
    ...{ name: 'gzip-cut', test: 'T85', breaks: true },
    change: (dialect) => (steps) => pieces(dialect, after(someText(dialect), { type: 'fin' }))(before({ type: 'gzip' })(steps)),
    expected: (dialect) => notFrames(dialect, brokenOff(dialect, 'interrupted')),
  },
  {
    ...{ name: 'no-content-type', test: 'T86' },
    change: () => withHeaders(({ 'content-type': _, ...rest }) => rest),
    expected: (dialect) => notFrames(dialect, answered),
  },
  {
    ...{ name: 'fails-midway', test: 'T91' },
    change: (dialect) => breakingAfterText({ type: 'write', data: dialect.failure ?? '' }, { type: 'end' })(dialect),
    expected: (dialect) => (dialect.failure === undefined ? undefined : brokenOff(dialect, 'unavailable')),
  },
  {
    ...{ name: 'length-too-long', test: 'T97', breaks: true },
    change: () => withLength((bytes) => bytes + 100),
    // Who knows by then that the answer has ended may take it, and who has not read it yet loses it; a document is whole when it is all there.
    expected: (dialect) => {
      const broken = brokenOff(dialect, 'interrupted');
      return notFrames(
        dialect,
        isDocument(dialect) ? broken : { ...answered, orFailed: { ...broken, text: 'part', booked: 'any' } },
      );
    },
  },
  {
    ...{ name: 'length-too-short', test: 'T97', breaks: true, isWhole: true },
    change: () => withLength((bytes) => Math.floor(bytes / 2)),
    expected: (dialect) =>
      notFrames(dialect, brokenOff(dialect, isDocument(dialect) ? ['interrupted', 'bad-response'] : 'interrupted')),
  },
  {
    ...{ name: 'early-hints', test: 'T97' },
    change: () => before({ type: 'raw', data: 'HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\n' }),
    expected: (dialect) => notFrames(dialect, answered),
  },
  {
    ...{ name: 'status-206', test: 'T97' },
    change: () => (steps) => before({ type: 'status', code: 206 })(withoutStatus(steps)),
    expected: (dialect) => notFrames(dialect, answered),
  },
  {
    ...{ name: 'http-1.0', test: 'T97', breaks: true },
    change: () => asHttp10,
    expected: (dialect) => notFrames(dialect, answered),
  },
];

/** The page stops it. */
const stopped: readonly Fault[] = [
  {
    ...{ name: 'stopped-unanswered', test: 'T78', stop: 'asked', answersNoHandshake: true },
    change: () => instead(never),
    expected: () => failed('aborted', { booked: 'any' }),
  },
  {
    ...{ name: 'stopped-midway', test: 'T79', stop: 'text' },
    change: breakingAfterText(never),
    expected: (dialect) => failed('aborted', { text: isDocument(dialect) ? 'none' : 'beginning', booked: 'any' }),
  },
  {
    ...{ name: 'stopped-while-waiting', test: 'T87', stop: 'asked' },
    change: () => jsonError(429, { 'retry-after': '50' }),
    expected: (dialect) => notFrames(dialect, failed('aborted', { booked: 'any' })),
  },
  {
    // A fast one is over before the page stops it: at 32 MiB.
    ...{ name: 'stopped-flood', test: 'T96', stop: 'text' },
    change: (dialect) => endless(someText(dialect)),
    expected: (dialect) =>
      isDocument(dialect) ? undefined : failed(['aborted', 'bad-response'], { text: 'some', booked: 'any' }),
  },
];

const contentTypes = {
  sse: 'text/event-stream',
  ndjson: 'application/x-ndjson',
  json: 'application/json',
  frames: '',
} as const;

const bombs = new Map<string, Buffer>();
/** 48 MiB of nothing. */
function bomb(dialect: FaultDialect): Buffer {
  const nothing = dialect.framing === 'sse' ? `: ${'x'.repeat(1021)}\n` : `${' '.repeat(1023)}\n`;
  const made = bombs.get(nothing) ?? gzipSync(nothing.repeat(48 * 1024));
  bombs.set(nothing, made);
  return made;
}

function chunked(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

/** The last byte of the four that are 🌊 is none. */
function withBrokenSign(text: string): Buffer {
  const bytes = Buffer.from(text);
  const at = bytes.indexOf('🌊');
  if (at >= 0) bytes[at + 3] = 0xff;
  return bytes;
}

async function* withoutStatus(steps: Steps): AsyncGenerator<Step> {
  for await (const step of steps) if (step.type !== 'status') yield step;
}

export const faults: readonly Fault[] = [...early, ...midway, ...stopped];

/** As it is played where minutes are minutes: the page does not wait so long. */
export function withoutMinutes(fault: Fault, dialect: FaultDialect): Fault {
  // Where another way leads to the answer, the limit is one of seconds.
  if (fault.waits !== 'minutes' || fault.expected(dialect)?.codes === undefined) return fault;
  const isEarly = early.includes(fault);
  return {
    ...fault,
    stop: isEarly ? 'asked' : 'text',
    expected: () => failed('aborted', { text: isEarly || isDocument(dialect) ? 'none' : 'beginning', booked: 'any' }),
  };
}
