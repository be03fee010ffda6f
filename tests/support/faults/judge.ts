/** Plays one fault to one call and says what became of it: whether it settled, as it must, left nothing open, and the next call works. */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { AiErrorCode } from '../../../protocol/errors';
import { stopsWithin } from '../../e2e/support/limits';
import type { FaultServer } from '../faultd';
import { type FaultDialect, type StandIn, secretWords } from './dialects';
import { type Expected, type Fault, words } from './faults';

/** What a page saw of a call. */
export interface Outcome {
  /** Undefined: it was answered. */
  readonly error: string | undefined;
  readonly text: string;
  /** All of it, for the backend's words to be looked for. */
  readonly seen: string;
}

export interface RunningCall {
  /** What has come so far. */
  text(): Promise<string>;
  abort(): Promise<void>;
  /** Undefined where it has not settled by then. */
  settled(timeoutMs: number): Promise<Outcome | undefined>;
}

/** A site that may ask, in node or in a browser. */
export interface Asker {
  ask(): Promise<RunningCall>;
  /** What a page reads for a code. */
  errorOf(code: AiErrorCode): RegExp;
  /** What is booked to it and billed by somebody, in whatever unit. */
  booked(): Promise<number>;
  /** Lines about it in the log of calls. */
  logged(): Promise<number>;
}

/** One call, and the one after it. */
export interface Verdict {
  readonly dialect: string;
  readonly browser: string;
  readonly fault: string;
  readonly test: string;
  readonly settled: boolean;
  /** What was not as it must be. */
  readonly wrong: readonly string[];
  /** From the call, or from its stop, until it settled. */
  readonly settleMs: number;
  readonly leftOpen: number;
  /** From the stop of a call until the backend's socket was closed. */
  readonly stopMs?: number;
}

/** Settled as it must, with nothing left open, and stopped in time. */
export const isRight = ({ settled, wrong, leftOpen }: Verdict): boolean => settled && wrong.length === 0 && leftOpen === 0;

interface Bench {
  readonly dialect: FaultDialect;
  readonly server: StandIn;
  readonly browser: string;
  readonly asker: Asker;
  /** A call that takes longer hangs. */
  readonly patienceMs: number;
}

/** So long after a call has settled its sockets may be open. */
const closingMs = stopsWithin;
/** Measured in Chromium: 4966 to 4991 ms, for which its network stack has a likely reason (docs/faults.md). */
const drainingMs = 5500;
/** So often Firefox sends a GET whose connection breaks before any answer (the same file). */
const sentByFirefox = 10;
const bookingMs = 1500;

export async function judge(fault: Fault, planned: Expected, bench: Bench): Promise<Verdict> {
  const { dialect, server, asker, browser, patienceMs } = bench;
  const wrong: string[] = [];
  server.say(words);
  server.fault.clear();
  const bookedBefore = await asker.booked();
  const loggedBefore = await asker.logged();
  await disturb(server.fault, fault, dialect);

  const call = await asker.ask();
  let since = performance.now();
  if (fault.stop) {
    await untilStop(fault.stop, bench, call);
    since = performance.now();
    await call.abort();
  }
  const outcome = await call.settled(patienceMs);
  const settledAt = performance.now();
  const expected = (outcome?.error !== undefined && planned.orFailed) || planned;
  if (fault.answersNoHandshake && dialect.framing === 'frames' && browser === 'firefox') forgetSockets(server.fault);
  // Chromium keeps the connection of an answer that is whole by HTTP for another one (docs/faults.md).
  const isKept = browser === 'chromium' && (fault.isWhole || (outcome && !outcome.error));
  const kept = isKept ? server.fault.requests.findLast((request) => dialect.asks(request))?.socket : undefined;
  const leftOpen = await openAfter(
    server.fault.sockets.filter((socket) => socket !== kept),
    settledAt + (fault.leavesRest && browser === 'chromium' ? drainingMs : closingMs),
  );
  // Frames and documents alike: the one socket on which the answer was asked for.
  const stoppedAt = fault.stop && server.fault.requests.findLast((request) => dialect.asks(request))?.socket.closedAt;
  const asked = server.fault.requests.filter((request) => dialect.asks(request)).length;
  if (!outcome) await call.abort();
  server.fault.disturb();
  await server.fault.refuse(false);

  if (outcome) wrong.push(...complaints(outcome, expected, asker));
  const most = expected.asked * (browser === 'firefox' && fault.breaks && dialect.asksByGet ? sentByFirefox : 1);
  if (asked > most) wrong.push(`asked ${asked} times, not ${expected.asked}`);
  if (outcome) {
    const look = async () => {
      const lines = (await asker.logged()) - loggedBefore;
      const booked = (await asker.booked()) - bookedBefore;
      return [...bookkeeping(expected, dialect, booked, outcome), ...(lines === 1 ? [] : [`${lines} lines in the log`])];
    };
    // The books are closed a moment after the page has its answer.
    let odd = await look();
    for (const end = performance.now() + bookingMs; odd.length > 0 && performance.now() < end; odd = await look())
      await delay(20);
    wrong.push(...odd);
  }
  wrong.push(...(await nextCall(bench)));

  return {
    ...{ dialect: dialect.name, browser, fault: fault.name, test: fault.test, settled: outcome !== undefined, wrong, leftOpen },
    settleMs: Math.round(settledAt - since),
    ...(stoppedAt !== undefined && { stopMs: Math.max(0, stoppedAt - since) }),
  };
}

