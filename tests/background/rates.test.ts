import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRates, type Rates } from '../../background/rates';
import { toConnectionId } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import { createHolds } from './support/keep-alive';
import { pageOf } from './support/pages';

const subjectOf = (name: string) => pageOf({ origin: `https://${name}.test` }).subject;
const connection = toConnectionId('c1');

let rates: Rates;
let holds: ReturnType<typeof createHolds>;
beforeEach(() => {
  vi.useFakeTimers();
  holds = createHolds();
  rates = createRates({ keepAlive: holds, monotonic: () => performance.now() });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Call {
  state: 'waits' | 'runs' | string;
  leave: () => void;
  readonly queued: () => boolean;
  readonly abort: (reason?: Error) => void;
}

async function enter(name = 'a', connectionId = connection, concurrent?: number): Promise<Call> {
  const abort = new AbortController();
  let queued = false;
  const call: Call = {
    state: 'waits',
    leave: () => undefined,
    queued: () => queued,
    abort: (reason) => abort.abort(reason),
  };
  const onQueue = () => {
    queued = true;
  };
  rates.enter({ subject: subjectOf(name), connectionId, concurrent, signal: abort.signal, onQueue }).then(
    (leave) => Object.assign(call, { state: 'runs', leave }),
    (error) => {
      call.state = error.code ?? error.name;
    },
  );
  await vi.advanceTimersByTimeAsync(0);
  return call;
}

const through = async (name?: string) => {
  const call = await enter(name);
  call.leave();
  return call.state;
};
const settle = () => vi.advanceTimersByTimeAsync(0);

test('T41 a site begins 20 requests at once in turn, and then one every three seconds', async () => {
  for (let index = 0; index < 20; index += 1) expect(await through()).toBe('runs');
  const next = await enter();
  expect([next.state, next.queued()]).toEqual(['waits', true]);
  await vi.advanceTimersByTimeAsync(2999);
  expect(next.state).toBe('waits');
  await vi.advanceTimersByTimeAsync(1);
  expect(next.state).toBe('runs');
  next.leave();
  expect(await through()).toBe('waits');
});

test('T41 after a quiet minute the bucket is full again, and no fuller', async () => {
  for (let index = 0; index < 20; index += 1) await through();
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  for (let index = 0; index < 20; index += 1) expect(await through()).toBe('runs');
  expect(await through()).toBe('waits');
});

test('T41 one site’s bucket is not another’s', async () => {
  for (let index = 0; index < 21; index += 1) await through('a');
  expect(await through('b')).toBe('runs');
});

test('T41 two of a site run at once; the third waits until one leaves', async () => {
  const [one, two, three] = [await enter(), await enter(), await enter()];
  expect([one.state, two.state, three.state]).toEqual(['runs', 'runs', 'waits']);
  expect([two.queued(), three.queued()]).toEqual([false, true]);
  one.leave();
  await settle();
  expect(three.state).toBe('runs');
});

test('T41 eight run in all, whoever asks', async () => {
  const calls: Call[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e']) calls.push(await enter(name), await enter(name, toConnectionId('c2')));
  expect(calls.filter(({ state }) => state === 'runs')).toHaveLength(limits.runsTotal);
  calls[0]?.leave();
  await settle();
  expect(calls.filter(({ state }) => state === 'runs')).toHaveLength(limits.runsTotal + 1);
});

test('T41 of a site at most eight wait, the next is refused at once', async () => {
  const calls: Call[] = [];
  for (let index = 0; index < 11; index += 1) calls.push(await enter());
  expect(calls.map(({ state }) => state).slice(-2)).toEqual(['waits', 'rate-limited']);
  expect((await enter('b')).state).toBe('runs');
});

test('T41 of all sites at most 64 wait', async () => {
  const states: string[] = [];
  for (let site = 0; site < 10; site += 1)
    for (let index = 0; index < 10; index += 1) states.push((await enter(`s${site}`)).state);
  expect(states.filter((state) => state === 'waits')).toHaveLength(limits.queueTotal);
  expect(states.at(-1)).toBe('rate-limited');
});

test('T41 two sites that want all they can get share evenly, however long the one has queued', async () => {
  for (const name of ['x', 'x', 'y', 'y', 'z', 'z', 'u']) await enter(name);
  // One place is left for both; the one has eight in the queue before the other comes, and each calls again when it was served.
  const calls: (Call & { readonly name: string })[] = [];
  const call = async (name: string) => void calls.push(Object.assign(await enter(name), { name }));
  for (const name of ['a', 'b']) for (let index = 0; index < 8; index += 1) await call(name);
  const served: string[] = [];
  while (served.length < 30) {
    const running = calls.find(({ state }) => state === 'runs');
    if (!running) throw new Error('Nobody runs.');
    running.state = 'done';
    served.push(running.name);
    running.leave();
    await settle();
    await call(running.name);
  }
  const ofA = served.filter((name) => name === 'a').length;
  expect(Math.abs(ofA - 15)).toBeLessThanOrEqual(1.5);
});

test('leaving twice gives up one place', async () => {
  const one = await enter();
  await enter();
  one.leave();
  one.leave();
  expect([(await enter()).state, (await enter()).state]).toEqual(['runs', 'waits']);
});

test('who is gone while waiting leaves the queue, and those behind move up', async () => {
  const [one, , third, fourth] = [await enter(), await enter(), await enter(), await enter()];
  third?.abort(new DOMException('gone', 'AbortError'));
  await settle();
  expect(third?.state).toBe(20);
  one?.leave();
  await settle();
  expect(fourth?.state).toBe('runs');
  fourth?.abort();
});

test('who is gone before the turn is asked for takes no place', async () => {
  const abort = new AbortController();
  abort.abort(new DOMException('gone', 'AbortError'));
  const turn = { subject: subjectOf('a'), connectionId: connection, signal: abort.signal, onQueue: () => undefined };
  await expect(rates.enter(turn)).rejects.toThrow('gone');
  expect([(await enter()).state, (await enter()).state]).toEqual(['runs', 'runs']);
});

test('the background is kept alive while somebody waits, and only then', async () => {
  const [one, two] = [await enter(), await enter()];
  expect(holds.count).toBe(0);
  const three = await enter();
  expect(holds.count).toBe(1);
  one.leave();
  await settle();
  expect([three.state, holds.count]).toEqual(['runs', 0]);
  two.leave();
});

test('an account that runs one at a time gets one at a time, whichever site asks; others are not held up', async () => {
  const first = await enter('a', connection, 1);
  const second = await enter('b', connection, 1);
  const elsewhere = await enter('b', toConnectionId('c2'), 1);
  expect([first.state, second.state, elsewhere.state]).toEqual(['runs', 'waits', 'runs']);
  expect(second.queued()).toBe(true);
  first.leave();
  await vi.advanceTimersByTimeAsync(0);
  expect(second.state).toBe('runs');
});
