/** What pages may send beyond text, and the forms that they may ask an answer in: by the wire of their document, in both browsers. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StreamPart } from '../../protocol/generate';
import { pagePortName } from '../../protocol/names';
import type { PageCall } from '../../protocol/page-messages';
import type { TestPage } from '../support/browser';
import { startAnthropicServer } from '../support/servers/anthropic-server';
import { answerApproval, browserNames, type Oriel, openOriel, until } from './support/oriel';
import { api, askBackground, bystander } from './support/own-page';

/** A picture of one red dot. */
const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC';

interface Outcome {
  readonly parts: readonly StreamPart[];
  readonly end: { readonly type: 'end' | 'error'; readonly value?: unknown; readonly error?: { readonly code: string } };
  /** Milliseconds from the call to its end, and the longest without a part. */
  readonly took: number;
  readonly gap: number;
}

let asked = 0;

/** The frames that the relay would send, from where it would send them. */
const wire = (call: PageCall, id: string) => `new Promise((resolve) => {
  const port = ${api}.runtime.connect({ name: '${pagePortName}' });
  const begun = performance.now();
  let last;
  let gap = 0;
  const parts = [];
  port.onMessage.addListener((frame) => {
    if (frame.type === 'parts') {
      const now = performance.now();
      if (last !== undefined) gap = Math.max(gap, now - last);
      last = now;
      parts.push(...frame.parts);
    }
    if (frame.type !== 'end' && frame.type !== 'error') return;
    port.disconnect();
    resolve({ parts, end: frame, took: performance.now() - begun, gap });
  });
  port.postMessage({ v: 1, type: 'request', id: '${id}', activated: true, call: ${JSON.stringify(call)} });
})`;

