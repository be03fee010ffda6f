import { expect, test, vi } from 'vitest';
import { createStored } from '../../background/stored';
import { createArea } from './support/area';

test('T108 a value that was never written is the initial one', async () => {
  expect(await createStored(createArea(), 'key', 'initial').get()).toBe('initial');
});

test('what was updated is there after a restart', async () => {
  const area = createArea();
  await createStored(area, 'key', 1).update((value) => value + 1);
  expect(await createStored(area, 'key', 1).get()).toBe(2);
});

test('T108 updates at once are all kept, in order', async () => {
  const area = createArea();
  const stored = createStored<readonly number[]>(area, 'key', []);
  await Promise.all([1, 2, 3].map((number) => stored.update((all) => [...all, number])));
  expect(await stored.get()).toEqual([1, 2, 3]);
  expect(area.entries.get('key')).toEqual([1, 2, 3]);
});

test('the area is read once', async () => {
  const area = createArea();
  const get = vi.spyOn(area, 'get');
  const stored = createStored(area, 'key', 0);
  await Promise.all([stored.get(), stored.update((value) => value + 1), stored.get()]);
  expect(get).toHaveBeenCalledTimes(1);
});

test('T108 an update that could not be written rejects, and the next one is written all the same', async () => {
  const area = createArea();
  const stored = createStored(area, 'key', 0);
  area.failNext();
  await expect(stored.update(() => 1)).rejects.toThrow('quota');
  await stored.update((value) => value + 1);
  expect(area.entries.get('key')).toBe(2);
});

test('an area that could not be read once is read again', async () => {
  const area = createArea();
  vi.spyOn(area, 'get').mockRejectedValueOnce(new Error('busy'));
  const stored = createStored(area, 'key', 5);
  await expect(stored.get()).rejects.toThrow('busy');
  expect(await stored.get()).toBe(5);
});
