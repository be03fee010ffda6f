/** Servers of a person's own that speak a format of their own, each played by a stand-in on this computer: connected, asked, answered, and their typical faults. */

import net from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAnthropicServer } from '../support/servers/anthropic-server';
import { startKoboldAiServer } from '../support/servers/koboldai-server';
import { startKoboldCppServer } from '../support/servers/koboldcpp-server';
import { startOllamaServer } from '../support/servers/ollama-server';
import { startLegacyServer } from '../support/servers/webui-legacy-server';
import { type Backend, type StandIn, testBackend, testOff } from './support/backend';
import { browserNames, type Oriel, openOriel, until } from './support/oriel';

const place = 'on this computer';

const anthropicCompatible = {
  provider: 'Anthropic-compatible server',
  place,
  model: 'claude-haiku-4-5',
  key: 'local-0123456789',
  async start(key: string) {
    const server = await startAnthropicServer({ apiKey: key });
    const say = (text: string, chunkDelayMs = 0) => server.set({ answer: () => text, chunkDelayMs });
    return Object.assign(server, { address: server.baseUrl, accepted: server.messages, say });
  },
} satisfies Backend;

const koboldAi = {
  provider: 'KoboldAI',
  place,
  model: 'KoboldAI/OPT-2.7B-Erebus',
  isWhole: true,
  async start() {
    const server = await startKoboldAiServer();
    const say = (text: string, tokenMs = 0) => server.set({ answer: () => text, tokenMs });
    return Object.assign(server, { address: server.baseUrl, accepted: server.bodies, say });
  },
} satisfies Backend;

/** Milliseconds from `since` to the request that stops what runs. */
const told =
  (path: string) =>
  async ({ fault }: StandIn, since: number): Promise<number> => {
    const request = await until(async () => fault.requests.find((one) => one.path === path && one.receivedAt >= since));
    return request.receivedAt - since;
  };

const koboldCpp = {
  provider: 'KoboldCPP',
  place,
  model: 'koboldcpp/Mistral-7B-Instruct-v0.3-Q4_K_M',
  key: 'password-0123',
  async start(password: string) {
    const server = await startKoboldCppServer({ password });
    const say = (text: string, tokenMs = 0) => server.set({ answer: () => ` ${text}`, tokenMs });
    return Object.assign(server, { address: server.baseUrl, accepted: server.bodies, say });
  },
  stopped: told('/api/extra/abort'),
} satisfies Backend;

const ollama = {
  provider: 'Ollama',
  place,
  model: 'qwen3:8b',
  async start() {
    const server = await startOllamaServer();
    const say = (text: string, chunkDelayMs = 0) => server.set({ answer: () => text, chunkDelayMs });
    return Object.assign(server, { address: server.baseUrl, accepted: server.chats, say });
  },
} satisfies Backend;

const legacyPort = 5005;

