/**
 * T98 through the whole background: whatever backends and pages do, each call settles exactly once, nothing is said after that, and nothing is
 * left open, running or held back. The scripts follow from a seed, which is in the message of a failure: `ORIEL_SEED=… npx vitest run …`.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SiteRecord } from '../../background/database';
import type { ConnectionId } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import type { Wire } from '../protocol/support/wire';
import { type Background, createBackground, type Screen, serverKey } from './support/background';
import { senderOf } from './support/pages';

const full = process.env.ORIEL_FULL === '1';
const rounds = 5;
/** Each on a background of its own: with thousands of sites in one, the store in memory becomes slow. */
const parts = full ? 50 : 1;
/** Calls at once: more would only wait for their turn. */
const callsPerRound = 40;
const firstSeed = Number(process.env.ORIEL_SEED ?? 98);

/** A linear congruential generator. */
function createRandom(from: number) {
  let state = from >>> 0;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
type Random = ReturnType<typeof createRandom>;
const pick = <Item>(random: Random, items: readonly [Item, ...Item[]]): Item => items[random(items.length)] ?? items[0];

const whole = 'The tide comes in twice a day. 🌊';
const chunk = (delta: object, reason: string | null = null) =>
  `data: ${JSON.stringify({ model: 'm-1', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;

/** What a backend does with one request. */
interface Script {
  readonly before: number;
  readonly status: number;
  readonly retryAfter?: string | undefined;
  readonly kind: 'answer' | 'refuse' | 'silence' | 'nonsense' | 'empty' | 'redirect';
  /** Of the whole answer, each with a pause before it. */
  readonly steps: readonly (readonly [number, string])[];
  readonly end: 'close' | 'break' | 'stall';
}

/** What a page does with one call. */
interface PageScript {
  readonly origin: string;
  readonly abortAfter?: number | undefined;
  readonly leaveAfter?: number | undefined;
  readonly backend: readonly Script[];
}

/** When a page may still do something, in milliseconds. */
const latest = 200_000;

function backendScript(random: Random): Script {
  const pause = () => pick(random, [0, 0, 0, 10, 5_000, 70_000]);
  const pieces = whole.match(/.{1,7}/gu) ?? [];
  const all = [...pieces.map((content) => [pause(), chunk({ content })] as const), [pause(), chunk({}, 'stop')] as const];
  const isWhole = random(3) > 0;
  const odd = pick(random, [
    'data: {"broken\n\n',
    ': comment\n\n',
    'event: x\n\n',
    'data: {"error":{"message":"busy","code":503}}\n\n',
  ]);
  const steps = isWhole ? all : [...all.slice(0, random(all.length)), ...(random(2) ? [[pause(), odd] as const] : [])];
  return {
    before: pause(),
    status: pick(random, [200, 200, 200, 200, 200, 400, 401, 404, 429, 500, 503]),
    retryAfter: pick(random, [undefined, undefined, '0', '3', '90', 'soon']),
    kind: pick(random, ['answer', 'answer', 'answer', 'answer', 'answer', 'refuse', 'silence', 'nonsense', 'empty', 'redirect']),
    steps,
    end: pick(random, ['close', 'close', 'close', 'break', 'stall']),
  };
}

const pageScript = (random: Random, index: number): PageScript => ({
  origin: `https://site-${index}.test`,
  ...(random(4) === 0 && { abortAfter: pick(random, [0, 1, 100, 6_000, latest]) }),
  ...(random(6) === 0 && { leaveAfter: pick(random, [0, 1, 100, 6_000, latest]) }),
  backend: Array.from({ length: 3 }, () => backendScript(random)),
});

interface Upstream {
  readonly origin: string;
  isOpen: boolean;
}

