import { beforeEach, expect, test } from 'vitest';
import { createMutes, type Mutes } from '../../background/mutes';
import { createArea, type MemoryArea } from './support/area';

const minute = 60_000;
let session: MemoryArea;
let mutes: Mutes;
beforeEach(() => {
  session = createArea();
  mutes = createMutes(session);
});

const refuse = async (...times: number[]) => {
  for (const time of times) await mutes.refused('a', time);
};

test('T26 three refusals within 30 s mute for a minute, to the millisecond', async () => {
  await refuse(0, 15_000);
  expect(await mutes.of('a', 15_000)).toBeUndefined();
  await refuse(29_999);
  expect(await mutes.of('a', 29_999)).toEqual({ since: 29_999, until: 29_999 + minute });
  expect(await mutes.of('a', 29_999 + minute - 1)).toBeDefined();
  expect(await mutes.of('a', 29_999 + minute)).toBeUndefined();
});

test('T26 three refusals within more than 30 s mute nobody', async () => {
  await refuse(0, 15_000, 30_000);
  expect(await mutes.of('a', 30_000)).toBeUndefined();
});

test('T26 the second time it is 5 minutes, and from then on until it is lifted', async () => {
  await refuse(0, 1, 2);
  await refuse(minute + 2, minute + 3, minute + 4);
  expect(await mutes.of('a', minute + 4)).toEqual({ since: minute + 4, until: 6 * minute + 4 });
  for (let time = 7 * minute; time < 7 * minute + 3; time += 1) await refuse(time);
  expect(await mutes.of('a', 1e15)).toEqual({ since: 7 * minute + 2 });
  await mutes.lift('a');
  expect(await mutes.of('a', 7 * minute + 3)).toBeUndefined();
  await refuse(8 * minute, 8 * minute + 1, 8 * minute + 2);
  expect(await mutes.of('a', 8 * minute + 2)).toMatchObject({ until: 9 * minute + 2 });
});

test('T26 another site is not muted, and the death of the background lifts nothing', async () => {
  await refuse(0, 1, 2);
  expect(await mutes.of('b', 2)).toBeUndefined();
  expect(await createMutes(session).of('a', 2)).toBeDefined();
});

test('T110 a clock that is set back ends no mute early and makes no old refusal new', async () => {
  await refuse(10 * minute, 10 * minute + 1, 10 * minute + 2);
  expect(await mutes.of('a', 5 * minute)).toBeDefined();
  await mutes.lift('a');
  await refuse(10 * minute, 10 * minute + 1, 0);
  expect(await mutes.of('a', 0)).toBeUndefined();
});
