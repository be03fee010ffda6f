/** A model on this device, in Chromium: brought here by the product's own download, checked, run, stopped. */

import { spawnSync } from 'node:child_process';
import { createReadStream, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeviceModel } from '../../protocol/engine';
import type { TestPage } from '../support/browser';
import { answerApproval, callOf, type Oriel, openOriel, settled, start, until } from './support/oriel';

interface Weights {
  readonly file: string;
  readonly model: Omit<DeviceModel, 'url'>;
  readonly real: boolean;
}

/** Serves one file on loopback; `damage` flips a byte of it. */
async function serveModel(file: string) {
  const state = { damage: false, requests: 0 };
  const server = http.createServer((_request, response) => {
    state.requests += 1;
    if (!state.damage) return createReadStream(file).pipe(response);
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    return response.end(bytes);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.gguf`, close: () => server.close() };
}

/** The product, but for the address of its one model. */
function build(model: DeviceModel): string {
  const mode = `device-${model.id}`;
  const env = { ...process.env, WXT_DEVICE_MODEL: JSON.stringify(model) };
  const { status, stderr } = spawnSync(
    process.execPath,
    ['node_modules/wxt/bin/wxt.mjs', 'build', '-b', 'chrome', '--mode', mode],
    { env, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return resolve('.output', `chrome-mv3-${mode}`);
}

async function openWith(weights: Weights) {
  const served = await serveModel(weights.file);
  const extension = build({ ...weights.model, url: served.url });
  const oriel = await openOriel('chromium', {}, { extension });
  return {
    oriel,
    served,
    async close() {
      await oriel.close();
      served.close();
      rmSync(extension, { recursive: true, force: true });
    },
  };
}

const openForm = async ({ browser }: Oriel): Promise<TestPage> => {
  const options = await browser.newPage(browser.extensionUrl('options.html#connections/add'));
  await options.select('Provider', 'On this device');
  return options;
};

const findWeights = async (): Promise<Weights> => {
  const scripts = resolve('scripts/model-weights.mjs');
  return (await import(scripts)).findWeights({ cacheDir: resolve('.cache/models') });
};

const makeToy = async (): Promise<{ weights: Weights; answer: string }> => {
  const { findWeights: find } = await import(resolve('scripts/model-weights.mjs'));
  const { toyAnswer } = await import(resolve('scripts/make-toy-model.mjs'));
  // With no source to ask, what is left is the model that the script writes.
  return { weights: await find({ cacheDir: resolve('.cache/models'), log: () => undefined, sources: [] }), answer: toyAnswer };
};

describe('with the tiny model that a script of ours writes', () => {
  let opened: Awaited<ReturnType<typeof openWith>>;
  let answer: string;

  beforeAll(async () => {
    const toy = await makeToy();
    answer = toy.answer;
    opened = await openWith(toy.weights);
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

describe('with SmolLM2', () => {
  let weights: Weights;
  let opened: Awaited<ReturnType<typeof openWith>> | undefined;

  beforeAll(async () => {
    weights = await findWeights();
    if (weights.real) opened = await openWith(weights);
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
  expect(stdout).toContain(`model: ${model.name} sha256:${model.sha256.slice(0, 12)}\n`);
  expect(stdout).toMatch(/^question: .+$/m);
  expect(stdout).toMatch(/^answer: .+$/m);
  expect(stdout).toMatch(/^tokens\/s: /m);
  expect(stdout).toMatch(/^screenshots: .+$/m);
  expect(stdout.includes('only the tiny test model')).toBe(!real);
});
