import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { atFirstUse, createOnDemand, offer, type Parts } from '../../background/on-demand';

const code = { createProvider: vi.fn() } as unknown as Parts['backends'];
const scope = globalThis as { orielParts?: Partial<Parts> };

/** A worker that takes a later import only of what it imported while it was installed, as the specification has it. */
function worker() {
  const known = new Set<string>();
  const listeners: (() => void)[] = [];
  let isInstalling = false;
  const importScripts = vi.fn((url: string) => {
    if (!isInstalling && !known.has(url)) throw new DOMException('Not imported while installing', 'NetworkError');
    known.add(url);
    if (url === '/backends.js') offer('backends', code);
  });
  vi.stubGlobal('importScripts', importScripts);
  vi.stubGlobal('addEventListener', (type: string, listener: () => void) => type === 'install' && listeners.push(listener));
  const install = () => {
    isInstalling = true;
    for (const listener of listeners) listener();
    isInstalling = false;
  };
  return { importScripts, install };
}

/** A page whose scripts end as the test says. */
function page(ending: 'load' | 'error' | 'empty') {
  const sources: string[] = [];
  vi.stubGlobal('document', {
    createElement: () => ({}),
    head: {
      append(script: { src: string; onload: () => void; onerror: () => void }) {
        sources.push(script.src);
        if (ending === 'load') offer('backends', code);
        queueMicrotask(ending === 'error' ? script.onerror : script.onload);
      },
    },
  });
  return sources;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  delete scope.orielParts;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a worker imports what speaks to backends by itself, once its listeners stand', async () => {
  const { importScripts, install } = worker();
  createOnDemand();
  install();
  delete scope.orielParts;
  importScripts.mockClear();
  const load = createOnDemand();
  expect(importScripts).not.toHaveBeenCalled();
  await vi.runAllTimersAsync();
  expect(await load.backends()).toBe(code);
  expect(importScripts.mock.calls).toEqual([['/backends.js']]);
});

test('a worker imports the part while it is installed, and a later one of that installation when it needs it', async () => {
  const { importScripts, install } = worker();
  createOnDemand();
  install();
  delete scope.orielParts; // The worker dies.
  const load = createOnDemand();
  expect(importScripts.mock.calls).toEqual(['backends', 'database', 'forms', 'setup', 'screens'].map((name) => [`/${name}.js`]));
  expect(await load.backends()).toBe(code);
  expect(await load.backends()).toBe(code);
  expect(importScripts).toHaveBeenCalledTimes(6);
  await expect(load.screens()).rejects.toThrow('/screens.js offers nothing');
});

test('a worker that was never installed with it could not import it', async () => {
  worker();
  await expect(createOnDemand().backends()).rejects.toThrow('Not imported while installing');
});

test('a page inserts the script, once', async () => {
  const sources = page('load');
  const load = createOnDemand();
  expect(sources).toEqual([]);
  expect(await load.backends()).toBe(code);
  expect(await load.backends()).toBe(code);
  expect(sources).toEqual(['/backends.js']);
});

test('a page that is asked for it again before it is there inserts no second one', async () => {
  const sources = page('load');
  const load = createOnDemand();
  const both = [load.screens(), load.screens()];
  for (const one of both) await expect(one).rejects.toThrow('offers nothing');
  expect(sources).toEqual(['/screens.js']);
});

test.each(['error', 'empty'] as const)('a script that fails (%s) says so and is tried again', async (ending) => {
  page(ending);
  const load = createOnDemand();
  await expect(load.backends()).rejects.toThrow('/backends.js');
  page('load');
  expect(await load.backends()).toBe(code);
});

test('a part is made at its first use and kept; a failure is not kept', async () => {
  let isMissing = true;
  const make = vi.fn(() => ({}));
  const part = atFirstUse(async () => {
    if (isMissing) throw new Error('missing');
    return code;
  }, make);
  await expect(part()).rejects.toThrow('missing');
  isMissing = false;
  expect(await part()).toBe(await part());
  expect(make).toHaveBeenCalledTimes(1);
});
