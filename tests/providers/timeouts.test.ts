import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answering, ask, eventStream, knownRow, providerOf } from './replay';
import { chunk, hello, realClock, slowly, text, timed } from './timed';

const cloud = knownRow('openai');
const local = knownRow('openai-compatible');

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-30T12:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([
  [cloud, 120_000],
  [local, 600_000],
])('T78 a backend that never answers times out: $0.id', async (row, expected) => {
  const fetch = answering(() => new Promise<Response>(() => undefined));
  const { error, milliseconds } = await timed(fetch, row);
  expect(error).toEqual({ code: 'timeout', fault: 'timeout' });
  expect(milliseconds).toBeGreaterThanOrEqual(expected);
  expect(milliseconds).toBeLessThanOrEqual(expected + 100);
  expect(fetch.calls).toHaveLength(1);
  expect(fetch.calls[0]?.signal?.aborted).toBe(true);
});

test.each([
  [cloud, 60_000],
  [local, 180_000],
])('T79 a stream that falls silent times out with its beginning kept: $0.id', async (row, expected) => {
  const onCancel = vi.fn();
  const outcome = await timed(
    answering(() => eventStream(slowly([[0, chunk({ content: 'Hel' })]], 'stall', onCancel))),
    row,
  );
  expect(text(outcome)).toBe('Hel');
  expect(outcome.error).toEqual({ code: 'timeout', fault: 'timeout' });
  expect(outcome.milliseconds).toBeGreaterThanOrEqual(expected);
  expect(outcome.milliseconds).toBeLessThanOrEqual(expected + 100);
  expect(onCancel).toHaveBeenCalledOnce();
});

test('headers alone do not hurry the first byte: prompts are read after them', async () => {
  const late = await timed(answering(() => eventStream(slowly([[110_000, chunk({ content: 'Late' }, 'stop')]], 'close'))));
  expect(text(late)).toBe('Late');
  const never = await timed(answering(() => eventStream(slowly([], 'stall'))));
  expect(never.error).toEqual({ code: 'timeout', fault: 'timeout' });
  expect(never.milliseconds).toBeGreaterThanOrEqual(120_000);
  expect(never.milliseconds).toBeLessThanOrEqual(120_100);
});

test('T94 pings extend a silent answer to ten minutes, no longer', async () => {
  const pings = Array.from({ length: 100 }, () => [15_000, ': ping\n\n'] as const);
  const { error, milliseconds } = await timed(answering(() => eventStream(slowly(pings, 'stall'))));
  expect(error).toEqual({ code: 'timeout', fault: 'timeout' });
  expect(milliseconds).toBeGreaterThanOrEqual(600_000);
  expect(milliseconds).toBeLessThanOrEqual(600_100);
});

test('an event between the pings starts the silence anew', async () => {
  const pings = Array.from({ length: 30 }, () => [15_000, ': ping\n\n'] as const);
  const steps = [
    ...pings,
    [0, chunk({ content: 'Still' })] as const,
    ...pings.slice(0, 20),
    [0, chunk({ content: ' here' }, 'stop')] as const,
  ];
  const outcome = await timed(answering(() => eventStream(slowly(steps, 'close'))));
  expect(text(outcome)).toBe('Still here');
  expect(outcome.error).toBeUndefined();
});

test('T94 T95 a slow drip without end is cut after fifteen minutes', async () => {
  const drip = Array.from({ length: 100 }, () => [30_000, chunk({ content: '.' })] as const);
  const { error, milliseconds } = await timed(answering(() => eventStream(slowly(drip, 'stall'))));
  expect(error).toEqual({ code: 'timeout', fault: 'timeout' });
  expect(milliseconds).toBeLessThanOrEqual(900_100);
});

test('T78 an answer that waits 45 seconds for its first byte succeeds', async () => {
  const outcome = await timed(answering(() => eventStream(slowly([[45_000, chunk({ content: 'Late' }, 'stop')]], 'close'))));
  expect(text(outcome)).toBe('Late');
});