async function disturb(server: FaultServer, { isOff, change, breaks }: Fault, dialect: FaultDialect): Promise<void> {
  if (isOff) await server.refuse(true);
  if (!change) return;
  server.disturb({ meets: dialect.asks, change: (steps, _request, nth) => change(dialect, nth)(steps), breaks });
}

async function untilStop(when: 'asked' | 'text', { dialect, server, patienceMs }: Bench, call: RunningCall): Promise<void> {
  const isTime = async () => {
    if (!server.fault.requests.some((request) => dialect.asks(request))) return false;
    // Of a document there is no text before its end.
    return when === 'asked' || dialect.framing === 'json' || (await call.text()) !== '';
  };
  const end = performance.now() + patienceMs;
  while (!(await isTime()) && performance.now() < end) await delay(10);
  await delay(60);
}

/** Nothing was asked over them but the handshake, and nobody but the server can close them. The requests stay, to be counted. */
const forgetSockets = ({ sockets }: FaultServer): void => void sockets.splice(0);

/** Sockets over which anything was asked and that are still open then. */
async function openAfter(sockets: FaultServer['sockets'], deadline: number): Promise<number> {
  const open = () => sockets.filter(({ requests, closedAt }) => requests.length > 0 && closedAt === undefined).length;
  while (open() > 0 && performance.now() < deadline) await delay(5);
  return open();
}

function complaints({ error, text, seen }: Outcome, expected: Expected, asker: Asker): string[] {
  const wrong: string[] = [];
  const { codes } = expected;
  if (codes === undefined && error !== undefined) wrong.push(`failed with ${error}`);
  if (codes !== undefined && error === undefined) wrong.push(`was answered, not ${codes.join(' or ')}`);
  if (codes !== undefined && error !== undefined && !codes.some((code) => asker.errorOf(code).test(error)))
    wrong.push(`failed with ${error}, not ${codes.join(' or ')}`);
  if (!isAsExpected(text, expected.text)) wrong.push(`has the text ${short(text)}, not ${expected.text}`);
  if (seen.includes(secretWords)) wrong.push('tells the words of the backend');
  return wrong;
}

const short = (text: string) => JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);

function isAsExpected(text: string, expected: Expected['text']): boolean {
  // Bytes that are no UTF-8 become U+FFFD.
  const read = text.replace(/\uFFFD+/, '🌊');
  if (expected === 'none') return text === '';
  if (expected === 'some') return text !== '';
  if (expected === 'part') return words.startsWith(read);
  return expected === 'whole' ? read === words : text !== '' && words.startsWith(read);
}

function bookkeeping({ booked: expected }: Expected, { isMetered }: FaultDialect, booked: number, { error }: Outcome): string[] {
  if (expected === 'any') return [];
  const isBooked = isMetered && (expected === 'something' || error === undefined);
  if (isBooked && booked <= 0) return ['nothing is booked'];
  return !isBooked && booked !== 0 ? [`${booked} is booked for nothing`] : [];
}

/** The call after it is answered, and leaves nothing open either. */
async function nextCall({ asker, server, patienceMs }: Bench): Promise<string[]> {
  const outcome = await (await asker.ask()).settled(patienceMs);
  if (!outcome) return ['the next call hangs'];
  if (outcome.error !== undefined || outcome.text !== words) return [`the next call: ${outcome.error ?? short(outcome.text)}`];
  const open = await openAfter(server.fault.sockets, performance.now() + 1000);
  return open > 0 ? [`${open} sockets are open after the next call`] : [];
}
