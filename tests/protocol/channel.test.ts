import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { type Caller, createCaller, type Reply, serveChannel } from '../../protocol/channel';
import { AiError, toPageError, toPersonError } from '../../protocol/errors';
import type { StreamPart } from '../../protocol/generate';
import { limits } from '../../protocol/limits';
import { type PageCall, parsePageFrame } from '../../protocol/page-messages';
import { createPorts, type FakePort } from './support/ports';
import { createWire } from './support/wire';

const call: PageCall = { type: 'current-model' };
const text = (value: string): StreamPart => ({ type: 'text-delta', text: value });
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** Serves every call by `handle` and gives both the typed caller and the bare wire of the same port. */
function serve(handle: (call: PageCall, reply: Reply) => Promise<unknown>, ports = createPorts()) {
  const onClose = vi.fn();
  const server = serveChannel<PageCall, string>(ports.far, {
    parse: parsePageFrame,
    handle,
    toError: toPageError,
    onClose,
  });
  return { ...ports, server, onClose, wire: createWire(ports.near) };
}

const callerOf = (port: FakePort): Caller<PageCall> => createCaller<PageCall>(port);
const whenAborted = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

test('a call resolves to the value that its handler returns', async () => {
  const { near } = serve(async () => ({ model: 'm' }));
  await expect(callerOf(near).call(call)).resolves.toEqual({ model: 'm' });
});

test('a handler that returns nothing ends the call without a value', async () => {
  const { wire } = serve(async () => undefined);
  wire.request('1', call);
  expect(await wire.settled('1')).toEqual({ v: 1, type: 'end', id: '1' });
});

test('what a handler throws reaches the caller as an AiError of the same code', async () => {
  const { near } = serve(async () => {
    throw new AiError('rate-limited', 'secret words');
  });
  await expect(callerOf(near).call(call)).rejects.toMatchObject({ name: 'AiError', code: 'rate-limited' });
});

test('a value that cannot be posted becomes an error instead of a call that never settles', async () => {
  const { wire } = serve(async () => () => 'a function cannot be cloned');
  wire.request('1', call);
  expect(await wire.settled('1')).toEqual({ v: 1, type: 'error', id: '1', error: { code: 'unknown' } });
});

test('waiting and running are told in their order, each once, and whether the person used the document', async () => {
  const activated: boolean[] = [];
  const { wire } = serve(async (_call, reply) => {
    activated.push(reply.activated);
    reply.waiting();
    reply.waiting();
    reply.running();
  });
  wire.request('1', call, false);
  await wire.settled('1');
  expect(wire.frames.map(({ type }) => type)).toEqual(['waiting', 'running', 'end']);
  expect(activated).toEqual([false]);
});

test('a stream yields its parts in order and then ends', async () => {
  const { near } = serve(async (_call, reply) => {
    await reply.parts([text('a'), text('b')]);
    await reply.parts([text('c')]);
  });
  const read: StreamPart[] = [];
  for await (const part of callerOf(near).stream(call, new AbortController().signal)) read.push(part);
  expect(read).toEqual([text('a'), text('b'), text('c')]);
});

test('a stream that fails gives what had arrived and then throws', async () => {
  const { near } = serve(async (_call, reply) => {
    await reply.parts([text('a')]);
    throw new AiError('interrupted', 'cut');
  });
  const read: StreamPart[] = [];
  const reading = (async () => {
    for await (const part of callerOf(near).stream(call, new AbortController().signal)) read.push(part);
  })();
  await expect(reading).rejects.toMatchObject({ code: 'interrupted' });
  expect(read).toEqual([text('a')]);
});

test('a reader that stops early aborts the call', async () => {
  let signal: AbortSignal | undefined;
  const { near } = serve(async (_call, reply) => {
    signal = reply.signal;
    await reply.parts([text('a')]);
    return whenAborted(reply.signal);
  });
  for await (const _part of callerOf(near).stream(call, new AbortController().signal)) break;
  expect(signal?.aborted).toBe(true);
});

test('a stream that was aborted before it began asks nothing', async () => {
  const handle = vi.fn(async () => undefined);
  const { near } = serve(handle);
  const stream = callerOf(near).stream(call, AbortSignal.abort());
  await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'aborted' });
  expect(handle).not.toHaveBeenCalled();
});

