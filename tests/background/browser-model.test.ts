import { expect, test, vi } from 'vitest';
import { createBrowserModelState } from '../../background/browser-model';
import type { BrowserModel } from '../../providers/provider';

const modelThat = (availability: BrowserModel['availability']) => ({ availability }) as BrowserModel;

test('it is asked once, when somebody looks, and whoever looked is told', async () => {
  const availability = vi.fn(async () => 'available' as const);
  const onChange = vi.fn();
  const isThere = createBrowserModelState(() => modelThat(availability), onChange);
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
  const isThere = createBrowserModelState(find, onChange);
  isThere();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isThere()).toBe(false);
  expect(onChange).not.toHaveBeenCalled();
});
