import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createKeepAlive } from '../../background/keep-alive';
import { limits } from '../../protocol/limits';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('T102 the browser is touched while somebody holds, and only then', () => {
  const touch = vi.fn(async () => undefined);
  const keepAlive = createKeepAlive(touch);
  vi.advanceTimersByTime(10 * limits.keepAlive);
  expect(touch).not.toHaveBeenCalled();
  const first = keepAlive.hold();
  const second = keepAlive.hold();
  vi.advanceTimersByTime(2 * limits.keepAlive);
  expect(touch).toHaveBeenCalledTimes(2);
  first();
  first();
  vi.advanceTimersByTime(limits.keepAlive);
  expect(touch).toHaveBeenCalledTimes(3);
  second();
  expect(vi.getTimerCount()).toBe(0);
});

test('who holds again is kept alive again', () => {
  const touch = vi.fn(async () => undefined);
  const keepAlive = createKeepAlive(touch);
  keepAlive.hold()();
  keepAlive.hold();
  vi.advanceTimersByTime(limits.keepAlive);
  expect(touch).toHaveBeenCalledTimes(1);
});

test('the browser is touched more often than it would end the background', () => {
  expect(limits.keepAlive).toBeLessThan(30_000);
});
