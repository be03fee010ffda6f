import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { atFirstUse, createOnDemand, type OnDemand, offer } from '../../background/on-demand';

const code = { createProvider: vi.fn() } as unknown as OnDemand;
const scope = globalThis as { orielOnDemand?: OnDemand };

/** A worker that takes a later import only of what it imported while it was installed, as the specification has it. */
function worker() {
  const known = new Set<string>();
  const listeners: (() => void)[] = [];
  let isInstalling = false;
  const importScripts = vi.fn((url: string) => {
    if (!isInstalling && !known.has(url)) throw new DOMException('Not imported while installing', 'NetworkError');
    known.add(url);
    offer(code);
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
        if (ending === 'load') offer(code);
        queueMicrotask(ending === 'error' ? script.onerror : script.onload);
      },
    },
  });
  return sources;
}

beforeEach(() => {
  delete scope.orielOnDemand;
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test('a worker imports the part while it is installed, and a later one of that installation when it needs it', async () => {
  const { importScripts, install } = worker();
  createOnDemand();
  install();
  delete scope.orielOnDemand; // The worker dies.
  const load = createOnDemand();
  expect(importScripts).toHaveBeenCalledTimes(1);
  expect(await load()).toBe(code);
  expect(await load()).toBe(code);
  expect(importScripts).toHaveBeenCalledTimes(2);
});

test('a worker that was never installed with it could not import it', async () => {
  worker();
  await expect(createOnDemand()()).rejects.toThrow('Not imported while installing');
});

test('a page inserts the script, once', async () => {
  const sources = page('load');
  const load = createOnDemand();
  expect(sources).toEqual([]);
  expect(await load()).toBe(code);
  expect(await load()).toBe(code);
  expect(sources).toEqual(['/on-demand.js']);
});

test.each(['error', 'empty'] as const)('a script that fails (%s) says so and is tried again', async (ending) => {
  page(ending);
  const load = createOnDemand();
  await expect(load()).rejects.toThrow('/on-demand.js');
  page('load');
  expect(await load()).toBe(code);
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