const legacy = {
  provider: 'Text generation web UI (before November 2023)',
  place,
  model: 'TheBloke_Llama-2-13B-GPTQ',
  async start() {
    const server = await startLegacyServer({}, legacyPort);
    const say = (text: string, tokenDelayMs = 0) => server.set({ answer: () => text, tokenDelayMs });
    return Object.assign(server, { address: server.baseUrl, accepted: server.asked, say });
  },
  stopped: told('/api/v1/stop-stream'),
} satisfies Backend;

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = net.createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
const hasLegacyPort = await isFree(legacyPort);
if (!hasLegacyPort) console.warn(`Port ${legacyPort} is taken: the legacy web UI, whose stream is always there, is not tested.`);

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;
  const bed = { oriel: () => oriel, hosts: new Map<string, number>() };

  beforeAll(async () => {
    oriel = await openOriel(name);
  });
  afterAll(() => oriel?.close());

  describe('Anthropic-compatible server', () => {
    testOff(anthropicCompatible, testBackend(anthropicCompatible, bed));
  });

  describe('KoboldAI', () => {
    const bench = testBackend(koboldAi, bed);

    test('KoboldAI: while its GPU still works on what was stopped it is busy, and answers when it is free', async () => {
      const { server, ask } = bench();
      expect(server.gpu.current).toBeDefined();
      server.say('Free again.', 30);
      expect(await ask(undefined, 30_000)).toMatchObject({ state: 'resolved', value: [{ text: 'Free again.' }] });
      const asked = server.fault.requests.filter(({ path }) => path.endsWith('/generate'));
      expect(asked.length).toBeGreaterThan(server.accepted.length);
    });

    testOff(koboldAi, bench);
  });

  describe('KoboldCPP', () => {
    const bench = testBackend(koboldCpp, bed);

    test('KoboldCPP: what was stopped is the generation of that page, and the GPU is free', async () => {
      const { server } = bench();
      const { genkey } = server.bodies.at(-1) ?? {};
      expect(server.aborts.at(-1)).toEqual({ genkey, done: true });
      // It ends with the token that it is at.
      await until(async () => server.gpu.current === undefined);
    });

    test('KoboldCPP: whoever comes while it works for somebody else waits in its queue', async () => {
      const { server, ask } = bench();
      server.say('One after the other.', 40);
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${koboldCpp.key}` };
      const body = JSON.stringify({ prompt: 'Somebody else', max_length: 100 });
      const other = fetch(`${server.baseUrl}/api/v1/generate`, { method: 'POST', headers, body });
      await until(async () => server.gpu.current);
      expect(await ask()).toMatchObject({ state: 'resolved', value: [{ text: 'One after the other.' }] });
      expect((await other).status).toBe(200);
      expect(server.accepted.length).toBe(server.gpu.generations.length);
    });

    testOff(koboldCpp, bench);
  });

  describe('Ollama', () => {
    const bench = testBackend(ollama, bed);

    test('Ollama: its check of the Origin lets Oriel in, which does not name itself, and no page, which sends its own', async () => {
      const { server, visit } = bench();
      const chats = server.fault.requests.filter(({ path }) => path === '/api/chat');
      expect(chats.length).toBeGreaterThan(0);
      const sent = name === 'firefox' ? undefined : server.baseUrl;
      expect(chats.filter(({ headers }) => headers.origin !== sent)).toEqual([]);
      const body = JSON.stringify({ model: 'qwen3:8b', messages: [{ role: 'user', content: 'Hi' }] });
      const url = `${server.baseUrl}/api/chat`;
      const extension = await fetch(url, { method: 'POST', body, headers: { origin: 'chrome-extension://abc' } });
      expect(extension.status).toBe(403);
      const page = await visit();
      const before = server.accepted.length;
      await page.evaluate(
        (to: string, what: string) => fetch(to, { method: 'POST', mode: 'no-cors', body: what }).then(() => 'sent'),
        url,
        body,
      );
      expect(server.fault.requests.at(-1)?.headers.origin).toMatch(/^http:\/\/ollama\.localhost:/);
      expect(server.accepted.length).toBe(before);
      await page.close();
    });

    test('Ollama: an error line in the middle of an answer leaves the text there', async () => {
      const { server, ask } = bench();
      server.set({ answer: () => 'one two three four', failsAfter: 2 });
      const { state, stream } = await ask();
      expect(state).toBe('rejected');
      expect(stream.map(([result]) => result?.text ?? '').join('')).toBe('one two');
    });

    testOff(ollama, bench);
  });

  describe.skipIf(!hasLegacyPort)('Text generation web UI (before November 2023)', () => {
    const bench = testBackend(legacy, bed);

    test('Text generation web UI (before November 2023): a model that was stopped computes no further', async () => {
      const { server } = bench();
      expect(server.computed).toBeLessThan(100);
      const { computed } = server;
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(server.computed).toBe(computed);
    });

    test('Text generation web UI (before November 2023): a socket that breaks leaves the text there', async () => {
      const { server, ask } = bench();
      server.set({ answer: () => 'one two three four', breaksAfter: 2 });
      const { state, stream } = await ask();
      expect(state).toBe('rejected');
      expect(stream.map(([result]) => result?.text ?? '').join('')).toBe('one two');
    });

    testOff(legacy, bench);
  });

  test('a model of the browser is not offered where the browser has none that works', async () => {
    const options = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#connections/add'));
    await options.waitForRole('combobox', 'Provider');
    const offered = await options.evaluate<string[], []>('[...document.querySelectorAll("option")].map(({ label }) => label)');
    expect(offered).toContain('Ollama');
    expect(offered.filter((label) => /browser/i.test(label))).toEqual([]);
    await options.close();
  });
});
