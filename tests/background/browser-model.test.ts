import { expect, test, vi } from 'vitest';
import { createBrowserModelState } from '../../background/browser-model';
import type { BrowserModel } from '../../providers/provider';

const modelThat = (availability: BrowserModel['availability']) => ({ availability }) as BrowserModel;

test('it is asked once, when somebody looks, and whoever looked is told', async () => {
  const availability = vi.fn(async () => 'available' as const);
  const onChange = vi.fn();
  const isThere = createBrowserModelState(
    () => modelThat(availability),
    () => 0,
    onChange,
  );
  expect(availability).not.toHaveBeenCalled();
  expect([isThere(), isThere()]).toEqual([false, false]);
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1));
  expect(isThere()).toBe(true);
  expect(availability).toHaveBeenCalledTimes(1);
});

test.each([
  ['a browser without one', () => undefined],
  ['one that is unavailable', () => modelThat(async () => 'unavailable')],
  ['one that fails', () => modelThat(async () => Promise.reject(new Error('no')))],
])('%s is none', async (_name, find) => {
  const onChange = vi.fn();
  const isThere = createBrowserModelState(find, () => 0, onChange);
  isThere();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isThere()).toBe(false);
  expect(onChange).not.toHaveBeenCalled();
});

test('what was downloaded, or turned off, since is noticed the next time somebody looks', async () => {
  const answers = ['unavailable', 'downloading', 'available', 'unavailable'] as const;
  const availability = vi.fn(async () => answers[availability.mock.calls.length - 1] ?? 'unavailable');
  const onChange = vi.fn();
  let time = 0;
  const isThere = createBrowserModelState(
    () => modelThat(availability),
    () => time,
    onChange,
  );
  const looked: boolean[] = [];
  for (const later of [0, 1, 60_000, 60_001, 120_000, 180_000, 180_001]) {
    time = later;
    looked.push(isThere());
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(looked).toEqual([false, false, false, true, true, true, false]);
  expect(availability).toHaveBeenCalledTimes(4);
  expect(onChange).toHaveBeenCalledTimes(2);
});
