import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { coalesce } from '../../background/coalesce';
import type { StreamPart } from '../../protocol/generate';
import { limits } from '../../protocol/limits';

const text = (value: string, output?: number): StreamPart => ({
  type: 'text-delta',
  text: value,
  ...(output !== undefined && { output }),
});
const thought = (value: string): StreamPart => ({ type: 'reasoning-delta', text: value });
const start: StreamPart = { type: 'start', model: 'm', warnings: [] };
const finish: StreamPart = { type: 'finish', reason: 'stop' };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A source that yields what is put in when it is put in. */
function createSource() {
  const queue: StreamPart[] = [];
  let isOver = false;
  let wake: (() => void) | undefined;
  return {
    put(...parts: StreamPart[]) {
      queue.push(...parts);
      wake?.();
    },
    end() {
      isOver = true;
      wake?.();
    },
    async *[Symbol.asyncIterator]() {
      while (true) {
        const part = queue.shift();
        if (part) yield part;
        else if (isOver) return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  };
}

async function* reads(...parts: StreamPart[]): AsyncIterable<StreamPart> {
  yield* parts;
}

const collect = () => {
  const batches: (readonly StreamPart[])[] = [];
  return { batches, deliver: async (parts: readonly StreamPart[]) => void batches.push(parts) };
};

test('what one read brought is one batch, neighbouring deltas joined', async () => {
  const { batches, deliver } = collect();
  await coalesce(reads(start, text('a'), text('b'), thought('c'), thought('d'), text('e'), finish), deliver);
  expect(batches).toEqual([[start, text('ab'), thought('cd'), text('e'), finish]]);
});

test('deltas of different outputs are not joined', async () => {
  const { batches, deliver } = collect();
  await coalesce(reads(text('a', 0), text('b', 1), text('c', 1), text('d', 0)), deliver);
  expect(batches).toEqual([[text('a', 0), text('bc', 1), text('d', 0)]]);
});

test('a part is delivered within 8 ms, though nothing follows it', async () => {
  const { batches, deliver } = collect();
  const source = createSource();
  const done = coalesce(source, deliver);
  source.put(text('a'));
  await vi.advanceTimersByTimeAsync(limits.coalesce);
  expect(batches).toEqual([[text('a')]]);
  source.put(text('b'), text('c'));
  await vi.advanceTimersByTimeAsync(limits.coalesce);
  expect(batches).toEqual([[text('a')], [text('bc')]]);
  source.end();
  await done;
  expect(batches).toHaveLength(2);
});

test('a batch that weighs much is not held until the read is over', async () => {
  const { batches, deliver } = collect();
  const heavy = 'x'.repeat(limits.window / 4 + 1);
  await coalesce(reads(text(heavy), text(heavy)), deliver);
  expect(batches).toEqual([[text(heavy)], [text(heavy)]]);
});

test('nothing more is read while a delivery waits for room', async () => {
  const source = createSource();
  const heavy = 'x'.repeat(limits.window / 4 + 1);
  let makeRoom: (() => void) | undefined;
  let pulled = 0;
  const counted = (async function* () {
    for await (const part of source) {
      pulled += 1;
      yield part;
    }
  })();
  const done = coalesce(
    counted,
    () =>
      new Promise<void>((resolve) => {
        makeRoom = resolve;
      }),
  );
  source.put(text(heavy), text('b'), text('c'));
  await vi.advanceTimersByTimeAsync(1000);
  expect(pulled).toBe(1);
  makeRoom?.();
  await vi.advanceTimersByTimeAsync(1000);
  expect(pulled).toBe(3);
  makeRoom?.();
  source.end();
  await vi.advanceTimersByTimeAsync(0);
  await done;
});

test('a read that comes while a delivery waits is held back until there is room', async () => {
  const source = createSource();
  const rooms: (() => void)[] = [];
  const batches: (readonly StreamPart[])[] = [];
  const done = coalesce(source, (parts) => {
    batches.push(parts);
    return new Promise<void>((resolve) => rooms.push(resolve));
  });
  source.put(text('a'));
  await vi.advanceTimersByTimeAsync(limits.coalesce);
  source.put(text('b'));
  await vi.advanceTimersByTimeAsync(1000);
  expect(batches).toEqual([[text('a')]]);
  rooms[0]?.();
  await vi.advanceTimersByTimeAsync(limits.coalesce);
  expect(batches).toEqual([[text('a')], [text('b')]]);
  rooms[1]?.();
  source.end();
  await done;
});

test('a source that fails delivers what had arrived, and then fails', async () => {
  const { batches, deliver } = collect();
  const failing = (async function* () {
    yield text('a');
    throw new Error('cut');
  })();
  await expect(coalesce(failing, deliver)).rejects.toThrow('cut');
  expect(batches).toEqual([[text('a')]]);
});

test('a delivery that fails ends the source', async () => {
  let isClosed = false;
  const source = (async function* () {
    try {
      while (true) yield text('x'.repeat(limits.window));
    } finally {
      isClosed = true;
    }
  })();
  await expect(
    coalesce(source, async () => {
      throw new Error('gone');
    }),
  ).rejects.toThrow('gone');
  expect(isClosed).toBe(true);
});

test('a delivery that fails while the next read is held back ends the source, and is no unhandled rejection', async () => {
  const source = createSource();
  const failures: ((error: Error) => void)[] = [];
  const done = coalesce(source, () => new Promise<void>((_resolve, reject) => failures.push(reject)));
  const outcome = expect(done).rejects.toThrow('gone');
  source.put(text('a'));
  await vi.advanceTimersByTimeAsync(limits.coalesce);
  source.put(text('b'));
  await vi.advanceTimersByTimeAsync(limits.coalesce);
  failures[0]?.(new Error('gone'));
  await vi.advanceTimersByTimeAsync(0);
  // What was held back is offered once more, to a reader that is gone as well.
  failures[1]?.(new Error('gone'));
  await outcome;
});

test('an empty source delivers nothing, and leaves no timer', async () => {
  const { batches, deliver } = collect();
  await coalesce(reads(), deliver);
  await coalesce(reads(text('a')), deliver);
  expect(batches).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('property: no part is lost, doubled or put out of order', async () => {
  const part = fc.oneof(
    fc.tuple(fc.string({ minLength: 1 }), fc.constantFrom(undefined, 0, 1)).map(([value, output]) => text(value, output)),
    fc.string({ minLength: 1 }).map(thought),
    fc.constantFrom(start, finish),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part), async (parts) => {
      const { batches, deliver } = collect();
      await coalesce(reads(...parts), deliver);
      const join = (all: readonly StreamPart[]) =>
        all.flatMap((each) =>
          'text' in each ? [...each.text].map((letter) => JSON.stringify({ ...each, text: letter })) : [JSON.stringify(each)],
        );
      expect(join(batches.flat())).toEqual(join(parts));
    }),
  );
});