/** A body that plays a script; it is closed by its end, its break, or whoever gives it up. */
function bodyOf({ steps, end }: Script, signal: AbortSignal | null | undefined, upstream: Upstream): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let timer: ReturnType<typeof setTimeout> | undefined;
  return new ReadableStream({
    start(controller) {
      // As a browser's fetch does, whether anybody reads or not.
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        if (upstream.isOpen) controller.error(signal.reason);
        upstream.isOpen = false;
      });
      let next = 0;
      const go = () => {
        const step = steps[next];
        if (step) {
          timer = setTimeout(() => {
            controller.enqueue(encoder.encode(step[1]));
            next += 1;
            go();
          }, step[0]);
          return;
        }
        if (end === 'stall') return;
        upstream.isOpen = false;
        if (end === 'break') controller.error(new TypeError('terminated'));
        else controller.close();
      };
      go();
    },
    cancel() {
      clearTimeout(timer);
      upstream.isOpen = false;
    },
  });
}

async function answerOf(script: Script, signal: AbortSignal | null | undefined, upstream: Upstream): Promise<Response> {
  const left = new Promise<never>((_resolve, reject) => {
    const gone = () => {
      upstream.isOpen = false;
      reject(signal?.reason);
    };
    if (signal?.aborted) gone();
    else signal?.addEventListener('abort', gone, { once: true });
  });
  left.catch(() => undefined);
  await Promise.race([new Promise((resolve) => setTimeout(resolve, script.before)), left]);
  if (script.kind === 'silence') return left;
  const closed = (response: () => Response) => {
    upstream.isOpen = false;
    return response();
  };
  if (script.kind === 'refuse') return closed(() => Response.error()) && Promise.reject(new TypeError('fetch failed'));
  const headers = { ...(script.retryAfter !== undefined && { 'retry-after': script.retryAfter }) };
  if (script.kind === 'redirect')
    return closed(() => new Response(null, { status: 307, headers: { location: 'https://else.test' } }));
  if (script.status !== 200)
    return closed(() => Response.json({ error: { message: 'No.' } }, { status: script.status, headers }));
  if (script.kind === 'empty') return closed(() => new Response(null, { status: 204 }));
  if (script.kind === 'nonsense')
    return closed(() => new Response('<html>Log in</html>', { headers: { 'content-type': 'text/html' } }));
  return new Response(bodyOf(script, signal, upstream), { headers: { 'content-type': 'text/event-stream' } });
}

let background: Background;
/** The one: each would keep every change that it is told of. */
let screen: Screen;
/** A backend for each call at once: one that fails call after call is left alone, and nothing would reach it. */
let connections: ConnectionId[];
/** By site: what its calls meet, one after the other. */
const scripts = new Map<string, Script[]>();
const upstreams: Upstream[] = [];
const lingering: Upstream[] = [];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  background = createBackground({ fetch: scriptedFetch });
  screen = background.screen();
  connections = [];
  for (let index = 0; index < callsPerRound; index++) {
    const added = await screen.call('connection-add', {
      providerId: 'openai-compatible',
      baseUrl: `http://127.0.0.1:${8000 + index}`,
      key: serverKey,
    });
    connections.push(added.id);
  }
});
afterEach(() => {
  vi.useRealTimers();
});

const scriptedFetch: typeof fetch = async (input, init = {}) => {
  if (!String(input).endsWith('/chat/completions')) return Response.json({ data: [{ id: 'm-1' }] });
  // Each page says in its words which site it is of.
  const { messages } = JSON.parse(String(init.body)) as { messages: readonly { content: string }[] };
  const origin = messages[0]?.content ?? '';
  init.signal?.throwIfAborted();
  const script = scripts.get(origin)?.shift();
  if (!script) throw new Error('It was asked more often than there are retries.');
  const upstream: Upstream = { origin, isOpen: true };
  upstreams.push(upstream);
  return answerOf(script, init.signal, upstream);
};

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Lets time pass in growing steps, with what the store does in between. */
async function pass(isDone: () => boolean): Promise<void> {
  for (let step = 0; step < 400 && !isDone(); step++) {
    for (let each = 0; each < 12; each++) await turn();
    await vi.advanceTimersByTimeAsync(step < 40 ? 250 : 10_000);
  }
  for (let each = 0; each < 30; each++) await turn();
}

const grantFor = (origin: string, connection: ConnectionId): SiteRecord => {
  const subject = { top: origin as never };
  const forEver = { issuedAt: 0, lastUsedAt: 0, expiresAt: Number.MAX_SAFE_INTEGER };
  const terms = { scopes: ['generate'], models: ['*'], connection, mode: 'always', place: 'this-computer' } as const;
  return { key: origin, subject, always: { subject, ...terms, ...forEver } };
};

