/** Servers of a person's own that speak Chat Completions, each with its own habits: connected, asked, answered, and their typical faults. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { respondJson } from '../support/faultd';
import { startLlamaServer } from '../support/servers/llama-server';
import { startLmStudio } from '../support/servers/lm-studio-server';
import { startOpenAiServer } from '../support/servers/openai-server';
import { startWebUi } from '../support/servers/text-generation-webui';
import { type Backend, testBackend, testOff } from './support/backend';
import { browserNames, delay, type Oriel, openOriel, settled, start, until } from './support/oriel';

const place = 'on this computer';

const openAiCompatible = {
  provider: 'OpenAI-compatible server',
  place,
  model: 'test-model',
  key: 'local-0123456789',
  async start(key: string) {
    const server = await startOpenAiServer({ apiKey: key });
    const say = (text: string, chunkDelayMs = 0) => server.set({ answer: () => text, chunkDelayMs });
    return Object.assign(server, { address: server.baseUrl, accepted: server.chats, say });
  },
} satisfies Backend;

const llamaCpp = {
  provider: 'llama.cpp',
  place,
  model: 'qwen3-8b.gguf',
  key: 'local-0123456789',
  async start(key: string) {
    const server = await startLlamaServer({ apiKey: key });
    const say = (text: string, chunkDelayMs = 0) => server.set({ answer: () => text, chunkDelayMs });
    return Object.assign(server, { address: server.baseUrl, accepted: server.chats, say });
  },
} satisfies Backend;

const lmStudio = {
  provider: 'LM Studio',
  place,
  model: 'qwen/qwen3-8b',
  key: 'sk-lm-0123456789',
  async start(key: string) {
    const server = await startLmStudio({ apiKey: key });
    const say = (text: string, chunkDelayMs = 0) => server.set({ answer: () => text, chunkDelayMs });
    return Object.assign(server, { address: server.baseUrl, accepted: server.chats, say });
  },
} satisfies Backend;

const webUi = {
  provider: 'Text generation web UI',
  place,
  model: 'Mistral-7B.gguf',
  key: 'local-0123456789',
  async start(key: string) {
    const server = await startWebUi({ apiKey: key, onDisk: ['Mistral-7B.gguf', 'Qwen3-8B.gguf'], loaded: 'Mistral-7B.gguf' });
    const say = (text: string, chunkDelayMs = 0) => server.set({ answer: () => text, chunkDelayMs });
    return Object.assign(server, { address: server.baseUrl, accepted: server.chats, say });
  },
} satisfies Backend;

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;
  const bed = { oriel: () => oriel, hosts: new Map<string, number>() };

  beforeAll(async () => {
    oriel = await openOriel(name);
  });
  afterAll(() => oriel?.close());

  describe('OpenAI-compatible server', () => {
    testOff(openAiCompatible, testBackend(openAiCompatible, bed));
  });

  describe('llama.cpp', () => {
    const bench = testBackend(llamaCpp, bed);

    test('llama.cpp: while it loads its model the question waits, then it is answered', async () => {
      const { server, visit } = bench();
      server.say('Loaded.');
      server.setLoading(true);
      const before = server.fault.requests.length;
      const page = await visit();
      const call = await start(page, { prompt: 'Hi' });
      await until(async () => server.fault.requests.length > before);
      await delay(300);
      server.setLoading(false);
      expect(await settled(page, call, 20_000)).toMatchObject({ state: 'resolved', value: [{ text: 'Loaded.' }] });
      await page.close();
    });

    testOff(llamaCpp, bench);
  });

  describe('LM Studio', () => {
    const bench = testBackend(lmStudio, bed);

    test('LM Studio: an error that comes as a success is one', async () => {
      const { server, oriel, ask } = bench();
      const error = 'Unexpected endpoint or method. (POST /v1/chat/completions)';
      server.fault.on('POST', '/v1/chat/completions', respondJson(200, { error }));
      expect(await ask()).toMatchObject({ state: 'rejected', error: expect.stringMatching(/^MODEL_REJECTED_REQUEST: 400/) });
      const popup = await oriel.popup();
      await popup.waitForText('My LM Studio did not accept the request.');
      await popup.close();
    });

    testOff(lmStudio, bench);
  });

  describe('Text generation web UI', () => {
    const bench = testBackend(webUi, bed);

    test('Text generation web UI: another model of its disk is loaded before it answers', async () => {
      const { server, oriel, ask } = bench();
      server.say('Loaded.');
      const popup = await oriel.popup();
      await popup.waitForText('On this computer');
      await popup.click('combobox', 'Model');
      await popup.fill('Model', 'Qwen3-8B.gguf');
      await popup.press('Enter');
      await popup.close();
      expect(await ask()).toMatchObject({ state: 'resolved', value: [{ text: 'Loaded.' }] });
      expect(server.loaded()).toBe('Qwen3-8B.gguf');
      expect(server.loads.map(({ model_name }) => model_name)).toEqual(['Qwen3-8B.gguf']);
    });

    testOff(webUi, bench);
  });
});
