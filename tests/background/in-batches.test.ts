import { expect, test } from 'vitest';
import { inBatches } from '../../background/in-batches';

/** Batches as they were run; each ends when the test says. */
function slowly(failing: (items: readonly number[]) => boolean = () => false) {
  const batches: (readonly number[])[] = [];
  const ends: (() => void)[] = [];
  const add = inBatches<number, string>(async (items) => {
    batches.push([...items]);
    await new Promise<void>((resolve) => ends.push(resolve));
    if (failing(items)) throw new Error(`${items}`);
    return items.map((item) => `${item}`);
  });
  const turn = () => new Promise((resolve) => setTimeout(resolve));
  const end = async () => {
    await turn();
    for (const one of ends.splice(0)) one();
    await turn();
  };
  return { batches, add, end, turn };
}

test('what comes while one batch runs is the next one, in its order, and each gets its own result', async () => {
  const { batches, add, end, turn } = slowly();
  const first = add(1);
  await turn();
  const others = [add(2), add(3)];
  await end();
  expect(batches).toEqual([[1], [2, 3]]);
  await end();
  expect(await Promise.all([first, ...others])).toEqual(['1', '2', '3']);
});

test('of a batch that fails each is tried by itself, so that one that is wrong fails alone', async () => {
  const { batches, add, end } = slowly((items) => items.includes(2));
  const results = Promise.allSettled([add(1), add(2), add(3)]);
  await end();
  await end();
  expect(batches).toEqual([[1, 2, 3], [1], [2], [3]]);
  expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('one that fails alone is not tried again, and the next ones run', async () => {
  const { batches, add, end } = slowly((items) => items[0] === 1);
  const failed = add(1);
  failed.catch(() => undefined);
  await end();
  await expect(failed).rejects.toThrow('1');
  const next = add(2);
  await end();
  expect(await next).toBe('2');
  expect(batches).toEqual([[1], [2]]);
});
