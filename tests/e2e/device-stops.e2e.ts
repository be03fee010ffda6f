/** A stop ends the computation itself, on the real engine with a real model: soon while it writes, and soon while it still reads. And what ends it unasked. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineStatus } from '../../protocol/engine';
import type { TestPage } from '../support/browser';
import { findWeights, type OpenedWithModel, openWithModel } from './support/device-model';
import { answerApproval, browserNames, callOf, delay, settled, start, until } from './support/oriel';
import { api, askBackground, bystander } from './support/own-page';

/** From the abort in the page until nothing is computed any more, in milliseconds. */
const limitOf = { writing: 250, reading: 1500 };

/** When, by `Date.now()`, the engine computed nothing any more. Asks again and again at once: timers of a tab behind another one are slow. */
const engineRests = (watch: TestPage) =>
  watch.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const { runtime } = (globalThis as unknown as { browser?: typeof chrome }).browser ?? chrome;
        const port = runtime.connect({ name: 'ui' });
        const ask = () =>
          port.postMessage({ v: 1, type: 'request', id: 'now', call: { type: 'device-engine', input: {} }, activated: true });
        port.onMessage.addListener((frame: { id?: string; value?: { isGenerating: boolean } }) => {
          if (frame.id !== 'now') return;
          if (frame.value?.isGenerating) return ask();
          port.disconnect();
          resolve(Date.now());
        });
        ask();
      }),
  );

const engineOf = (watch: TestPage) => askBackground<EngineStatus | undefined>(watch, 'device-engine');
const isComputing = async (watch: TestPage) => (await engineOf(watch))?.isGenerating === true;

describe.each(browserNames)('%s', (name) => {
  let opened: OpenedWithModel | undefined;
  let page: TestPage;
  let watch: TestPage;

  beforeAll(async () => {
    const weights = await findWeights();
    if (!weights.real) return;
    opened = await openWithModel(name, weights, 'device-stops');
    const { oriel } = opened;
    watch = await bystander(oriel);
    await askBackground(watch, 'device-download', { modelId: weights.model.id });
    const options = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#connections/add'));
    await options.select('Provider', 'On this device');
    await options.click('button', 'Connect');
    await options.waitForText(/^Connected$/m, 60_000);
    await options.close();
    page = await oriel.visit('localhost');
    const first = await start(page, { prompt: 'Hello' }, { maxTokens: 2 });
    await answerApproval(oriel.browser, 'Allow this visit');
    expect(await settled(page, first, 120_000)).toMatchObject({ state: 'resolved' });
  }, 400_000);
  afterAll(() => opened?.close());

  /** How long the engine went on after the abort of `call`. */
  const stopped = async (call: string) => {
    expect(await isComputing(watch)).toBe(true);
    const abortedAt = await page.evaluate<number, [string]>((id) => {
      (globalThis as unknown as { aborts: Record<string, AbortController> }).aborts[id]?.abort();
      return Date.now();
    }, call);
    const restsAt = await engineRests(watch);
    expect((await settled(page, call)).state).toBe('rejected');
    return restsAt - abortedAt;
  };

  test('while it writes its answer', { timeout: 120_000 }, async ({ skip }) => {
    if (!opened) return skip('the weights of SmolLM2 could not be had from any source');
    const took: number[] = [];
    for (const wait of [0, 130, 370]) {
      const call = await start(
        page,
        { prompt: 'Write a very long story about the sea.' },
        { maxTokens: 1500 },
        { streams: true },
      );
      await until(async () => (await callOf(page, call)).stream.length > 3, 60_000);
      await delay(wait);
      took.push(await stopped(call));
    }
    console.log(`${name}: stopped ${took.join(', ')} ms after the abort, while it wrote`);
    expect(Math.max(...took)).toBeLessThan(limitOf.writing);
  });

  test('while it reads a long prompt', { timeout: 180_000 }, async ({ skip }) => {
    if (!opened) return skip('the weights of SmolLM2 could not be had from any source');
    const took: number[] = [];
    for (const wait of [300, 1500, 4000]) {
      const prompt = `${wait} ${'The tide comes in and goes out again. '.repeat(180)}`;
      const call = await start(page, { prompt }, { maxTokens: 5 }, { streams: true });
      await until(() => isComputing(watch), 10_000);
      await delay(wait);
      expect(await callOf(page, call)).toMatchObject({ state: 'pending', stream: [] });
      took.push(await stopped(call));
    }
    console.log(`${name}: stopped ${took.join(', ')} ms after the abort, while it read`);
    expect(Math.max(...took)).toBeLessThan(limitOf.reading);
  });

  /** What holds the engine dies: Chromium's document of it, or Firefox's background. */
  const killEngine = () =>
    name === 'chromium' ? watch.evaluate(`${api}.offscreen.closeDocument()`) : opened?.oriel.browser.killBackground();

  test.for([
    ['the background', () => opened?.oriel.browser.killBackground()],
    ['what holds the engine', killEngine],
  ] as const)(
    '%s dies while the model loads: the call is cut short, and the next one is answered',
    { timeout: 120_000 },
    async ([_who, kill], { skip }) => {
      if (!opened) return skip('the weights of SmolLM2 could not be had from any source');
      await killEngine();
      const call = await start(page, { prompt: 'Hello' }, { maxTokens: 2 });
      await until(async () => {
        const status = await engineOf(watch);
        return status?.isGenerating === true && status.modelId === undefined;
      }, 10_000);
      await kill();
      expect(await settled(page, call, 10_000)).toMatchObject({ state: 'rejected', error: expect.stringMatching(/cut short/) });
      const next = await start(page, { prompt: 'Hello' }, { maxTokens: 2 });
      expect(await settled(page, next, 60_000)).toMatchObject({ state: 'resolved' });
    },
  );
});