const hour = 3_600_000;
test.each([
  ['an hour back, as in autumn', -hour],
  ['a day back', -24 * hour],
  ['a day ahead', 24 * hour],
  ['ten years ahead', 87_660 * hour],
])('T110 the clock is set %s in the middle of an answer: it goes on, and a silence still ends it', async (_, jump) => {
  const steps = [[0, chunk({ content: 'Still' })] as const, [30_000, chunk({ content: ' here' }, 'stop')] as const];
  for (const [end, ...played] of [['close', ...steps] as const, ['stall', ...steps.slice(0, 1)] as const]) {
    // Timers count from where they began, whatever the clock says.
    const fetch = answering(() => {
      setTimeout(() => vi.setSystemTime(Date.now() + jump), 10_000);
      return eventStream(slowly(played, end));
    });
    const { milliseconds, ...outcome } = await timed(fetch);
    expect(outcome.error?.fault).toBe(end === 'close' ? undefined : 'timeout');
    expect(text(outcome)).toBe(end === 'close' ? 'Still here' : 'Still');
    const passed = milliseconds - jump;
    expect(passed).toBeGreaterThanOrEqual(end === 'close' ? 30_000 : 60_000);
    expect(passed).toBeLessThanOrEqual(end === 'close' ? 30_100 : 60_100);
  }
});

test('a reader that takes its time is no silence of the backend', async () => {
  const provider = providerOf(cloud, {
    fetch: answering(() =>
      eventStream(
        slowly(
          [
            [0, chunk({ content: 'a' })],
            [10, chunk({ content: 'b' }, 'stop')],
          ],
          'close',
        ),
      ),
    ),
    clock: realClock(),
  });
  const parts: unknown[] = [];
  const reading = (async () => {
    for await (const part of provider.generate(ask('Hi'), new AbortController().signal)) {
      parts.push(part);
      await new Promise((resolve) => setTimeout(resolve, 100_000));
    }
  })();
  await vi.advanceTimersByTimeAsync(500_000);
  await reading;
  expect(parts.at(-1)).toMatchObject({ type: 'finish' });
});

test.each([
  ['in the middle of an event', [[0, `${chunk({ content: 'Hel' })}data: {"choi`]], 'break'],
  ['between events', [[0, chunk({ content: 'Hel' })]], 'break'],
  ['by closing before the finish', [[0, chunk({ content: 'Hel' })]], 'close'],
] as const)('T80 T89 a connection that breaks %s is interrupted, and not tried again', async (_, steps, end) => {
  const fetch = answering(() => eventStream(slowly(steps, end)), hello);
  const outcome = await timed(fetch);
  expect(text(outcome)).toBe('Hel');
  expect(outcome.error).toEqual({ code: 'interrupted', fault: 'interrupted' });
  expect(fetch.calls).toHaveLength(1);
});

test.each(['break', 'stall'] as const)(
  'an answer that has finished stays a success where the connection then ends by %s',
  async (end) => {
    const outcome = await timed(answering(() => eventStream(slowly([[0, chunk({ content: 'Done' }, 'stop')]], end))));
    expect(outcome.error).toBeUndefined();
    // Its usage may come late; nobody waits a minute for it.
    expect(outcome.milliseconds).toBeLessThanOrEqual(10_100);
    expect(outcome.parts.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' });
  },
);

const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;
/** Up to the reason of its end, without the mark of it. */
const finished = {
  anthropic: [
    event({ type: 'message_start', message: { model: 'm', usage: { input_tokens: 3, output_tokens: 1 } } }),
    event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Done' } }),
    event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }),
  ],
  gemini: [event({ candidates: [{ content: { parts: [{ text: 'Done' }] }, finishReason: 'STOP' }], modelVersion: 'm' })],
  novelai: [chunk({ content: 'Done' }), chunk({}, 'stop')],
};

test.each(
  (['anthropic', 'gemini', 'novelai'] as const).flatMap((id) =>
    (['break', 'close', 'stall'] as const).map((end) => [id, end] as const),
  ),
)('%s: what has said why it ends is a success where the connection then ends by %s', async (id, end) => {
  const model = id === 'novelai' ? 'glm-4-6' : 'm';
  const { parts, error, milliseconds } = await timed(
    answering(() => eventStream(slowly([[0, finished[id].join('')]], end))),
    knownRow(id),
    undefined,
    model,
  );
  expect(error).toBeUndefined();
  expect(parts.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' });
  expect(milliseconds).toBeLessThanOrEqual(10_100);
});
