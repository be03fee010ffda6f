/** Apps that know only OpenAI's API: the official package and the AI SDK run unmodified in a page, and are answered by the person's models. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import type { FaultServer } from '../support/faultd';
import { startAnthropicServer } from '../support/servers/anthropic-server';
import { serveOpenAiEmbeddings, vectorOf } from '../support/servers/embedding-routes';
import { startKoboldCppServer } from '../support/servers/koboldcpp-server';
import { lastUserText, startOpenAiServer } from '../support/servers/openai-server';
import { answerApproval, browserNames, type Oriel, openOriel, until } from './support/oriel';
import { bundleSdkPage } from './support/sdk/bundle';

const place = { city: 'Bern', people: 144_000 };
const call = { city: 'Bern' };
const sunny = 'It is sunny in Bern.';

/** What the tests set and look at, whichever server it is. */
interface Server {
  readonly address: string;
  /** How many requests for an answer it took. */
  readonly taken: () => number;
  slow(milliseconds: number): void;
  /** Whether what it is sending now was closed by the other side. */
  wasCut(): Promise<boolean>;
  close(): Promise<void>;
}

const lastOf = ({ requests }: FaultServer, path: string) => requests.filter((request) => request.path === path).at(-1);

const openAi = async (oriel: Oriel): Promise<Server> => {
  const { backend } = oriel;
  backend.set({
    answer: (request) => {
      if (request.messages.some(({ role }) => role === 'tool')) return sunny;
      if (request.tools) return { toolCalls: [{ name: 'weather', arguments: call }] };
      return request.response_format ? JSON.stringify(place) : `You said: ${lastUserText(request)}`;
    },
  });
  return {
    address: backend.baseUrl,
    taken: () => backend.chats.length,
    slow: (chunkDelayMs) => backend.set({ chunkDelayMs }),
    wasCut: async () => lastOf(backend.fault, '/v1/chat/completions')?.socket.closedBy === 'client',
    close: async () => undefined,
  };
};

const anthropic = async (): Promise<Server> => {
  const server = await startAnthropicServer({
    answer: (request) => {
      const blocks = request.messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content));
      if (blocks.some(({ type }) => type === 'tool_result')) return sunny;
      if (request.tools) return { toolCalls: [{ name: 'weather', input: call }] };
      const last = request.messages.at(-1)?.content;
      const text = typeof last === 'string' ? last : last?.map((block) => block.text ?? '').join('');
      return request.output_config ? JSON.stringify(place) : `You said: ${text}`;
    },
  });
  return {
    address: server.baseUrl,
    taken: () => server.messages.length,
    slow: (chunkDelayMs) => server.set({ chunkDelayMs }),
    wasCut: async () => lastOf(server.fault, '/v1/messages')?.socket.closedBy === 'client',
    close: server.close,
  };
};

const koboldCpp = async (): Promise<Server> => {
  const server = await startKoboldCppServer({
    answer(body) {
      if (Array.isArray(body.messages)) return sunny;
      return body.grammar ? JSON.stringify(place) : ` You said: ${/Say \w+/.exec(String(body.prompt))?.[0]}`;
    },
    toolArguments: JSON.stringify(call),
  });
  return {
    address: server.baseUrl,
    taken: () => server.bodies.length,
    slow: (tokenMs) => server.set({ tokenMs }),
    wasCut: async () => server.aborts.some(({ done }) => done),
    close: server.close,
  };
};

const backends = [
  { name: 'OpenAI', host: 'one.localhost', provider: 'OpenAI-compatible server', start: openAi },
  { name: 'Claude', host: 'two.localhost', provider: 'Anthropic-compatible server', start: anthropic },
  { name: 'Kobold', host: 'three.localhost', provider: 'KoboldCPP', start: koboldCpp },
];

/** Runs one of the page's functions to its end. */
const run = <Result>(page: TestPage, what: string, ...args: unknown[]): Promise<Result> =>
  page.evaluate<Result, []>(`sdk.${what}(${args.map((argument) => JSON.stringify(argument)).join(', ')})`);