test('an abort rejects the call at once and reaches the handler', async () => {
  let signal: AbortSignal | undefined;
  const { near } = serve((_call, reply) => {
    signal = reply.signal;
    return whenAborted(reply.signal);
  });
  const abort = new AbortController();
  const running = callerOf(near).call(call, { signal: abort.signal });
  abort.abort();
  await expect(running).rejects.toMatchObject({ code: 'aborted' });
  expect(signal?.aborted).toBe(true);
});

test('T96 a reader that takes nothing pauses the server, and goes on once it takes', async () => {
  let delivered = 0;
  const { wire } = serve(async (_call, reply) => {
    for (let index = 0; index < 3; index += 1) {
      await reply.parts([text('x'.repeat(limits.window))]);
      delivered += 1;
    }
  });
  wire.request('1', call);
  await turn();
  expect(delivered).toBe(1);
  await turn();
  expect(wire.of('1')).toHaveLength(2);
  wire.send({ v: 1, type: 'taken', id: '1', chars: limits.window });
  await turn();
  expect(delivered).toBe(2);
  wire.send({ v: 1, type: 'taken', id: '1', chars: 2 * limits.window });
  expect(await wire.settled('1')).toMatchObject({ type: 'end' });
});

test('every delivery that waits for room goes on when there is room', async () => {
  const done: number[] = [];
  const { wire } = serve(async (_call, reply) => {
    const first = reply.parts([text('x'.repeat(limits.window + 1))]).then(() => done.push(1));
    const second = reply.parts([text('y')]).then(() => done.push(2));
    await Promise.all([first, second]);
  });
  wire.request('1', call);
  await turn();
  wire.send({ v: 1, type: 'taken', id: '1', chars: limits.window + 2 });
  expect(await wire.settled('1')).toMatchObject({ type: 'end' });
  expect(done).toEqual([1, 2]);
});

test.each([
  ['an abort', (wire: ReturnType<typeof createWire>) => wire.send({ v: 1, type: 'abort', id: '1' })],
  ['a disconnect', (_wire: ReturnType<typeof createWire>, near: FakePort) => near.disconnect()],
])('%s frees a server that waits for room', async (_name, end) => {
  let isFree = false;
  const { wire, near } = serve(async (_call, reply) => {
    await reply.parts([text('x'.repeat(limits.window + 1))]);
    isFree = true;
  });
  wire.request('1', call);
  await turn();
  expect(isFree).toBe(false);
  end(wire, near);
  await turn();
  expect(isFree).toBe(true);
});

test('T14 acknowledgements of a request that is over, or of none, change nothing', async () => {
  const { wire } = serve(async () => 1);
  wire.send({ v: 1, type: 'taken', id: 'none', chars: 5 });
  wire.send({ v: 1, type: 'abort', id: 'none' });
  wire.send({ v: 1, type: 'ping' });
  expect(wire.frames).toEqual([]);
});

test('a malformed frame with an id is answered, so that nobody waits for it', async () => {
  const handle = vi.fn(async () => undefined);
  const { wire } = serve(handle);
  wire.send({ v: 1, type: 'request', id: 'a', call: { type: 'no-such' }, activated: true });
  expect(wire.frames).toEqual([{ v: 1, type: 'error', id: 'a', error: { code: 'invalid-request' } }]);
  expect(handle).not.toHaveBeenCalled();
});

test.each([[null], [7], ['text'], [[]], [{}], [{ id: 5 }], [{ id: 'x'.repeat(limits.idChars + 1) }]])(
  'a malformed frame without a usable id, %j, gets no answer',
  (message) => {
    const { wire } = serve(async () => undefined);
    wire.send(message);
    expect(wire.frames).toEqual([]);
  },
);

test('a malformed frame that borrows the id of a running call does not settle it', async () => {
  let finish: (() => void) | undefined;
  const { wire } = serve(
    () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      }),
  );
  wire.request('1', call);
  wire.send({ v: 1, type: 'taken', id: '1', chars: -5 });
  expect(wire.of('1')).toEqual([]);
  finish?.();
  expect(await wire.settled('1')).toMatchObject({ type: 'end' });
});

