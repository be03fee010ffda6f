/** A model on this device: brought here by the product's own download, checked, run, stopped. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { findWeights, makeToy, type OpenedWithModel, openWithModel, type Weights } from './support/device-model';
import { answerApproval, browserNames, callOf, type Oriel, settled, start, until } from './support/oriel';

const openForm = async ({ browser }: Oriel): Promise<TestPage> => {
  const options = await browser.newPage(browser.extensionUrl('options.html#connections/add'));
  await options.select('Provider', 'On this device');
  return options;
};

describe.each(browserNames)('%s, with the tiny model that a script of ours writes', (name) => {
  let opened: OpenedWithModel;
  let answer: string;

  beforeAll(async () => {
    const toy = await makeToy();
    answer = toy.answer;
    opened = await openWithModel(name, toy.weights);
  });
  afterAll(() => opened?.close());

  test('a damaged file is refused and nothing of it is kept', async () => {
    opened.served.state.damage = true;
    const options = await openForm(opened.oriel);
    await options.click('button', 'Download and connect');
    await options.waitForText(/downloaded file is damaged/);
    await options.close();
    opened.served.state.damage = false;
  });

  test('the model is downloaded once and answers a page; the answer streams', async () => {
    const { oriel, served } = opened;
    const options = await openForm(oriel);
    served.state.requests = 0;
    await options.click('button', 'Download and connect');
    await options.waitForText(/^Connected$/m, 30_000);
    await options.close();
    const page = await oriel.visit('localhost');
    const call = await start(page, { messages: [{ role: 'user', content: 'Who are you?' }] }, {}, { streams: true });
    await answerApproval(oriel.browser, 'Always allow');
    const answered = await settled(page, call, 60_000);
    expect(answered.value).toEqual([{ message: { role: 'assistant', content: answer } }]);
    expect(answered.stream.map(([result]) => result?.message?.content).join('')).toBe(answer);
    expect(served.state.requests).toBe(1);
    await page.close();
  });

  test('two pages at once are answered one after the other', async () => {
    const pages = [await opened.oriel.visit('localhost'), await opened.oriel.visit('localhost')];
    const calls = await Promise.all(pages.map((page) => start(page, { prompt: 'hello' })));
    for (const [index, page] of pages.entries()) {
      expect(await settled(page, calls[index] ?? '', 60_000)).toMatchObject({ state: 'resolved', value: [{ text: answer }] });
      await page.close();
    }
  });
});

describe.each(browserNames)('%s, with SmolLM2', (name) => {
  let weights: Weights;
  let opened: OpenedWithModel | undefined;

  beforeAll(async () => {
    weights = await findWeights();
    if (weights.real) opened = await openWithModel(name, weights);
  }, 400_000);
  afterAll(() => opened?.close());

  test('a real question gets a real answer, and an abort stops the computation', { timeout: 240_000 }, async ({ skip }) => {
    if (!opened) return skip('the weights of SmolLM2 could not be had from any source');
    const { oriel } = opened;
    const options = await openForm(oriel);
    await options.click('button', 'Download and connect');
    await options.waitForText(/^Connected$/m, 120_000);
    await options.close();
    const page = await oriel.visit('localhost');
    const question = { messages: [{ role: 'user', content: 'What is the capital of France?' }] };
    const first = await start(page, question, { temperature: 0, maxTokens: 40 }, { streams: true });
    await answerApproval(oriel.browser, 'Allow this visit');
    const { value, stream } = await settled(page, first, 120_000);
    expect(JSON.stringify(value)).toContain('Paris');
    expect(stream.length).toBeGreaterThan(3);

    const endless = await start(
      page,
      { prompt: 'Write a very long story about the sea.' },
      { maxTokens: 2000 },
      { streams: true },
    );
    await until(async () => (await callOf(page, endless)).stream.length > 3, 60_000);
    await page.evaluate(
      (id: string) => (globalThis as unknown as { aborts: Record<string, AbortController> }).aborts[id]?.abort(),
      endless,
    );
    expect((await settled(page, endless)).state).toBe('rejected');
    // One generation at a time: the next one is answered at once only if the first has really stopped.
    const next = await settled(page, await start(page, question, { temperature: 0, maxTokens: 8 }), 30_000);
    expect(next).toMatchObject({ state: 'resolved' });
    expect(next.settledAfter).toBeLessThan(15_000);
    await page.close();
  });
});

test('npm start without a display ends with an answer to a page, after the approval was shown and pressed', {
  timeout: 400_000,
}, async () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join('scripts', 'start.mjs'), '--headless'], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const { model, real } = await findWeights();
  expect(stdout).toContain(`model: ${model.name} sha256:${model.sha256?.slice(0, 12)}\n`);
  expect(stdout).toMatch(/^question: .+$/m);
  expect(stdout).toMatch(/^answer: .+$/m);
  expect(stdout).toMatch(/^tokens\/s: /m);
  expect(stdout).toMatch(/^screenshots: .+$/m);
  expect(stdout.includes('only the tiny test model')).toBe(!real);
});
