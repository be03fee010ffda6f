import { beforeEach, expect, test, vi } from 'vitest';
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