test(`T13 the port is closed with the ${limits.malformedFrames}th malformed frame, and what ran is aborted`, () => {
  let signal: AbortSignal | undefined;
  const { wire, near, onClose } = serve((_call, reply) => {
    signal = reply.signal;
    return whenAborted(reply.signal);
  });
  wire.request('1', call);
  for (let count = 1; count < limits.malformedFrames; count += 1) wire.send('nonsense');
  expect(near.isConnected).toBe(true);
  wire.send('nonsense');
  expect(near.isConnected).toBe(false);
  expect(signal?.aborted).toBe(true);
  expect(onClose).toHaveBeenCalledTimes(1);
});

test('T14 an id that is in use is refused, and the call that has it is unharmed', async () => {
  const finish: (() => void)[] = [];
  const { wire } = serve(() => new Promise<void>((resolve) => finish.push(resolve)));
  wire.request('1', call);
  wire.request('1', call);
  expect(wire.frames).toEqual([{ v: 1, type: 'error', id: '1', error: { code: 'invalid-state' } }]);
  expect(finish).toHaveLength(1);
  finish[0]?.();
  expect(await wire.until(({ type }) => type === 'end')).toMatchObject({ id: '1' });
});

test('an id may be used again once its call is settled', async () => {
  const { wire } = serve(async () => undefined);
  wire.request('1', call);
  await wire.settled('1');
  wire.request('1', call);
  await turn();
  expect(wire.of('1').map(({ type }) => type)).toEqual(['end', 'end']);
});

test('T14 a disconnect aborts every call of the port, and nothing is posted afterwards', async () => {
  const signals: AbortSignal[] = [];
  const { wire, near, server, onClose } = serve((_call, reply) => {
    signals.push(reply.signal);
    return whenAborted(reply.signal);
  });
  wire.request('1', call);
  wire.request('2', call);
  near.disconnect();
  await turn();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  expect(() => server.push('late')).not.toThrow();
  expect(onClose).toHaveBeenCalledTimes(1);
});

test('the serving side can close: calls are aborted and the caller is told', async () => {
  const { near, server } = serve((_call, reply) => whenAborted(reply.signal));
  const running = callerOf(near).call(call);
  server.disconnect();
  await expect(running).rejects.toMatchObject({ code: 'interrupted' });
});

test('a port that is closed by both sides is closed once', () => {
  const { near, server, onClose } = serve(async () => undefined);
  server.disconnect();
  near.disconnect();
  server.disconnect();
  expect(onClose).toHaveBeenCalledTimes(1);
});

test('an acknowledgement that leaves no room lets nothing go on', async () => {
  let delivered = 0;
  const { wire } = serve(async (_call, reply) => {
    for (let count = 0; count < 2; count += 1) {
      await reply.parts([text('x'.repeat(limits.window * 2))]);
      delivered += 1;
    }
  });
  wire.request('1', call);
  wire.send({ v: 1, type: 'taken', id: '1', chars: limits.window - 1 });
  await turn();
  expect(delivered).toBe(0);
  wire.send({ v: 1, type: 'taken', id: '1', chars: 1 });
  await turn();
  expect(delivered).toBe(1);
});

test('what a call waits for is told to the caller’s side and settles nothing', async () => {
  const { near } = serve(async (_call, reply) => {
    reply.waiting();
    reply.running();
    return 1;
  });
  await expect(callerOf(near).call(call)).resolves.toBe(1);
});

test('pushed events reach the listener of the caller', () => {
  const ports = createPorts();
  const { server } = serve(async () => undefined, ports);
  const onEvent = vi.fn();
  createCaller<PageCall, string>(ports.near, { onEvent });
  server.push('news');
  expect(onEvent).toHaveBeenCalledExactlyOnceWith('news');
});

test('when the port goes, open calls reject as interrupted and the caller is told once', async () => {
  const { near, far } = createPorts();
  const onClose = vi.fn();
  const running = createCaller<PageCall>(near, { onClose }).call(call);
  far.disconnect();
  await expect(running).rejects.toMatchObject({ code: 'interrupted' });
  expect(onClose).toHaveBeenCalledTimes(1);
});

test('a call on a port that is gone rejects as interrupted', async () => {
  const { near, far } = createPorts();
  const caller = callerOf(near);
  far.disconnect();
  await expect(caller.call(call)).rejects.toMatchObject({ name: 'AiError', code: 'interrupted' });
});

