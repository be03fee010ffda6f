import { expect, test } from 'vitest';
import { createTurns } from '../../ondevice/turns';

const never = () => new AbortController().signal;

test('turns come one after the other, in the order they were asked for', async () => {
  const takeTurn = createTurns();
  const order: number[] = [];
  const use = async (number: number) => {
    const endTurn = await takeTurn(never());
    order.push(number);
    await Promise.resolve();
    order.push(number);
    endTurn();
  };
  await Promise.all([use(1), use(2), use(3)]);
  expect(order).toEqual([1, 1, 2, 2, 3, 3]);
});

test('whoever gives up while waiting is told at once and holds up nobody', async () => {
  const takeTurn = createTurns();
  const abort = new AbortController();
  const endFirst = await takeTurn(never());
  const second = takeTurn(abort.signal);
  const third = takeTurn(never());
  abort.abort();
  await expect(second).rejects.toMatchObject({ code: 'aborted' });
  endFirst();
  await expect(third).resolves.toBeTypeOf('function');
});

test('a signal that is aborted already gets no turn', async () => {
  const takeTurn = createTurns();
  await expect(takeTurn(AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
  await expect(takeTurn(never())).resolves.toBeTypeOf('function');
});
