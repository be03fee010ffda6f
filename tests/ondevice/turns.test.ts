import { expect, test } from 'vitest';
import { createTurns } from '../../ondevice/turns';

const never = () => new AbortController().signal;

test('turns come one after the other, in the order they were asked for', async () => {
  const turns = createTurns();
  const order: number[] = [];
  const use = async (number: number) => {
    const endTurn = await turns.take(never());
    order.push(number);
    await Promise.resolve();
    order.push(number);
    endTurn();
  };
  await Promise.all([use(1), use(2), use(3)]);
  expect(order).toEqual([1, 1, 2, 2, 3, 3]);
});

test('whoever gives up while waiting is told at once and holds up nobody', async () => {
  const turns = createTurns();
  const abort = new AbortController();
  const endFirst = await turns.take(never());
  const second = turns.take(abort.signal);
  const third = turns.take(never());
  expect(turns.count()).toBe(3);
  abort.abort();
  await expect(second).rejects.toMatchObject({ code: 'aborted' });
  endFirst();
  const endThird = await third;
  expect(turns.count()).toBe(1);
  endThird();
  expect(turns.count()).toBe(0);
});

test('a signal that is aborted already gets no turn', async () => {
  const turns = createTurns();
  await expect(turns.take(AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
  await expect(turns.take(never())).resolves.toBeTypeOf('function');
});
