import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answering, ask, eventStream, knownRow, providerOf, run } from './replay';
import { chunk, failing, realClock, slowly } from './timed';

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-30T12:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

const whole = 'The tide comes in twice a day.';

/** A linear congruential generator: the same scripts in every run. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomAnswer(random: (below: number) => number): () => Response | Promise<Response> {
  switch (random(6)) {
    case 0:
      return failing([400, 429, 500, 503][random(4)] ?? 500, random(2) ? { 'retry-after': String(random(90)) } : {});
    case 1:
      return () => Promise.reject(new TypeError('Failed to fetch'));
    case 2:
      return () => new Promise<Response>(() => undefined);
    default: {
      const delay = (): number => [0, 10, 5000, 70_000][random(4)] ?? 0;
      const steps = whole.match(/.{1,7}/g)?.map((piece) => [delay(), chunk({ content: piece })] as const) ?? [];
      const kept = random(3) === 0 ? steps.slice(0, random(steps.length)) : [...steps, [0, chunk({}, 'stop')] as const];
      const end = (['close', 'break', 'stall'] as const)[random(3)] ?? 'close';
      return () => eventStream(slowly(kept, end));
    }
  }
}

test('T98 whatever a backend does and whenever it is aborted, the answer settles once, as a beginning of what was sent', async () => {
  const random = createRandom(98);
  for (let round = 0; round < 1000; round++) {
    const caller = new AbortController();
    if (random(2)) setTimeout(() => caller.abort(), random(200_000));
    const fetch = answering(...Array.from({ length: 1 + random(3) }, () => randomAnswer(random)));
    const settled = vi.fn();
    void run(providerOf(knownRow('openai'), { fetch, clock: realClock() }), ask('Hi'), caller.signal).then(settled);
    await vi.advanceTimersByTimeAsync(16 * 60_000);
    expect(settled, `round ${round}`).toHaveBeenCalledOnce();
    const { parts, error } = settled.mock.calls[0]?.[0] ?? {};
    const text = parts.map((part: { text?: string }) => part.text ?? '').join('');
    expect(whole.startsWith(text)).toBe(true);
    expect(parts.at(-1)?.type === 'finish').toBe(error === undefined);
    if (error === undefined) expect(text).toBe(whole);
    expect(fetch.calls.length).toBeLessThanOrEqual(3);
    expect(vi.getTimerCount(), `timers left in round ${round}`).toBe(0);
  }
});
