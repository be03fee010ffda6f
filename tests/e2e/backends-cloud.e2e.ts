/** Accounts in the cloud, each played by a stand-in behind the vendor's own host: connected, asked, answered, and their typical faults. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { respondJson } from '../support/faultd';
import { startAnthropicServer } from '../support/servers/anthropic-server';
import { startGeminiServer } from '../support/servers/gemini-server';
import { startMancerServer } from '../support/servers/mancer-server';
import { startNovelAiServer } from '../support/servers/novelai-server';
import { startOpenAiServer } from '../support/servers/openai-server';
import { startOpenRouterServer } from '../support/servers/openrouter-server';
import { startResponsesServer } from '../support/servers/responses-server';
import { startVendors, type Vendors } from '../support/vendors';
import { type Backend, testBackend, testOff } from './support/backend';
import { browserNames, type Oriel, openOriel, settled, start } from './support/oriel';

const openAi = {
  provider: 'OpenAI',
  place: 'by OpenAI in the cloud',
  model: 'gpt-4o-mini',
  key: 'sk-test-0123456789',
  hosts: ['api.openai.com'],
  async start(key: string) {
    const server = await startOpenAiServer({ apiKey: key, models: ['gpt-4o-mini', 'text-embedding-3-small'] });
    const say = (text: string, chunkDelayMs = 0) => server.set({ answer: () => text, chunkDelayMs });
    return Object.assign(server, { accepted: server.chats, say });
  },
} satisfies Backend;

/** Of its models some are known to the Responses API only. */
const openAiResponses = {
  provider: 'OpenAI',
  title: 'OpenAI by its Responses API',
  place: 'by OpenAI in the cloud',
  model: 'gpt-5-pro',
  key: 'sk-test-9876543210',
  hosts: ['api.openai.com'],
  async start(key: string) {
    const server = await startResponsesServer({ apiKey: key });
    const say = (text: string, chunkDelayMs = 0) => server.set({ answer: () => text, chunkDelayMs });
    return Object.assign(server, { accepted: server.asked, say });
  },
} satisfies Backend;

const openRouter = {
  provider: 'OpenRouter',
  place: 'by OpenRouter in the cloud',
  model: 'acme/one',
  key: 'sk-or-v1-0123456789',
  hosts: ['openrouter.ai'],
  async start(key: string) {
    const server = await startOpenRouterServer({ cost: 0.0321 });
    server.keys.set(key, { label: 'Oriel', limit: 10, limit_reset: null, expires_at: null });
    const say = (answer: string, chunkDelayMs = 0) => server.set({ answer, chunkDelayMs });
    return Object.assign(server, { accepted: server.chats, say });
  },
} satisfies Backend;

const claude = {
  provider: 'Anthropic Claude',
  place: 'by Anthropic Claude in the cloud',
  model: 'claude-sonnet-4-6',
  key: 'sk-ant-0123456789',
  hosts: ['api.anthropic.com'],
  async start(key: string) {
    const server = await startAnthropicServer({ apiKey: key });
    const say = (text: string, chunkDelayMs = 0) => server.set({ answer: () => text, chunkDelayMs });
    return Object.assign(server, { accepted: server.messages, say });
  },
} satisfies Backend;

const gemini = {
  provider: 'Google Gemini',
  place: 'by Google Gemini in the cloud',
  model: 'gemini-3.5-flash',
  key: 'AIza-0123456789',
  hosts: ['generativelanguage.googleapis.com'],
  async start(key: string) {
    const server = await startGeminiServer({ apiKey: key });
    const say = (text: string, chunkDelayMs = 0) => server.set({ answer: () => text, chunkDelayMs });
    return Object.assign(server, { accepted: server.generations, say });
  },
} satisfies Backend;

const mancer = {
  provider: 'Mancer',
  place: 'by Mancer in the cloud',
  model: 'magnum-72b-v4',
  key: 'mcr_0123456789',
  hosts: ['neuro.mancer.tech'],
  async start(key: string) {
    const server = await startMancerServer({ apiKey: key });
    const say = (answer: string, chunkDelayMs = 0) => server.set({ answer, chunkDelayMs });
    return Object.assign(server, { accepted: server.chats, say });
  },
} satisfies Backend;

const novelAi = {
  provider: 'NovelAI',
  place: 'by NovelAI in the cloud',
  model: 'glm-4-6',
  key: 'pst-test-0123456789',
  hosts: ['text.novelai.net', 'api.novelai.net'],
  async start(key: string) {
    const server = await startNovelAiServer({ token: key });
    const say = (text: string, chunkDelayMs = 0) => server.set({ answer: () => text, chunkDelayMs });
    return Object.assign(server, { accepted: server.asked, say });
  },
} satisfies Backend;

