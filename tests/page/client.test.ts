import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createPageClient } from '../../page/client';
import { limits } from '../../protocol/limits';
import { createRelayEnd, type RelayEnd } from './support/relay-end';

let relay: RelayEnd;
beforeEach(() => {
  relay = createRelayEnd();
});

const ask = (handlers: Partial<Parameters<ReturnType<typeof createPageClient>['start']>[1]> = {}) =>
  createPageClient(relay.port).start({ type: 'capabilities' }, { onEnd: () => undefined, onError: () => undefined, ...handlers });

test('a page that wants to know hears that its call waits and that it was sent, and one that does not is not disturbed', () => {
  const [onWaiting, onRunning] = [vi.fn(), vi.fn()];
  ask({ onWaiting, onRunning });
  const id = relay.ids()[0] ?? '';
  relay.send({ v: 1, type: 'waiting', id: id as never });
  expect([onWaiting.mock.calls.length, onRunning.mock.calls.length]).toEqual([1, 0]);
  relay.send({ v: 1, type: 'running', id: id as never });
  expect([onWaiting.mock.calls.length, onRunning.mock.calls.length]).toEqual([1, 1]);
  relay = createRelayEnd();
  ask();
  const other = relay.ids()[0] ?? '';
  relay.send({ v: 1, type: 'waiting', id: other as never });
  relay.send({ v: 1, type: 'running', id: other as never });
});

test('the arguments of a tool’s call are acknowledged like text: the background weighs both', () => {
  ask();
  const id = relay.ids()[0] ?? '';
  relay.parts(id, { type: 'tool-call', id: 'c', name: 'find', arguments: 'x'.repeat(limits.window / 4) });
  expect(relay.posted).toContainEqual({ v: 1, type: 'taken', id, chars: limits.window / 4 });
});

test('a call that cannot be sent throws, and whatever comes under its number finds nobody', () => {
  const onError = vi.fn();
  const unsendable = { type: 'connect', scopes: [() => undefined] } as never;
  const client = createPageClient(relay.port);
  expect(() => client.start(unsendable, { onEnd: onError, onError })).toThrow();
  relay.fail('1', { code: 'unknown' });
  expect(onError).not.toHaveBeenCalled();
});

test('a relay that is gone without a word is noticed within ten seconds: what is open is rejected, and so is what comes later', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  // The page's script takes the timer that is there when it is loaded.
  vi.resetModules();
  const client = (await import('../../page/client')).createPageClient(relay.port);
  const errors: unknown[] = [];
  const open = () =>
    client.start({ type: 'capabilities' }, { onEnd: () => undefined, onError: (error) => errors.push(error.code) });
  open();
  vi.advanceTimersByTime(60_000);
  expect(errors).toEqual([]);
  relay.isAlive = false;
  vi.advanceTimersByTime(10_000);
  expect(errors).toEqual(['invalid-state']);
  open();
  vi.advanceTimersByTime(10_000);
  expect(errors).toEqual(['invalid-state', 'invalid-state']);
  expect(vi.getTimerCount()).toBe(0);
});
