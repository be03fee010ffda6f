import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** The part of the browser's API that the shell touches, with the optional permissions that are given. */
const api = vi.hoisted(() => ({
  given: new Set<string>(),
  manifest: { version: '1.2.3' } as { version: string; optional_permissions?: string[] },
  refuses: false,
}));
vi.mock('webextension-polyfill', () => {
  type Asked = { permissions: string[] };
  const has = async ({ permissions }: Asked) => permissions.every((name) => api.given.has(name));
  const request = async ({ permissions }: Asked) => {
    if (!api.refuses) for (const name of permissions) api.given.add(name);
    return !api.refuses;
  };
  const remove = async ({ permissions }: Asked) => permissions.every((name) => api.given.delete(name));
  return {
    default: { runtime: { getManifest: () => api.manifest }, permissions: { contains: has, request, remove }, commands: {} },
  };
});

import { browserShell } from '../../components/client';
import { fakeBackground } from './support/background';
import { openai } from './support/samples';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const travel = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds);

test('asks for the overview and follows what is pushed', async () => {
  const background = fakeBackground();
  expect(background.client.overview.value).toBeUndefined();
  await travel();
  expect(background.client.overview.value?.connections).toEqual([]);
  background.push({ connections: [openai] });
  await travel();
  expect(background.client.overview.value?.connections).toEqual([openai]);
});

test('rejects what is in flight when the background dies, and comes back by itself', async () => {
  const background = fakeBackground({}, { sites: () => new Promise(() => undefined) });
  await travel();
  const call = background.client.call('sites', {});
  const outcome = expect(call).rejects.toMatchObject({ code: 'interrupted' });
  await travel();
  background.push({ connections: [openai] });
  background.die();
  await outcome;
  await travel(1_000);
  expect(background.client.session.value).toBe(2);
  expect(background.client.overview.value?.connections).toEqual([openai]);
});

test('a call does not wait for the pause between two ports', async () => {
  const background = fakeBackground({}, { sites: () => [] });
  await travel();
  background.die();
  await travel();
  const call = background.client.call('sites', {});
  await travel();
  await expect(call).resolves.toEqual([]);
  await travel(5_000);
  expect(background.client.session.value).toBe(2);
});

test("the background's refusal keeps its code and its field", async () => {
  const background = fakeBackground();
  const call = background.client.call('models', { id: 'x'.repeat(100) as never });
  const outcome = expect(call).rejects.toMatchObject({ code: 'invalid-request' });
  await travel();
  await outcome;
});

test('T70 the lock with the computer is offered where the manifest has its permission, and is on while that is given', async () => {
  expect(browserShell()).toMatchObject({ version: '1.2.3', computerLock: undefined });
  api.manifest.optional_permissions = ['idle'];
  const { computerLock } = browserShell();
  expect(await computerLock?.isOn()).toBe(false);
  expect(await computerLock?.set(true)).toBe(true);
  expect(await computerLock?.isOn()).toBe(true);
  expect(await computerLock?.set(false)).toBe(false);
  api.refuses = true;
  expect(await computerLock?.set(true)).toBe(false);
  expect(api.given.size).toBe(0);
});