describe.each(browserNames)('%s', (browserName) => {
  let oriel: Oriel;

  /** Makes a connection the one that answers. */
  const use = async (name: string) => {
    const options = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#connections'));
    const row = { within: { role: 'article', name } };
    await options.waitForRole('article', name);
    if (await options.hasRole('button', 'Use', row)) await options.click('button', 'Use', row);
    await options.waitForNoRole('button', 'Use', row);
    await options.close();
  };

  beforeAll(async () => {
    oriel = await openOriel(browserName);
    oriel.pages.page(
      '/sdk',
      '<!doctype html><meta charset="utf-8"><title>An app</title><button>Use the page</button><script src="/sdk.js"></script>',
    );
    oriel.pages.file('/sdk.js', await bundleSdkPage(), 'text/javascript; charset=utf-8');
  });
  afterAll(() => oriel?.close());

  test('a refusal is a 403 with a code, and neither package asks again', async () => {
    await oriel.connect({ name: 'First' });
    const page = await oriel.visit('127.0.0.1', '/sdk');
    await page.evaluate("void (window.pending = sdk.openai.error('Say no'))");
    await answerApproval(oriel.browser, "Don't allow");
    expect(await page.evaluate('window.pending')).toEqual({
      status: 403,
      code: 'permission_denied',
      name: 'Error',
      requests: 1,
    });
    await page.evaluate("void (window.pending = sdk.aiSdk.error('Say no'))");
    await answerApproval(oriel.browser, "Don't allow");
    expect(await page.evaluate('window.pending')).toEqual({ status: 403, isRetryable: false });
    expect(oriel.backend.chats).toEqual([]);
    await page.close();
  });

  test('another address is no business of window.ai.fetch', async () => {
    const page = await oriel.visit('localhost', '/sdk');
    const outcome = await page.evaluate(
      "window.ai.fetch('/other').then(() => 'fetched', (error) => error.name + ': ' + error.message)",
    );
    expect(outcome).toMatch(/^TypeError: .*https:\/\/oriel\.invalid\/v1/);
    await page.close();
  });

  describe.each(backends)('$name', ({ name, host, provider, start }) => {
    let server: Server;
    let page: TestPage;

    beforeAll(async () => {
      server = await start(oriel);
      await oriel.connect({ provider, name, address: server.address });
      await use(name);
      // A site of its own: each may ask so often a minute.
      page = await oriel.visit(host, '/sdk');
    });
    afterAll(async () => {
      await page?.close();
      await server?.close();
    });

    test('tools: the model calls, the page answers, the model goes on', async () => {
      await page.evaluate("void (window.pending = sdk.openai.tools('The weather in Bern?'))");
      await answerApproval(oriel.browser, 'Always allow');
      expect(await page.evaluate('window.pending')).toEqual({
        finish: 'tool_calls',
        name: 'weather',
        arguments: call,
        text: sunny,
      });
      expect(await run(page, 'aiSdk.tools', 'The weather in Bern?')).toEqual({ text: sunny, asked: [call], steps: 2 });
    });

    test('a chat, whole and streamed', async () => {
      const said = 'You said: Say hello';
      expect(await run(page, 'openai.chat', 'Say hello')).toMatchObject({ text: said, finish: 'stop', hasUsage: true });
      expect(await run(page, 'aiSdk.chat', 'Say hello')).toEqual({ text: said, finish: 'stop' });
      server.slow(30);
      for (const sdk of ['openai', 'aiSdk']) {
        const { text, count } = await run<{ text: string; count: number }>(page, `${sdk}.stream`, 'Say hello');
        expect(text).toBe(said);
        expect(count).toBeGreaterThan(1);
      }
      server.slow(0);
    });

    test('an answer that must fit a schema', async () => {
      expect(await run(page, 'openai.schema', 'Say Bern')).toEqual(place);
      expect(await run(page, 'aiSdk.schema', 'Say Bern')).toEqual(place);
    });

    test('an abort stops the page’s stream and the backend', async () => {
      server.slow(300);
      expect(await run(page, 'openai.abort', 'Say hello')).toEqual({ ended: 'quietly' });
      await until(server.wasCut);
      expect(await run(page, 'aiSdk.abort', 'Say hello')).toEqual({ ended: 'abort' });
      server.slow(0);
    });

    test('the Responses API and the older completions', async () => {
      const said = 'You said: Say hello';
      expect(await run(page, 'openai.responses', 'Say hello')).toEqual({ text: said, status: 'completed' });
      expect(await run(page, 'openai.responsesStream', 'Say hello')).toEqual({ text: said, last: 'response.completed' });
      expect(await run(page, 'openai.completion', 'Say hello')).toBe(said);
      expect(await run(page, 'openai.models')).toHaveLength(1);
    });
  });

  test('texts become vectors, asked for by a permission of their own: for the official package, and for window.ai.embed', async () => {
    const server = await startKoboldCppServer();
    serveOpenAiEmbeddings(server.fault);
    await oriel.connect({ provider: 'KoboldCPP', name: 'Vectors', address: server.baseUrl });
    await use('Vectors');
    const page = await oriel.visit('four.localhost', '/sdk');
    await page.evaluate("void (window.pending = sdk.openai.embeddings(['one', 'three']))");
    await answerApproval(oriel.browser, 'Always allow');
    const vectors = [vectorOf('one'), vectorOf('three')];
    expect(await page.evaluate('window.pending')).toEqual(vectors);
    expect(await page.evaluate("window.ai.embed({ input: ['one', 'three'] })")).toMatchObject({ vectors });
    const wrong = "window.ai.embed({ input: [] }).then(() => 'made', ({ name }) => name)";
    expect(await page.evaluate(wrong)).toBe('TypeError');
    // Of an empty text nobody makes a vector.
    expect(await page.evaluate("sdk.openai.embeddings(['']).then(() => 'made', ({ status }) => status)")).toBe(400);
    await page.close();
    await server.close();
  });

  test('a backend that is off is a 503, and the official package does not ask again', async () => {
    const server = await startOpenAiServer();
    await oriel.connect({ name: 'Off', address: server.baseUrl });
    await use('Off');
    await server.close();
    const page = await oriel.visit(backends[0]?.host, '/sdk');
    expect(await run(page, 'openai.error', 'Say hello')).toMatchObject({ status: 503, code: 'model_unavailable', requests: 1 });
    await page.close();
  });
});