describe.each(browserNames)('%s', (name) => {
  const hosts = new Map<string, number>();
  let vendors: Vendors;
  let oriel: Oriel;
  const bed = { oriel: () => oriel, hosts };

  beforeAll(async () => {
    vendors = await startVendors(hosts);
    oriel = await openOriel(name, {}, { vendors });
  });
  afterAll(async () => {
    await oriel?.close();
    await vendors?.close();
  });

  describe('OpenAI', () => {
    const bench = testBackend(openAi, bed);

    test('OpenAI: an account without credit is told to the page and to the person', async () => {
      const { server, oriel, ask } = bench();
      const error = { message: 'You exceeded your current quota.', type: 'insufficient_quota', code: 'insufficient_quota' };
      server.fault.on('POST', '/v1/chat/completions', respondJson(429, { error }));
      expect(await ask()).toMatchObject({ state: 'rejected', error: 'PAYMENT_REQUIRED' });
      const popup = await oriel.popup();
      await popup.waitForText('Your My OpenAI account has no credit left.');
      await popup.close();
    });

    testOff(openAi, bench);
  });

  describe('OpenAI by its Responses API', () => {
    const bench = testBackend(openAiResponses, bed);

    test('OpenAI by its Responses API: an error event in the middle of an answer leaves the text there', async () => {
      const { server, ask } = bench();
      server.set({ answer: () => 'one two three', fails: { after: 2, error: { code: 'server_error', message: 'Sorry.' } } });
      const { state, stream } = await ask();
      expect(state).toBe('rejected');
      expect(stream.map(([result]) => result?.text ?? '').join('')).toBe('one two');
    });

    testOff(openAiResponses, bench);
  });

  describe('OpenRouter', () => {
    const bench = testBackend(openRouter, bed);

    test('OpenRouter: what an answer cost is counted as it says', async () => {
      const { server, oriel, visit } = bench();
      server.say('Dear.');
      const page = await visit();
      expect(await settled(page, await start(page, { prompt: 'What does it cost?' }))).toMatchObject({ state: 'resolved' });
      const popup = await oriel.popupOverLastTab();
      // Two answers of this price, and one that was stopped before it said its cost.
      await popup.waitForText('Today: $0.064 of $0.50 used, $0.436 left');
      await popup.close();
      await page.close();
    });

    testOff(openRouter, bench);
  });

  describe('Anthropic Claude', () => {
    const bench = testBackend(claude, bed);

    test('Anthropic Claude: an error in the middle of an answer leaves the text there and is not tried again', async () => {
      const { server, ask } = bench();
      const before = server.accepted.length;
      server.set({ answer: () => ({ text: 'Half an', error: { type: 'overloaded_error', message: 'Overloaded' } }) });
      const { state, error, stream } = await ask();
      expect(state).toBe('rejected');
      expect(stream.map(([result]) => result?.text ?? '').join('')).toBe('Half an');
      expect(stream.at(-1)).toEqual([null, error]);
      expect(server.accepted.length).toBe(before + 1);
    });

    testOff(claude, bench);
  });

  describe('Google Gemini', () => {
    const bench = testBackend(gemini, bed);

    test('Google Gemini: the bad key of the form was a 400, and no key ever stood in an address', () => {
      const { server } = bench();
      expect(server.fault.requests[0]?.headers['x-goog-api-key']).toBe('AIza-0123450000');
      expect(server.fault.requests.filter(({ query }) => query.has('key'))).toEqual([]);
    });

    test('Google Gemini: a prompt that it blocks is told as such', async () => {
      const { server, oriel, ask } = bench();
      server.set({ answer: () => ({ blockReason: 'SAFETY' }) });
      expect(await ask()).toMatchObject({ state: 'rejected', error: expect.stringMatching(/^MODEL_REJECTED_REQUEST: 400/) });
      const popup = await oriel.popup();
      await popup.waitForText('My Google Gemini declined to answer because of its content rules.');
      await popup.close();
    });

    testOff(gemini, bench);
  });

  describe('Mancer', () => {
    const bench = testBackend(mancer, bed);

    test('Mancer: it is asked not to log, and a model that wants paid credit says so', async () => {
      const { server, ask } = bench();
      expect(server.accepted.at(-1)).toMatchObject({ allow_logging: false });
      server.set({ hasCredit: false });
      expect(await ask()).toMatchObject({ state: 'rejected', error: 'PAYMENT_REQUIRED' });
    });

    testOff(mancer, bench);
  });

  describe('NovelAI', () => {
    const bench = testBackend(novelAi, bed);

    test('NovelAI: the account that a stop left locked is waited for, then answers', async () => {
      const { server, ask } = bench();
      server.say('Free again.');
      const before = server.locked;
      expect(await ask(undefined, 15_000)).toMatchObject({ state: 'resolved', value: [{ text: 'Free again.' }] });
      expect(server.locked).toBeGreaterThan(before);
    });

    test('NovelAI: of two pages one waits for the other, so that neither meets the lock', async () => {
      const { server, ask } = bench();
      server.say('One at a time.', 50);
      const before = server.locked;
      const both = await Promise.all([ask(), ask()]);
      expect(both.map(({ state }) => state)).toEqual(['resolved', 'resolved']);
      expect(server.locked).toBe(before);
    });

    testOff(novelAi, bench);
  });
});
