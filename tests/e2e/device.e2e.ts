/** A model on this device: brought here by the product's own download, checked, run, stopped. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { findWeights, makeLonger, makeToy, type OpenedWithModel, openWithModel, type Weights } from './support/device-model';
import { answerApproval, browserNames, callOf, type Oriel, settled, start, until } from './support/oriel';
import { askBackground } from './support/own-page';

const openForm = async ({ browser }: Oriel): Promise<TestPage> => {
  const options = await browser.newPage(browser.extensionUrl('options.html#connections/add'));
  await options.select('Provider', 'On this device');
  return options;
};

/** The person's own file, put into the field as a choice in the browser's dialog does. */
const chooseFile = (page: TestPage, url: string) =>
  page.evaluate(async (from: string) => {
    const input = document.querySelector<HTMLInputElement>('input[type=file]');
    const chosen = new DataTransfer();
    chosen.items.add(new File([await (await fetch(from)).arrayBuffer()], 'My model.gguf'));
    if (!input) throw new Error('There is no field for a file.');
    input.files = chosen.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }, url);

/** Asks for a chat completion as OpenAI's client does, and gives the body of the answer. */
const completionOf =
  (page: TestPage) =>
  (messages: readonly object[], more: object = {}) =>
    page.evaluate(
      async (body: object) => {
        const { ai } = window as unknown as { ai: { fetch: typeof fetch; baseURL: string } };
        const response = await ai.fetch(`${ai.baseURL}/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
        return response.json();
      },
      { model: 'default', messages, ...more },
    );

describe.each(browserNames)('%s, with the tiny model that a script of ours writes', (name) => {
  let opened: OpenedWithModel;
  let answer: string;
  let weights: Weights;
  const files = () => opened.hub.requests.filter(({ path }) => path.startsWith('/cdn/'));
  const openModels = async () => {
    const page = await opened.oriel.browser.newPage(opened.oriel.browser.extensionUrl('options.html#models'));
    await page.waitForText('Other models');
    return page;
  };

  beforeAll(async () => {
    const toy = await makeToy();
    answer = toy.answer;
    weights = makeLonger(toy.weights, 12_000_000);
    opened = await openWithModel(name, weights);
  });
  afterAll(async () => {
    await opened?.close();
    rmSync(weights.file, { force: true });
  });

  test('a damaged file is refused and nothing of it is kept', async () => {
    opened.hub.faults.damage = true;
    const options = await openForm(opened.oriel);
    await options.click('button', 'Download and connect');
    await options.waitForText(/downloaded file is damaged/, 20_000);
    await options.close();
    opened.hub.faults.damage = false;
  });

  test('a full disk is said as such', async ({ skip }) => {
    const options = await openModels();
    if (!options.limitStorage) {
      await options.close();
      return skip('no way is known to make the storage of this browser small while it runs');
    }
    await options.limitStorage(5_000_000);
    try {
      await options.click('button', 'Download');
      await options.click('button', 'Download', { within: { role: 'dialog' } });
      await options.waitForText(/not enough room for this model/, 15_000);
    } finally {
      await options.limitStorage(undefined);
      await options.evaluate(async () => {
        const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('models');
        for await (const name of folder.keys()) await folder.removeEntry(name, { recursive: true });
      });
      await options.close();
    }
  });

  test('when the background ends in the middle, the rest alone is fetched; cut off again, it goes on by itself', async () => {
    opened.hub.requests.length = 0;
    opened.hub.faults.stallAfter = 10_000_000;
    const options = await openModels();
    await options.click('button', 'Download');
    await options.waitForText(/from 127\.0\.0\.1/);
    await options.click('button', 'Download', { within: { role: 'dialog' } });
    await options.waitForText(/10 MB of 14 MB/, 15_000);
    await opened.oriel.browser.killBackground();
    await options.waitForRole('button', 'Resume', { timeoutMs: 15_000 });
    opened.hub.faults.stallAfter = undefined;
    const cut = 1_500_000;
    opened.hub.faults.cutAfter = cut;
    await options.click('button', 'Resume');
    await options.waitForText(/^Connected$/m, 30_000);
    opened.hub.faults.cutAfter = undefined;
    await options.close();
    const [first, ...rest] = files().map(({ range }) => range);
    const [kept = 0, then = 0] = rest.map((range) => Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1]));
    expect(first).toBeUndefined();
    // Whole pieces of 8 MiB are kept; where the browser lets the background end in peace, all that had come.
    expect(kept).toBeGreaterThanOrEqual(8 * 1024 * 1024);
    expect(kept).toBeLessThanOrEqual(10_000_000);
    // What was on its way when the line was cut may be lost.
    expect(then).toBeGreaterThan(kept);
    expect(then).toBeLessThanOrEqual(kept + cut);
    expect(files()[1]?.ifRange).toBe(`"${weights.model.sha256}"`);
  });

  test('the model answers a page; the answer streams, and the page Models shows what computes', async () => {
    const { oriel } = opened;
    const page = await oriel.visit('localhost');
    const call = await start(page, { messages: [{ role: 'user', content: 'Who are you?' }] }, {}, { streams: true });
    await answerApproval(oriel.browser, 'Always allow');
    const answered = await settled(page, call, 60_000);
    expect(answered.value).toEqual([{ message: { role: 'assistant', content: answer } }]);
    expect(answered.stream.map(([result]) => result?.message?.content).join('')).toBe(answer);
    await page.close();
    const models = await openModels();
    await models.waitForText(/Toy model is in memory and uses the processor, (1 thread|\d threads)\./);
    await models.waitForText(/Here it (read [\d,.]+ tokens a second and )?wrote [\d,.]+/);
    await models.close();
  });

  test('two pages at once are answered one after the other', async () => {
    const pages = [await opened.oriel.visit('localhost'), await opened.oriel.visit('localhost')];
    const calls = await Promise.all(pages.map((page) => start(page, { prompt: 'hello' })));
    for (const [index, page] of pages.entries()) {
      expect(await settled(page, calls[index] ?? '', 60_000)).toMatchObject({ state: 'resolved', value: [{ text: answer }] });
      await page.close();
    }
  });

  test('the second turn of a long chat reads only what is new, and a schema is kept to', async () => {
    const page = await opened.oriel.visit('localhost');
    const ask = completionOf(page);
    const first = { role: 'user', content: 'word '.repeat(200) };
    const { usage, choices } = await ask([first]);
    expect(usage.prompt_tokens).toBeGreaterThan(1000);
    const next = await ask([first, choices[0].message, { role: 'user', content: 'And then?' }]);
    expect(next.usage.prompt_tokens_details.cached_tokens).toBeGreaterThanOrEqual(usage.prompt_tokens);
    expect(next.usage.prompt_tokens - next.usage.prompt_tokens_details.cached_tokens).toBeLessThan(100);

    const schema = {
      type: 'object',
      properties: { mood: { enum: ['calm', 'cross'] } },
      required: ['mood'],
      additionalProperties: false,
    };
    const formed = await ask([{ role: 'user', content: 'How are you?' }], {
      response_format: { type: 'json_schema', json_schema: { name: 'mood', schema, strict: true } },
    });
    expect(['calm', 'cross']).toContain(JSON.parse(formed.choices[0].message.content).mood);
    await page.close();
  });

  test('a page’s tool is called, in the form of its schema, and its result goes back to the model', async () => {
    const page = await opened.oriel.visit('localhost');
    const ask = completionOf(page);
    const parameters = {
      ...{ type: 'object', properties: { harbour: { enum: ['Bern', 'Kiel'] } } },
      ...{ required: ['harbour'], additionalProperties: false },
    };
    const tools = ['get_tide', 'get_wind'].map((name) => ({ type: 'function', function: { name, parameters } }));
    const asked = { role: 'user', content: 'Is it windy?' };
    const called = ask([asked], { tools });
    await answerApproval(opened.oriel.browser, 'Always allow');
    const [{ message, finish_reason: reason }] = (await called).choices;
    expect(reason).toBe('tool_calls');
    const { toyCall } = await import(resolve('scripts/make-toy-model.mjs'));
    expect(message.tool_calls).toMatchObject([{ type: 'function', function: { name: toyCall.name } }]);
    expect(JSON.parse(message.tool_calls[0].function.arguments)).toEqual(toyCall.arguments);

    const result = { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'calm' };
    const then = await ask([asked, message, result], { tools });
    expect(then.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: answer } });

    // It would call the other one.
    const forced = await ask([asked], { tools, tool_choice: { type: 'function', function: { name: 'get_tide' } } });
    const [{ function: made }] = forced.choices[0].message.tool_calls;
    expect([forced.choices[0].finish_reason, made.name]).toEqual(['tool_calls', 'get_tide']);
    expect(['Bern', 'Kiel']).toContain(JSON.parse(made.arguments).harbour);
    await page.close();
  });

  test('what is too long for the model is said as such, counted by the engine itself; a session goes on without its oldest turns', async () => {
    const page = await opened.oriel.visit('localhost');
    // A letter is a token of this model; the template adds three.
    const ask = (letters: number) =>
      page.evaluate(async (content: string) => {
        const { ai } = window as unknown as { ai: { fetch: typeof fetch; baseURL: string } };
        const body = JSON.stringify({ model: 'default', messages: [{ role: 'user', content }] });
        const response = await ai.fetch(`${ai.baseURL}/chat/completions`, { method: 'POST', body });
        return { status: response.status, body: await response.json() };
      }, 'x'.repeat(letters));
    const most = (weights.model.contextTokens ?? 0) - 4;
    expect(await ask(most)).toMatchObject({
      status: 200,
      body: { choices: [{ finish_reason: 'length' }], usage: { prompt_tokens: most + 3, completion_tokens: 1 } },
    });
    expect(await ask(most + 1)).toMatchObject({ status: 400, body: { error: { code: 'context_length_exceeded' } } });

    const asked = await page.evaluate(async () => {
      interface Session extends EventTarget {
        prompt(text: string): Promise<string>;
      }
      const { LanguageModel } = window as unknown as { LanguageModel: { create(): Promise<Session> } };
      const session = await LanguageModel.create();
      let overflows = 0;
      session.addEventListener('contextoverflow', () => {
        overflows += 1;
      });
      const answers: string[] = [];
      for (const letter of ['a', 'b', 'c']) answers.push(await session.prompt(letter.repeat(900)));
      const tooLong = await session.prompt('d'.repeat(3000)).catch(({ name }: DOMException) => name);
      return { answers, overflows, tooLong };
    });
    expect(asked).toEqual({ answers: [answer, answer, answer], overflows: 1, tooLong: 'QuotaExceededError' });
    await page.close();
    const activity = await opened.oriel.browser.newPage(opened.oriel.browser.extensionUrl('options.html#activity'));
    await activity.waitForText(/Failed after/);
    await activity.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true;
    });
    await activity.waitForText(/longer than the model can read/);
    await activity.close();
  });

  test('a model for embeddings, beside the one that answers, makes vectors of texts', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oriel-embedder-'));
    const { writeToyEmbedder, toyTopics, toyEmbedderContext } = await import(resolve('scripts/make-toy-model.mjs'));
    writeToyEmbedder(join(folder, 'embedder.gguf'));
    const page = await opened.oriel.visit('localhost');
    const embed = (input: readonly string[]) =>
      page.evaluate((texts) => {
        interface Embeds {
          embed(request: object): Promise<{ model: string; vectors: number[][]; inputTokens: number }>;
        }
        const made = (window as unknown as { ai: Embeds }).ai.embed({ input: texts });
        return made.catch(({ name }: DOMException) => name);
      }, input);
    const [[sea, tide], [bread]] = toyTopics;
    const first = embed([sea]);
    await answerApproval(opened.oriel.browser, 'Always allow');
    expect(await first).toBe('NotSupportedError');

    opened.hub.put('toy/embedder', 'embedder.gguf', readFileSync(join(folder, 'embedder.gguf')));
    rmSync(folder, { recursive: true });
    const models = await openModels();
    await models.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true;
    });
    await chooseFile(models, `${opened.hub.origin}/cdn/toy/embedder/embedder.gguf`);
    await models.click('button', 'Copy it here');
    await models.waitForText(/It makes embeddings for pages/, 20_000);
    const made = await embed([`${sea} ${sea}`, tide, bread]);
    if (typeof made === 'string') throw new Error(made);
    // Each text has a token at its start and one at its end.
    expect(made).toMatchObject({ model: 'my-model', inputTokens: 4 + 3 + 3 });
    const [a = [], b = [], c = []] = made.vectors;
    const likeness = (left: readonly number[], right: readonly number[]) =>
      left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
    expect(a).toHaveLength(32);
    expect([likeness(a, a), likeness(a, b)].map((value) => value.toFixed(3))).toEqual(['1.000', '1.000']);
    expect(likeness(a, c)).toBeLessThan(0.1);
    expect(await embed([`${sea} `.repeat(toyEmbedderContext)])).toBe('QuotaExceededError');
    // The one that chats still does.
    expect(await settled(page, await start(page, { prompt: 'hello' }), 60_000)).toMatchObject({ value: [{ text: answer }] });
    await page.close();
    await models.click('button', 'Delete download', { nth: 1 });
    await models.click('button', 'Delete download', { within: { role: 'dialog' } });
    await models.waitForNoRole('heading', 'My model');
    await models.close();
  });

  test('a file of this computer is copied here and answers; deleted, it is gone and says so', async () => {
    const { oriel, hub } = opened;
    const models = await openModels();
    await models.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true;
    });
    await chooseFile(models, `${hub.origin}/cdn/oriel/tests/model.gguf`);
    await models.click('button', 'Copy it here');
    await models.waitForRole('heading', 'My model', { timeoutMs: 20_000 });
    await until(async () => (await models.text()).match(/^Connected$/gm)?.length === 2, 20_000);
    await models.click('button', 'Delete download', { nth: 1 });
    await models.click('button', 'Delete download', { within: { role: 'dialog' } });
    await models.waitForNoRole('heading', 'My model');
    await models.click('button', 'Delete download');
    await models.click('button', 'Delete download', { within: { role: 'dialog' } });
    await models.waitForText(/No model is here yet/);
    const kept = await models.evaluate(async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('models');
      let count = 0;
      for await (const _entry of folder.values()) count += 1;
      return count;
    });
    expect(kept).toBe(0);
    await models.close();
    const page = await oriel.visit('localhost');
    expect(await settled(page, await start(page, { prompt: 'hello' }))).toMatchObject({ state: 'rejected' });
    await page.close();
  });

  test('the model hub is searched; a model that it has in several files is downloaded as one, and answers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oriel-parts-'));
    const names = ['big-00001-of-00002.gguf', 'big-00002-of-00002.gguf'];
    const { writeToyParts } = await import(resolve('scripts/make-toy-model.mjs'));
    writeToyParts(names.map((file) => join(folder, file)));
    for (const file of names) opened.hub.put('oriel/parts', file, readFileSync(join(folder, file)));
    rmSync(folder, { recursive: true });
    const models = await openModels();
    await models.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true;
    });
    await models.fill('Search for', 'parts');
    await models.click('button', 'Search');
    await models.waitForText(/oriel\/parts/);
    await models.click('button', 'Show files');
    await models.waitForText(/big\.gguf/);
    await models.click('button', 'Download', { nth: 1 });
    await models.click('button', 'Download', { within: { role: 'dialog' } });
    await models.waitForRole('heading', 'big.gguf', { timeoutMs: 20_000 });
    await models.waitForText(/^Connected$/m, 30_000);
    const { connections } = await askBackground<{ connections: { id: string; name: string }[] }>(models, 'overview');
    await askBackground(models, 'connection-use', { id: connections.find(({ name }) => name === 'big.gguf')?.id });
    await models.close();
    const page = await opened.oriel.visit('localhost');
    expect(await settled(page, await start(page, { prompt: 'hello' }), 60_000)).toMatchObject({ value: [{ text: answer }] });
    await page.close();
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

  test('the person’s own samplers reach the engine', { timeout: 120_000 }, async ({ skip }) => {
    if (!opened) return skip('the weights of SmolLM2 could not be had from any source');
    const { oriel } = opened;
    const page = await oriel.visit('localhost');
    const answerWith = (seed: number) =>
      page.evaluate(async (chance: number) => {
        const { ai } = window as unknown as { ai: { generate(request: object): AsyncIterable<Record<string, unknown>> } };
        const messages = [{ role: 'user', content: 'Tell me a story.' }];
        const parts: Record<string, unknown>[] = [];
        for await (const part of ai.generate({ messages, temperature: 2, maxOutputTokens: 12, seed: chance })) parts.push(part);
        return parts.map(({ text = '' }) => text).join('');
      }, seed);
    // The visit of the test before ended with its page.
    const first = answerWith(1);
    await answerApproval(oriel.browser, 'Allow this visit');
    const free = [await first, await answerWith(2)];
    expect(free[0]).not.toBe(free[1]);
    const options = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html'));
    const { connections } = await askBackground<{ connections: { id: string }[] }>(options, 'overview');
    // Nothing but the likeliest word is left, whatever the temperature.
    const samplers = { topNSigma: 0.0001 };
    await askBackground(options, 'connection-update', { id: connections[0]?.id, options: { samplers } });
    await options.close();
    const bound = [await answerWith(1), await answerWith(2)];
    expect(bound[0]).toBe(bound[1]);
    expect(bound[0]).not.toBe('');
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
