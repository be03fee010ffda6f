import { beforeEach, expect, test, vi } from 'vitest';
import { createPageClient } from '../../page/client';
import { createPermissionWatch, type PermissionWatch } from '../../page/permission';
import type { SiteCapabilities } from '../../protocol/page-messages';
import { createRelayEnd, type RelayEnd } from './support/relay-end';

const granted: SiteCapabilities = { state: 'allowed', scopes: ['generate', 'models.read'], model: { id: 'm' } };
const wider: SiteCapabilities = { ...granted, scopes: ['generate', 'models.read', 'tools'] };
const none: SiteCapabilities = { state: 'ask' };

let relay: RelayEnd;
let window: EventTarget;
let watch: PermissionWatch;
let heard: ReturnType<typeof vi.fn<(permission: unknown) => void>>;
beforeEach(() => {
  relay = createRelayEnd();
  window = new EventTarget();
  watch = createPermissionWatch(createPageClient(relay.port), window);
  heard = vi.fn();
});

const push = (permission: SiteCapabilities) =>
  relay.send({ v: 1, type: 'event', event: { type: 'permission-changed', permission } });
const comeBack = () => window.dispatchEvent(new Event('focus'));

test('a change that is pushed is told in the platform’s words', () => {
  watch.add('1', heard);
  push(granted);
  push(none);
  expect(heard.mock.calls).toEqual([[{ ...granted, state: 'granted' }], [{ state: 'prompt' }]]);
});

test('a listener can go by its id or as itself, and one that throws keeps nothing from the others', () => {
  const gone = vi.fn();
  watch.add('1', () => {
    throw new Error('the page’s');
  });
  watch.add('2', gone);
  watch.add('3', gone);
  watch.add('4', heard);
  watch.remove('2');
  watch.remove(gone);
  push(granted);
  expect(gone).not.toHaveBeenCalled();
  expect(heard).toHaveBeenCalledTimes(1);
});

test('what was missed while the background was gone is asked for when the person comes back, and told where it is another', () => {
  watch.add('1', heard);
  watch.read(granted);
  relay.send({ type: 'disconnected' });
  expect(relay.posted).toEqual([]);
  comeBack();
  expect(relay.posted).toMatchObject([{ call: { type: 'capabilities' } }]);
  relay.end('1', granted);
  expect(heard).not.toHaveBeenCalled();
  relay.send({ type: 'disconnected' });
  comeBack();
  relay.end('2', wider);
  expect(heard.mock.calls).toEqual([[{ ...wider, state: 'granted' }]]);
});

test('a person who comes back to a page that missed nothing costs nothing', () => {
  watch.add('1', heard);
  comeBack();
  expect(relay.posted).toEqual([]);
});

test('an answer that fails tells nothing, and is asked for again', () => {
  watch.add('1', heard);
  watch.read(granted);
  relay.send({ type: 'disconnected' });
  comeBack();
  relay.fail('1', { code: 'interrupted' });
  comeBack();
  relay.end('2', none);
  expect(heard.mock.calls).toEqual([[{ state: 'prompt' }]]);
});

test('a page without listeners is never woken by its person', () => {
  watch.read(granted);
  relay.send({ type: 'disconnected' });
  comeBack();
  expect(relay.posted).toEqual([]);
});