const settlements = (wire: Wire) => wire.of('1').filter(({ type }) => type === 'end' || type === 'error');
const textOf = (wire: Wire) =>
  wire
    .of('1')
    .flatMap((frame) => (frame.type === 'parts' ? frame.parts : []))
    .map((part) => (part.type === 'text-delta' ? part.text : ''))
    .join('');

const seeds = Array.from({ length: parts }, (_none, part) => firstSeed + part);

test.each(seeds)(
  `T98 ${rounds * callsPerRound} random scripts of backends and pages, seed %i: each call settles once, and nothing is left of it`,
  async (seed) => {
    const random = createRandom(seed);
    for (let round = 0; round < rounds; round++) {
      const plays = Array.from({ length: callsPerRound }, (_none, index) => pageScript(random, round * callsPerRound + index));
      await background.database.sites.bulkPut(
        plays.map(({ origin }, index) => grantFor(origin, connections[index] as ConnectionId)),
      );
      upstreams.length = 0;
      scripts.clear();
      const calls = plays.map((play) => {
        const { origin, abortAfter, leaveAfter } = play;
        scripts.set(origin, [...play.backend]);
        const wire = background.page(senderOf({ origin, documentId: origin }));
        wire.request('1', {
          type: 'generate',
          request: { messages: [{ role: 'user', content: [{ type: 'text', text: origin }] }] },
        });
        let hasLeft = false;
        /** A second after nobody wants it any more, nothing of it may be open; and nothing is sent again. */
        const givenUp = () => {
          const sent = () => upstreams.filter((upstream) => upstream.origin === origin);
          const before = sent().length;
          setTimeout(
            () => lingering.push(...sent().flatMap((upstream, at) => (upstream.isOpen || at >= before ? { ...upstream } : []))),
            1000,
          );
        };
        const abort = () => {
          if (hasLeft) return;
          wire.send({ v: 1, type: 'abort', id: '1' });
          givenUp();
        };
        const leave = () => {
          if (hasLeft) return;
          hasLeft = true;
          wire.port.disconnect();
          givenUp();
        };
        if (abortAfter !== undefined) setTimeout(abort, abortAfter);
        if (leaveAfter !== undefined) setTimeout(leave, leaveAfter);
        /** The round is over: what the page would still have done comes to nothing. */
        const end = () => {
          if (!hasLeft) wire.port.disconnect();
          hasLeft = true;
        };
        return { play, wire, end, hasLeft: () => hasLeft };
      });
      await pass(() => calls.every(({ wire, hasLeft }) => hasLeft() || settlements(wire).length > 0));
      for (const { play, wire, end, hasLeft } of calls) {
        const told = `seed ${seed}, round ${round}, ${JSON.stringify(play)}`;
        const settled = settlements(wire);
        if (hasLeft()) expect(settled.length, told).toBeLessThanOrEqual(1);
        else expect(settled.length, told).toBe(1);
        if (settled.length > 0) expect(wire.of('1').at(-1), told).toBe(settled[0]);
        expect(whole.startsWith(textOf(wire)), told).toBe(true);
        if (settled[0]?.type === 'end') expect(textOf(wire), told).toBe(whole);
        end();
      }
      // What pages would still have done comes to nothing, and every backend is tried again.
      await vi.advanceTimersByTimeAsync(Math.max(limits.breakerPause, latest + 1000));
      expect(lingering, `seed ${seed}, round ${round}: given up and still there`).toEqual([]);
      expect(upstreams.filter(({ isOpen }) => isOpen).length, `seed ${seed}, round ${round}: sockets left open`).toBe(0);
      const { running, approvals } = await screen.call('overview', {});
      expect([running, approvals], `seed ${seed}, round ${round}`).toEqual([[], []]);
      (screen.overviews as unknown[]).length = 0;
    }
    // Nothing holds the background alive any more.
    expect(vi.getTimerCount()).toBe(0);
  },
  120_000,
);