test('a stream whose port goes gives what had arrived and then throws interrupted', async () => {
  const { near, server } = serve(async (_call, reply) => {
    await reply.parts([text('a'), text('b'), text('c')]);
    return whenAborted(reply.signal);
  });
  const read: string[] = [];
  const reading = (async () => {
    for await (const part of callerOf(near).stream(call, new AbortController().signal)) {
      if (part.type === 'text-delta') read.push(part.text);
      if (read.length === 1) server.disconnect();
    }
  })();
  await expect(reading).rejects.toMatchObject({ name: 'AiError', code: 'interrupted' });
  expect(read).toEqual(['a', 'b', 'c']);
});

test('reading lazily from the port acknowledges each part', async () => {
  const sizes: number[] = [];
  const { near } = serve(async (_call, reply) => {
    for (let index = 0; index < 5; index += 1) {
      await reply.parts([text('x'.repeat(limits.window))]);
      sizes.push(index);
    }
  });
  let count = 0;
  for await (const _part of callerOf(near).stream(call, new AbortController().signal)) count += 1;
  expect(count).toBe(5);
  expect(sizes).toEqual([0, 1, 2, 3, 4]);
});

test('tool calls weigh their arguments, other parts nothing', async () => {
  const { wire } = serve(async (_call, reply) => {
    await reply.parts([{ type: 'start', model: 'm'.repeat(limits.window * 2), warnings: [] }]);
    await reply.parts([{ type: 'tool-call', id: '1', name: 'n', arguments: 'x'.repeat(limits.window + 1) }]);
  });
  wire.request('1', call);
  await turn();
  expect(wire.of('1').map(({ type }) => type)).toEqual(['parts', 'parts']);
  wire.send({ v: 1, type: 'taken', id: '1', chars: 1 });
  expect(await wire.settled('1')).toMatchObject({ type: 'end' });
});

test('the person’s error keeps its story on the way to our own pages', async () => {
  const { near, far } = createPorts();
  serveChannel<PageCall>(far, {
    parse: parsePageFrame,
    handle: async () => {
      throw new AiError('unavailable', 'x', { fault: 'auth', detail: 'No such key', status: 401 });
    },
    toError: toPersonError,
  });
  await expect(callerOf(near).call(call)).rejects.toMatchObject({ fault: 'auth', detail: 'No such key', status: 401 });
});

test('T14 property: in any interleaving on two ports an abort affects its own port only, and each call settles exactly once', async () => {
  const step = fc.record({
    port: fc.constantFrom(0, 1),
    id: fc.constantFrom('1', '2', '3'),
    action: fc.constantFrom('request', 'abort', 'finish', 'fail', 'part'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const sides = [0, 1].map(() => {
        const live = new Map<string, { finish(): void; fail(): void; reply: Reply }>();
        const side = serve(
          (_call, reply) =>
            new Promise<void>((resolve, reject) => {
              live.set(reply.id, { finish: resolve, fail: () => reject(new AiError('timeout', '')), reply });
              reply.signal.addEventListener('abort', () => reject(reply.signal.reason), { once: true });
            }),
        );
        return { ...side, live, started: 0, refused: 0, aborts: new Set<Reply>() };
      });
      for (const { port, id, action } of steps) {
        const side = sides[port];
        if (!side) throw new Error('There are two ports.');
        const running = side.live.get(id);
        if (action === 'request') {
          if (running) side.refused += 1;
          else side.started += 1;
          side.wire.request(id, call);
        } else if (running) {
          if (action === 'part') void running.reply.parts([text('x')]);
          else {
            if (action === 'abort') side.wire.send({ v: 1, type: 'abort', id });
            else running[action]();
            if (action === 'abort') side.aborts.add(running.reply);
            side.live.delete(id);
            await turn();
          }
        }
        for (const each of sides) for (const { reply } of each.live.values()) expect(reply.signal.aborted).toBe(false);
      }
      for (const side of sides) for (const { finish } of side.live.values()) finish();
      await turn();
      for (const { wire, started, refused, aborts } of sides) {
        const settled = wire.frames.filter(({ type }) => type === 'end' || type === 'error');
        const inUse = settled.filter((frame) => frame.type === 'error' && frame.error.code === 'invalid-state');
        const aborted = settled.filter((frame) => frame.type === 'error' && frame.error.code === 'aborted');
        expect(inUse).toHaveLength(refused);
        expect(settled).toHaveLength(started + refused);
        expect(aborted).toHaveLength(aborts.size);
      }
    }),
    { numRuns: 200 },
  );
});
