// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest';
import { getOriel, onOriel } from '../../client/get-oriel';
import { createFakeOriel, installFakeOriel } from '../../client/testing';
import type { Announcement } from '../../client/types';

const { oriel } = createFakeOriel();
const announce = (detail: unknown) => window.dispatchEvent(new CustomEvent('ai:announce', { detail }));
const announcement = (id = 'invalid.oriel'): Announcement => ({ info: { name: 'Oriel', id, version: '1' }, provider: oriel });
afterEach(() => {
  vi.useRealTimers();
});

test('it is found at once where it is there', async () => {
  const { uninstall, oriel: installed } = installFakeOriel();
  expect(await getOriel({ timeout: 0 })).toBe(installed);
  uninstall();
});

test('it is waited for as long as is said, and then missing', async () => {
  vi.useFakeTimers();
  const found = getOriel({ timeout: 100 });
  await vi.advanceTimersByTimeAsync(99);
  announce(announcement());
  expect(await found).toBe(oriel);
  const missing = getOriel({ timeout: 100 });
  await vi.advanceTimersByTimeAsync(100);
  expect(await missing).toBeUndefined();
});

test.each([
  ['another wallet', announcement('com.example')],
  ['Oriel on a page over plain http', { ...announcement(), provider: { generateText: async () => [] } }],
  ['no detail', null],
  ['nonsense', { info: 'Oriel' }],
])('the announcement of %s is passed over', async (_name, detail) => {
  const found = getOriel({ timeout: 5 });
  announce(detail);
  expect(await found).toBeUndefined();
});

test('a page that listens hears of it once, whenever it comes, and can stop listening', () => {
  const heard = vi.fn();
  onOriel(heard);
  announce(announcement());
  announce(announcement());
  expect(heard.mock.calls).toEqual([[oriel]]);
  const stop = onOriel(heard);
  stop();
  announce(announcement());
  expect(heard).toHaveBeenCalledTimes(1);
});
