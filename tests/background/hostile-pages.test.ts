/** Pages that send whatever they like to the real background: it neither stumbles, nor fetches, nor shows or sends anything else. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ServerFrame } from '../../protocol/channel';
import { aiErrorCodes } from '../../protocol/errors';
import { limits } from '../../protocol/limits';
import { parsePageFrame } from '../../protocol/page-messages';
import { createBackground, serverAddress } from './support/background';
import { senderOf } from './support/pages';

const generate = (fields: object = {}) => ({
  type: 'generate',
  request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }], ...fields },
});
const frame = (call: unknown, id: unknown = '1') => ({ v: 1, type: 'request', id, call, activated: true });

/** Frames as they should be, frames with one thing wrong, and nonsense. */
const anyFrame = (() => {
  const word = fc.constantFrom(
    ...['v', 'type', 'id', 'call', 'input', 'activated', 'request', 'messages', 'origin', 'sender', '__proto__', 'constructor'],
    ...['generate', 'current-model', 'vault-lock', 'site-set', 'ping', 'abort', 'taken', 'end', 'https://trusted.test', 'null'],
  );
  const leaf = fc.oneof(word, fc.string({ maxLength: 20 }), fc.constantFrom(null, undefined, true, 0, -1, 1e308, Number.NaN));
  const nonsense = fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.dictionary(word, leaf, { maxKeys: 5 }));
  const id = fc.constantFrom('1', '2', '3', '4');
  const good = fc.oneof(
    id.map((each) => frame(generate(), each)),
    id.map((each) => frame({ type: 'current-model' }, each)),
    id.map((each) => ({ v: 1, type: 'abort', id: each })),
    id.map((each) => ({ v: 1, type: 'taken', id: each, chars: 3 })),
    fc.constant({ v: 1, type: 'ping' }),
  );
  const mutated = fc.tuple(good, word, nonsense).map(([value, key, graft]) => ({ ...value, [key]: graft }));
  const deep = fc.tuple(word, nonsense).map(([key, graft]) => frame(generate({ [key]: graft })));
  return fc.oneof({ arbitrary: good, weight: 6 }, mutated, deep, nonsense);
})();

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const heap = () => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

/** What a page may be told by a background that it has no permission of. */
function isTyped(told: ServerFrame): boolean {
  if (told.type === 'waiting') return Object.keys(told).length === 3;
  if (told.type === 'end') return told.value === 'default';
  return told.type === 'error' && Object.keys(told.error).join() === 'code' && aiErrorCodes.includes(told.error.code);
}

test('T13 of 100,000 random frames none is thrown over, fetched for or answered with anything but a code, and the 20th wrong one closes its port', async () => {
  const background = createBackground();
  await background.connect();
  const asked = background.backend.sent.length;
  let count = 0;
  let documents = 0;
  const before = heap();
  await fc.assert(
    fc.asyncProperty(fc.array(anyFrame, { minLength: 200, maxLength: 200 }), async (frames) => {
      documents += 1;
      const port = background.browser.connect(senderOf({ documentId: `document ${documents}` }));
      const wrong: unknown[] = [];
      port.onMessage.addListener((told) => {
        if (!isTyped(told as ServerFrame)) wrong.push(told);
      });
      let malformed = 0;
      for (const message of frames) {
        count += 1;
        if (!parsePageFrame(structuredClone(message))) malformed += 1;
        if (port.isConnected) port.postMessage(message);
        expect(port.isConnected).toBe(malformed < limits.malformedFrames);
      }
      await new Promise((resolve) => setImmediate(resolve));
      expect(wrong).toEqual([]);
      port.disconnect();
    }),
    { numRuns: 500 },
  );
  expect(count).toBe(100_000);
  expect(background.backend.sent).toHaveLength(asked);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect((await background.screen().call('overview', {})).approvals).toEqual([]);
  expect(heap() - before).toBeLessThan(20 * 1024 * 1024);
}, 60_000);

const text = fc.string({ maxLength: 200, unit: 'binary' });
const anyMessages = fc.array(
  fc.record({
    role: fc.constantFrom('system', 'user', 'assistant'),
    content: text.map((each) => [{ type: 'text', text: each }]),
  }),
  { minLength: 1, maxLength: 5 },
);

test('T19 property: what is shown and what is sent is what was asked, whatever the page does to its object afterwards', async () => {
  await fc.assert(
    fc.asyncProperty(anyMessages, async (messages) => {
      const background = createBackground();
      await background.connect();
      const page = background.page();
      const request = structuredClone({ messages, temperature: 0.5 });
      page.request('1', { type: 'generate', request });
      Object.assign(request, { messages: [], temperature: 2 });
      const { id } = await background.card();
      expect(await background.screen().call('approval-content', { id })).toEqual({ messages });
      await background.decide('allow-request');
      await page.settled('1');
      expect(background.backend.completions()).toHaveLength(1);
      expect(background.backend.completions()[0]?.body).toMatchObject({
        messages: messages.map(({ role, content }) => ({ role, content: content[0]?.text })),
        temperature: 0.5,
      });
    }),
    { numRuns: 40 },
  );
}, 30_000);

const hostileModels = ['../../x', 'https://evil.test/x', 'a?b#c', '%2e%2e%2f', 'm\r\nX-Evil: 1', '//evil.test', '{"a":1}', 'm-1'];
const evil = 'https://evil.test/steal';

test('T48 property: whatever options a page gives, requests go to the server of the person, at the paths of its dialect', async () => {
  const option = fc.constantFrom('url', 'baseURL', 'baseUrl', 'endpoint', 'headers', 'method', 'apiKey', 'connection', 'path');
  const value = fc.constantFrom<unknown>(evil, { Authorization: evil, Origin: evil }, [evil], 'DELETE');
  const anyOptions = fc.oneof(
    { arbitrary: fc.constantFrom(...hostileModels).map((model) => ({ model })), weight: 2 },
    fc.record({ model: fc.string({ maxLength: 30 }), stop: fc.constant([evil]) }),
    fc.dictionary(option, value, { minKeys: 1, maxKeys: 3 }),
  );
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(anyOptions, async (options) => {
      const background = createBackground();
      // The server lists them, and the site may choose: each of these names is really asked for.
      background.backend.models = hostileModels;
      await background.connect();
      const page = background.page();
      page.request('1', generate());
      await background.decide('allow-always');
      await page.settled('1');
      const rule = { fallback: [], onlyThisComputer: false, asksEveryTime: false, mapped: [] };
      const subject = { top: 'https://site.test' as never };
      await background.screen().call('site-rule-set', { subject, rule, choosesModel: true });
      page.request('2', generate(options));
      await page.settled('2');
      for (const { url, method, headers } of background.backend.sent) {
        expect([`POST ${serverAddress}/v1/chat/completions`, `GET ${serverAddress}/v1/models`]).toContain(`${method} ${url}`);
        const { origin = serverAddress, ...others } = headers;
        expect(origin).toBe(serverAddress);
        expect(Object.keys(others).filter((name) => !['accept', 'content-type', 'authorization'].includes(name))).toEqual([]);
        expect(JSON.stringify(headers)).not.toContain('evil');
      }
      const [, second] = background.backend.completions();
      if (second && 'model' in options && hostileModels.includes(String(options.model))) {
        expect(second.body).toMatchObject({ model: options.model });
        answered += 1;
      }
    }),
    { numRuns: 60 },
  );
  expect(answered).toBeGreaterThan(5);
}, 30_000);
