/**
 * T122, as far as it can be held: what a package that turned bad puts in place of the browser's own after the start sees no key. Whoever is in the
 * same realm and replaces promises or the cryptography itself sees what passes through them: against that stands the review of every package
 * (tests/dependencies.test.ts). Setters on every object: tests/e2e/canary.e2e.ts.
 */
import { afterEach, expect, test, vi } from 'vitest';
import { createBackground, serverKey } from './support/background';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0).reverse()) one();
});

/** Puts this in the place of a property until the test is over. */
function patch(target: object, name: PropertyKey, descriptor: PropertyDescriptor): void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { configurable: true, ...descriptor });
  undo.push(() => {
    if (before) Object.defineProperty(target, name, before);
    else Reflect.deleteProperty(target, name);
  });
}

test('T122 a fetch, a WebSocket and a console that came after the start see no key', async () => {
  const background = createBackground();
  const seen: string[] = [];
  const note = (...all: unknown[]) => {
    for (const one of all) seen.push(typeof one === 'string' ? one : (JSON.stringify(one) ?? ''));
  };
  patch(globalThis, 'fetch', { value: vi.fn(note), writable: true });
  patch(globalThis, 'WebSocket', { value: vi.fn(note), writable: true });
  for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) patch(console, name, { value: note, writable: true });

  await background.connect();
  const page = background.page();
  page.request('1', { type: 'generate', request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] } });
  await background.decide('allow-always');
  expect((await page.settled('1')).type).toBe('end');

  expect(JSON.stringify(background.backend.sent)).toContain(serverKey);
  expect(seen.join('\n')).not.toContain(serverKey);
  expect(globalThis.fetch).not.toHaveBeenCalled();
});
