import { expect, test, vi } from 'vitest';
import { type Announcement, announce } from '../../page/announce';
import { createPageClient } from '../../page/client';
import { install } from '../../page/install';
import { createWindowAi } from '../../page/window-ai';
import { createRelayEnd } from './support/relay-end';

const createAi = () => createWindowAi(createPageClient(createRelayEnd().port), '1.2.3');
const createWindow = () => new EventTarget() as unknown as Window & { ai?: unknown };

test('window.ai is put where there is none, and a page may replace but not assign it', () => {
  const window = createWindow();
  const ai = createAi();
  expect(install(window, ai)).toBe(true);
  expect(window.ai).toBe(ai);
  expect('ai' in window).toBe(true);
  expect(Object.getOwnPropertyDescriptor(window, 'ai')).toMatchObject({ writable: false, configurable: true, enumerable: true });
});

test.each([
  ['own', (window: object) => Object.assign(window, { ai: { other: true } })],
  ['inherited', (window: object) => Object.setPrototypeOf(window, { ai: { other: true } })],
  ['undefined', (window: object) => Object.assign(window, { ai: undefined })],
])('a window.ai that is there (%s) is left alone', (_name, prepare) => {
  const window = createWindow();
  prepare(window);
  const before = window.ai;
  expect(install(window, createAi())).toBe(false);
  expect(window.ai).toBe(before);
});

test('Oriel announces itself at start and on request, with a frozen detail', () => {
  const window = createWindow();
  const ai = createAi();
  const heard: Announcement[] = [];
  window.addEventListener('ai:announce', (event) => heard.push((event as CustomEvent<Announcement>).detail));
  announce(window, ai, '1.2.3');
  expect(heard).toHaveLength(1);
  window.dispatchEvent(new Event('ai:request'));
  expect(heard).toHaveLength(2);
  expect(heard[1]).toEqual({ info: { name: 'Oriel', id: 'invalid.oriel', version: '1.2.3' }, provider: ai });
  expect(heard[1]?.provider).toBe(ai);
  expect(Object.isFrozen(heard[1]) && Object.isFrozen(heard[1]?.info)).toBe(true);
});

test('a page that throws while it listens stops nothing', () => {
  const window = createWindow();
  const listener = vi.fn();
  window.addEventListener('ai:announce', listener);
  announce(window, createAi(), '1');
  expect(listener).toHaveBeenCalledTimes(1);
});
