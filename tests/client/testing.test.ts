// @vitest-environment happy-dom
import { afterEach, describe, expect, test, vi } from 'vitest';
import { collect } from '../../client/answer';
import { getOriel } from '../../client/get-oriel';
import { createFakeOriel, type FakeOriel, type FakeOrielOptions, installFakeOriel } from '../../client/testing';
import { walletSentences } from './support/wallet-sentences';

let fake: FakeOriel | undefined;
afterEach(() => {
  fake?.uninstall();
  fake = undefined;
});
const install = (options?: FakeOrielOptions) => {
  fake = installFakeOriel(options);
  return fake;
};

const hi = { messages: [{ role: 'user', content: 'Hi' }] } as const;
const nameOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'resolved',
    (error: Error) => error.name,
  );

describe('the sentences that the real wallet is held to as well', () => {
  test.each(walletSentences)('$says', async ({ person, granted, script, expected }) => {
    const { oriel } = createFakeOriel({ granted: granted ?? false, person: person[0] ?? 'refuses' });
    expect(await script(oriel)).toEqual(expected);
  });
});

test('a page finds it as window.ai and by its announcement, until it is uninstalled', async () => {
  const { oriel, uninstall } = install();
  expect((window as { ai?: unknown }).ai).toBe(oriel);
  expect(await getOriel()).toBe(oriel);
  uninstall();
  expect('ai' in window).toBe(false);
  expect(await getOriel({ timeout: 5 })).toBeUndefined();
});

test('it leaves a window.ai alone that is there already', async () => {
  const own = {};
  Object.defineProperty(window, 'ai', { value: own, configurable: true });
  const { oriel, uninstall } = install();
  expect((window as { ai?: unknown }).ai).toBe(own);
  expect(await getOriel()).toBe(oriel);
  uninstall();
  expect((window as { ai?: unknown }).ai).toBe(own);
  Reflect.deleteProperty(window, 'ai');
});

test('answers come one after the other, and the last one again and again', async () => {
  const { oriel, answerWith } = install({ granted: true, answers: ['one', 'two'] });
  const ask = async () => (await collect(oriel.generate(hi))).text;
  expect([await ask(), await ask(), await ask()]).toEqual(['one', 'two', 'two']);
  answerWith('three');
  expect(await ask()).toBe('three');
});

test('a function answers by the request, and every request is kept', async () => {
  const { oriel, requests } = install({ granted: true, answers: ({ temperature }) => `at ${temperature}` });
  expect((await collect(oriel.generate({ ...hi, temperature: 0.5 }))).text).toBe('at 0.5');
  expect(requests).toEqual([{ ...hi, temperature: 0.5 }]);
});

test('an answer has whatever the script says: thoughts, calls of tools, usage', async () => {
  const usage = { inputTokens: 3, outputTokens: 5, estimated: false };
  const { oriel } = install({
    granted: ['tools'],
    answers: [{ reasoning: 'Hm.', toolCalls: [{ name: 'clock', arguments: { zone: 'UTC' } }], usage }],
  });
  const tools = [{ name: 'clock', parameters: { type: 'object' } }];
  const { text, reasoning, toolCalls, ...rest } = await collect(oriel.generate({ ...hi, tools }));
  expect([text, reasoning]).toEqual(['', 'Hm.']);
  expect(toolCalls).toEqual([{ type: 'tool-call', id: 'call-1', name: 'clock', arguments: '{"zone":"UTC"}' }]);
  expect(rest).toEqual({ model: 'fake-model', finishReason: 'tool-calls', usage });
});

test('an answer can break off, and the pieces before it came', async () => {
  const { oriel } = install({ granted: true, answers: [{ text: 'half of', error: 'interrupted' }] });
  let seen = '';
  const onText = (delta: string) => {
    seen += delta;
  };
  expect(await nameOf(collect(oriel.generate(hi), onText))).toBe('NetworkError');
  expect(seen).toBe('half of');
  await expect(oriel.generateText({ prompt: 'Hi' })).rejects.toBe('MODEL_REJECTED_REQUEST: 502: The answer was cut short.');
});

test('progress is told, and one that hangs ends by its signal', async () => {
  const { oriel } = install({
    granted: true,
    answers: [{ progress: [{ stage: 'queued', position: 2 }], text: 'so far', hangs: true }],
  });
  const abort = new AbortController();
  const onProgress = vi.fn();
  const asked = collect(oriel.generate(hi, { signal: abort.signal, onProgress }), () => abort.abort());
  expect(await nameOf(asked)).toBe('AbortError');
  expect(onProgress.mock.calls).toEqual([[{ stage: 'queued', position: 2 }]]);
});

test('a person who waits answers when the test says so', async () => {
  const { oriel, allow, refuse, requests } = install({ person: 'waits' });
  const first = nameOf(collect(oriel.generate(hi)));
  const second = nameOf(oriel.connect());
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(requests).toEqual([]);
  refuse();
  expect([await first, await second]).toEqual(['NotAllowedError', 'NotAllowedError']);
  const third = oriel.connect({ scopes: ['image.in'] });
  await Promise.resolve();
  allow();
  expect(await third).toMatchObject({ state: 'granted', scopes: ['generate', 'models.read', 'image.in'] });
});

test('a permission that is taken back ends what runs, and is told', async () => {
  const { oriel, revoke } = install({ granted: true, answers: [{ text: 'so far', hangs: true }] });
  const told = vi.fn();
  oriel.addEventListener('permissionchange', told);
  const asked = collect(oriel.generate(hi), () => revoke());
  expect(await nameOf(asked)).toBe('NotAllowedError');
  expect(told.mock.calls).toEqual([[{ state: 'prompt' }]]);
  oriel.removeEventListener('permissionchange', told);
  fake?.grant();
  expect(told).toHaveBeenCalledTimes(1);
});

test('a request for more than was allowed asks anew', async () => {
  const { oriel, personWill } = install({ granted: true });
  personWill('refuses');
  const image = { type: 'image', mediaType: 'image/png', data: 'AAAA' } as const;
  expect(await nameOf(collect(oriel.generate({ messages: [{ role: 'user', content: [image] }] })))).toBe('NotAllowedError');
  personWill('allows');
  await collect(oriel.generate({ messages: [{ role: 'user', content: [image] }] }));
  expect(await oriel.permission()).toMatchObject({ scopes: ['generate', 'models.read', 'image.in'] });
});

test('another model is told to the classic listeners of a site with a permission', async () => {
  const { oriel, useModel, grant } = install();
  const told = vi.fn();
  const id = oriel.addEventListener(told);
  useModel({ id: 'quiet' });
  grant();
  useModel({ id: 'loud' });
  oriel.removeEventListener(id);
  useModel({ id: 'late' });
  expect(told.mock.calls).toEqual([['model_changed', { model: 'loud' }]]);
  expect(await oriel.getCurrentModel()).toBe('late');
});

test('cancelling the stream ends the answer', async () => {
  const { oriel } = install({ granted: true, answers: [{ text: 'a b c d', hangs: true }] });
  const reader = oriel.generate(hi).getReader();
  await reader.read();
  await reader.cancel();
  expect(await reader.read()).toEqual({ done: true, value: undefined });
});
