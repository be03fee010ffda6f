import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('webextension-polyfill', () => ({ default: {} }));

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
