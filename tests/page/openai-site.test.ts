import { expect, test, vi } from 'vitest';
import { announceEvent, requestEvent } from '../../page/announce';
import { baseURL } from '../../page/openai-fetch';
import { answerOwnFetch } from '../../page/openai-site';

function createPage() {
  const native = vi.fn(async () => new Response('native'));
  const ours = vi.fn(async () => new Response('ours'));
  const window = Object.assign(new EventTarget(), { fetch: native as unknown as typeof fetch });
  const announce = (fetch: unknown = ours) =>
    window.dispatchEvent(new CustomEvent(announceEvent, { detail: { provider: { fetch } } }));
  return { window: window as unknown as Window & { fetch: typeof fetch }, native, ours, announce };
}

const url = `${baseURL}/chat/completions`;

test('requests to Oriel’s address are Oriel’s, however they are written; all others go where they went', async () => {
  const { window, native, ours, announce } = createPage();
  answerOwnFetch(window);
  announce();
  const init = { method: 'POST', body: '{}' };
  for (const input of [url, new URL(url), new Request(url)]) expect(await (await window.fetch(input, init)).text()).toBe('ours');
  expect(ours.mock.calls).toHaveLength(3);
  expect(ours.mock.calls[0]).toEqual([url, init]);
  for (const input of [
    '/relative',
    'https://api.openai.com/v1/models',
    new URL('https://site.test/'),
    new Request('https://site.test/'),
  ])
    expect(await (await window.fetch(input)).text()).toBe('native');
  expect(native.mock.calls.at(0)).toEqual(['/relative']);
  expect(native.mock.contexts.at(0)).toBe(window);
});

test('it does not matter which of the two scripts comes first', async () => {
  const { window, ours, announce } = createPage();
  window.addEventListener(requestEvent, () => announce());
  answerOwnFetch(window);
  await window.fetch(url);
  expect(ours).toHaveBeenCalled();
});

test('only the first announcement counts: what a page announces later answers nothing', async () => {
  const { window, ours, announce } = createPage();
  answerOwnFetch(window);
  announce();
  const theirs = vi.fn();
  announce(theirs);
  await window.fetch(url);
  expect(ours).toHaveBeenCalled();
  expect(theirs).not.toHaveBeenCalled();
});

test('without Oriel the address is one like any other, and the function keeps its name', async () => {
  const { window } = createPage();
  answerOwnFetch(window);
  expect(await (await window.fetch(url)).text()).toBe('native');
  expect(window.fetch.name).toBe('fetch');
});