const ask = async (page: TestPage, call: PageCall) => {
  asked += 1;
  return (await page.evaluateInContentScript?.(wire(call, `${asked}`))) as Outcome;
};
const textOf = ({ parts }: Outcome) => parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');
const says = (text: string, fields: object = {}): PageCall => ({
  type: 'generate',
  request: { messages: [{ role: 'user', content: [{ type: 'text', text }] }], ...fields },
});
const image: PageCall = {
  type: 'generate',
  request: {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is it?' },
          { type: 'image', mediaType: 'image/png', data: dot },
        ],
      },
    ],
  },
};

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name);
    await oriel.connect();
    for (const host of ['evil.localhost', 'calm.localhost', 'trusted.localhost']) await oriel.grant(host);
  });
  afterAll(() => oriel?.close());

  test('T62 a page with an expression that would hang the browser’s engine hangs nobody', async () => {
    oriel.backend.set({
      chunkDelayMs: 20,
      answer: (request) => (JSON.stringify(request.messages).includes('evil') ? `${'a'.repeat(40)}!` : 'word '.repeat(150)),
    });
    const [calm, evil] = [await oriel.visit('calm.localhost'), await oriel.visit('evil.localhost')];
    const stream = ask(calm, says('on and on'));
    const expression = says('evil', { responseFormat: { type: 'regexp', source: '^(a+)+$', flags: '' } });
    const pattern = { type: 'object', additionalProperties: { type: 'string', pattern: '^(a+)+$' } };
    const attacks = await Promise.all([
      ask(evil, expression),
      ask(evil, says('evil', { responseFormat: { type: 'json-schema', schema: pattern } })),
    ]);
    for (const attack of attacks) expect(attack).toMatchObject({ end: { type: 'error', error: { code: 'invalid-answer' } } });
    const calmly = await stream;
    console.log(
      `${name}: the attacks ended after ${attacks.map(({ took }) => Math.round(took)).join(' and ')} ms; the other page waited ${Math.round(calmly.gap)} ms at most`,
    );
    expect(calmly.end.type).toBe('end');
    // The expression would run for years; what a computer with several browsers on it takes is far below this.
    expect(calmly.gap).toBeLessThan(5000);
    oriel.backend.set({ chunkDelayMs: 0 });
    await calm.close();
    await evil.close();
  });

  test('a schema goes to the backend, and what comes back is checked; a wrong answer is asked for once more and then told', async () => {
    const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'], additionalProperties: false };
    const call = says('give', { responseFormat: { type: 'json-schema', schema } });
    const page = await oriel.visit('trusted.localhost');
    oriel.backend.set({ answer: () => '{"a": 1}' });
    expect(textOf(await ask(page, call))).toBe('{"a": 1}');
    expect(oriel.backend.chats.at(-1)).toMatchObject({ response_format: { type: 'json_schema', json_schema: { schema } } });
    let answers = 0;
    oriel.backend.set({
      answer() {
        answers += 1;
        return answers === 1 ? 'Here you are: {"a": 1}' : '{"a": 2}';
      },
    });
    expect(textOf(await ask(page, call))).toBe('{"a": 2}');
    oriel.backend.set({ answer: () => 'No.' });
    const wrong = await ask(page, call);
    expect([textOf(wrong), wrong.end]).toMatchObject(['', { type: 'error', error: { code: 'invalid-answer' } }]);
    const before = oriel.backend.chats.length;
    const unsupported = await ask(page, says('give', { responseFormat: { type: 'json-schema', schema: { type: 'tuple' } } }));
    expect(unsupported.end).toMatchObject({ error: { code: 'not-supported' } });
    expect(oriel.backend.chats).toHaveLength(before);
    await page.close();
  });

  test('a site is asked about images before it may send any, and they reach an OpenAI-shaped server', async () => {
    oriel.backend.set({ answer: () => 'A red dot.' });
    const page = await oriel.visit('trusted.localhost');
    const pending = ask(page, image);
    const card = await oriel.browser.waitForPage('approval.html', 10_000);
    await card.waitForText('send images');
    await answerApproval(oriel.browser, 'Always allow');
    expect(textOf(await pending)).toBe('A red dot.');
    expect(oriel.backend.chats.at(-1)?.messages.at(-1)?.content).toEqual([
      { type: 'text', text: 'What is it?' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${dot}` } },
    ]);
    expect((await ask(page, { type: 'capabilities' })).end.value).toMatchObject({
      state: 'allowed',
      scopes: ['generate', 'models.read', 'image.in'],
    });
    await page.close();
  });

  test('a tool’s round trip: the call comes to the page, its result goes back, and the answer follows', async () => {
    const page = await oriel.visit('trusted.localhost');
    const tools = [
      { name: 'find', description: 'Finds.', parameters: { type: 'object', properties: { of: { type: 'string' } } } },
    ];
    oriel.backend.set({
      answer: ({ messages }) =>
        messages.at(-1)?.role === 'tool' ? 'It is the Danube.' : { toolCalls: [{ name: 'find', arguments: { of: 'Vienna' } }] },
    });
    const pending = ask(page, says('Which river?', { tools }));
    const card = await oriel.browser.waitForPage('approval.html', 10_000);
    await card.waitForText('let the model call functions of the page');
    await answerApproval(oriel.browser, 'Always allow');
    const called = await pending;
    const call = called.parts.find((part) => part.type === 'tool-call');
    expect(call).toMatchObject({ name: 'find', arguments: '{"of":"Vienna"}' });
    const id = call?.type === 'tool-call' ? call.id : '';
    const answered = await ask(page, {
      type: 'generate',
      request: {
        tools,
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'Which river?' }] },
          { role: 'assistant', content: [{ type: 'tool-call', id, name: 'find', arguments: '{"of":"Vienna"}' }] },
          { role: 'tool', content: [{ type: 'tool-result', id, result: 'the Danube' }] },
        ],
      },
    });
    expect(textOf(answered)).toBe('It is the Danube.');
    expect(oriel.backend.chats.at(-1)?.messages.at(-1)).toMatchObject({ role: 'tool', tool_call_id: id, content: 'the Danube' });
    await page.close();
  });

  test('Only this request is for one session: that session goes on, and the next one asks', async () => {
    oriel.backend.set({ answer: () => 'Yes.' });
    const page = await oriel.visit('session.localhost');
    const pending = ask(page, { type: 'connect', scopes: [], session: 'one' });
    const card = await oriel.browser.waitForPage('approval.html', 10_000);
    await card.click('button', 'More');
    await card.waitForText('holds for one conversation of this page');
    await answerApproval(oriel.browser, 'Only this request');
    expect((await pending).end.value).toMatchObject({ state: 'allowed' });
    expect(textOf(await ask(page, { ...says('Hi'), session: 'one' } as PageCall))).toBe('Yes.');
    const other = ask(page, { ...says('Hi'), session: 'two' } as PageCall);
    await answerApproval(oriel.browser, "Don't allow");
    expect((await other).end).toMatchObject({ error: { code: 'not-allowed' } });
    await page.close();
  });

  test('images reach a server that speaks as Anthropic does', async () => {
    const server = await startAnthropicServer({ answer: () => 'A red dot.' });
    try {
      await oriel.connect({ provider: 'Anthropic-compatible server', name: 'Claude', address: server.baseUrl });
      const own = await bystander(oriel);
      const { connections } = await askBackground<{ connections: { id: string; name: string }[] }>(own, 'overview');
      await askBackground(own, 'connection-use', { id: connections.find(({ name: called }) => called === 'Claude')?.id });
      await own.close();
      const page = await oriel.visit('trusted.localhost');
      expect(textOf(await ask(page, image))).toBe('A red dot.');
      await until(async () => server.messages.length > 0);
      expect(JSON.stringify(server.messages.at(-1))).toContain(
        JSON.stringify({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: dot } }),
      );
      await page.close();
    } finally {
      await server.close();
    }
  });
});
