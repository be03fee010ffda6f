/** The endpoints through the whole background: what stands for what, what is asked of the person, and what a page is told. */

import { beforeEach, expect, test } from 'vitest';
import type { WireAnswer } from '../../../background/openai/wire-error';
import type { Wire } from '../../protocol/support/wire';
import { answering, createSlowAnswer, failing } from '../support/backend';
import { type Background, createBackground } from '../support/background';
import { eventually } from '../support/eventually';

let background: Background;
let page: Wire;
beforeEach(async () => {
  background = createBackground();
  await background.connect();
  page = background.page();
});

const messages = [{ role: 'user', content: 'Hi' }];
let ids = 0;

/** Sends a request and gives its answer as a whole; undefined where it streamed. */
async function ask(
  endpoint: string,
  body: unknown = '',
  id = `r${++ids}`,
): Promise<(WireAnswer & { json: unknown }) | undefined> {
  page.request(id, { type: 'openai', endpoint, body: typeof body === 'string' ? body : JSON.stringify(body) });
  const frame = await page.settled(id);
  if (frame.type !== 'end') throw new Error(`It ended as ${JSON.stringify(frame)}`);
  const answer = frame.value as WireAnswer | undefined;
  return answer && { ...answer, json: JSON.parse(answer.body) };
}

async function allowed() {
  const answered = ask('POST /chat/completions', { messages });
  await background.decide('allow-visit');
  return answered;
}

const textOf = (id: string) =>
  page.frames
    .flatMap((frame) => (frame.type === 'parts' && frame.id === id ? frame.parts : []))
    .map((part) => (part.type === 'text-delta' ? part.text : ''))
    .join('');

test('a chat is a request like any other: it opens the card, and is answered as OpenAI would', async () => {
  const answer = await allowed();
  expect(answer).toMatchObject({
    status: 200,
    headers: { 'content-type': 'application/json' },
    json: {
      object: 'chat.completion',
      model: 'm-1',
      choices: [{ message: { role: 'assistant', content: 'Hello there.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
    },
  });
  expect(background.backend.completions()).toHaveLength(1);
});

test('a refusal is a 403 that is not to be asked again, and nothing was sent', async () => {
  const answered = ask('POST /chat/completions', { messages });
  await background.decide('deny');
  expect(await answered).toMatchObject({
    status: 403,
    headers: { 'x-should-retry': 'false' },
    json: { error: { code: 'permission_denied', param: null } },
  });
  expect(background.backend.completions()).toEqual([]);
});

test('a stream comes as text while it is generated', async () => {
  await allowed();
  const slow = createSlowAnswer();
  background.backend.answer = slow.answer;
  const answered = ask('POST /chat/completions', { messages, stream: true }, 'stream');
  await eventually(() => expect(background.backend.completions()).toHaveLength(2));
  slow.send('Hel');
  await page.until(() => textOf('stream').includes('"content":"Hel"'));
  expect(page.of('stream').some(({ type }) => type === 'end')).toBe(false);
  slow.send('lo');
  slow.end();
  expect(await answered).toBeUndefined();
  expect(textOf('stream')).toMatch(/^data: \{.*\n\ndata: \[DONE\]\n\n$/s);
});

test('what fails before the first word is an answer with a status; what fails after it is the last event', async () => {
  await allowed();
  background.backend.answer = () => failing(400, { message: 'CANARY' });
  expect(await ask('POST /chat/completions', { messages, stream: true })).toMatchObject({
    status: 400,
    json: { error: { code: 'model_rejected_request' } },
  });
  background.backend.answer = () =>
    new Response('data: {"model":"m-1","choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n', {
      headers: { 'content-type': 'text/event-stream' },
    });
  expect(await ask('POST /chat/completions', { messages, stream: true }, 'cut')).toBeUndefined();
  expect(textOf('cut')).toMatch(/"content":"Hel".*data: \{"error":\{"message":"The answer was cut short\.".*\}\}\n\n$/s);
  expect(JSON.stringify(page.frames)).not.toContain('CANARY');
});

test('the other endpoints that generate are answered in their own shapes', async () => {
  await allowed();
  expect(await ask('POST /completions', { prompt: 'Hi' })).toMatchObject({
    json: { object: 'text_completion', choices: [{ text: 'Hello there.' }] },
  });
  expect(await ask('POST /responses', { input: 'Hi' })).toMatchObject({
    json: { object: 'response', output: [{ type: 'message', content: [{ text: 'Hello there.' }] }] },
  });
  background.backend.answer = () => answering('Hello');
  await ask('POST /responses', { input: 'Hi', stream: true }, 'events');
  expect(textOf('events')).toContain('event: response.completed');
});

test.each([
  ['temperature', { temperature: 3 }, 'temperature'],
  ['max_tokens', { max_tokens: 0 }, 'max_tokens'],
  ['n', { n: 99 }, 'n'],
  ['top_p', { top_p: 'x' }, 'top_p'],
  ['stop', { stop: Array(20).fill('x') }, 'stop'],
  ['messages', { messages: [] }, 'messages'],
  ['an unknown tool', { tools: [{ type: 'function', function: { name: 'a' } }], tool_choice: { function: { name: 'b' } } }, ''],
])('what the page’s schema does not take is a 400 that names the field: %s', async (_what, fields, param) => {
  expect(await ask('POST /chat/completions', { messages, ...fields })).toMatchObject({
    status: 400,
    json: { error: { type: 'invalid_request_error', param } },
  });
});

test.each([
  ['POST /chat/completions', '{', 400, null],
  ['POST /chat/completions', '[]', 400, null],
  ['POST /chat/completions', '', 400, null],
  ['GET /chat/completions', '', 404, 'unknown_url'],
  ['POST /audio/speech', '{}', 404, 'unknown_url'],
  ['POST /__proto__', '{}', 404, 'unknown_url'],
])('%s with %s is a %i', async (endpoint, body, status, code) => {
  expect(await ask(endpoint, body)).toMatchObject({ status, json: { error: { code } } });
});

test('query and fragment of an address mean nothing', async () => {
  await allowed();
  expect(await ask('POST /chat/completions?api-version=1', { messages })).toMatchObject({ status: 200 });
});

test('the list of models asks like a page that connects, and tells what the site may know', async () => {
  const listed = ask('GET /models');
  await background.decide('allow-visit');
  expect(await listed).toMatchObject({ json: { object: 'list', data: [{ id: 'm-1', object: 'model', owned_by: 'oriel' }] } });
  expect(await ask('GET /models/m-1')).toMatchObject({ status: 200, json: { id: 'm-1' } });
  expect(await ask('GET /models/a%2Fb')).toMatchObject({ status: 404, json: { error: { code: 'model_not_found' } } });
  expect(await ask('GET /models/%')).toMatchObject({ status: 404 });
});

test('the size of a model’s context is told where it is known', async () => {
  background.backend.list = () => Response.json({ data: [{ id: 'm-1', context_length: 4096 }, { id: 'm-2' }] });
  const screen = background.screen();
  const [connection] = await background.database.connections.toArray();
  await screen.call('connection-test', { id: connection?.id as never });
  const listed = ask('GET /models');
  await background.decide('allow-visit');
  expect(await listed).toMatchObject({
    json: { data: expect.arrayContaining([expect.objectContaining({ context_length: 4096 })]) },
  });
});

test('embeddings ask for a permission of their own, and are made by the backend', async () => {
  background.backend.otherwise = ({ url, body }) => {
    if (!url.endsWith('/embeddings')) return undefined;
    const { input } = body as { input: string[] };
    return Response.json({
      data: input.map((text, index) => ({ index, embedding: [text.length, 0.5] })).reverse(),
      usage: { prompt_tokens: 5 },
    });
  };
  await allowed();
  const made = ask('POST /embeddings', { model: 'text-embedding-3-small', input: ['one', 'three'] });
  expect((await background.card()).wishes).toEqual(['embed']);
  await background.decide('allow-visit');
  expect(await made).toMatchObject({
    status: 200,
    json: {
      object: 'list',
      model: 'm-1',
      data: [
        { object: 'embedding', index: 0, embedding: [3, 0.5] },
        { object: 'embedding', index: 1, embedding: [5, 0.5] },
      ],
      usage: { prompt_tokens: 5, total_tokens: 5 },
    },
  });
  const encoded = await ask('POST /embeddings', { input: 'one', encoding_format: 'base64' });
  const [{ embedding }] = (JSON.parse(encoded?.body ?? '') as { data: [{ embedding: string }] }).data;
  expect([...new Float32Array(Uint8Array.from(atob(embedding), (character) => character.charCodeAt(0)).buffer)]).toEqual([
    3, 0.5,
  ]);
});

test.each([
  [{}, 'input'],
  [{ input: [1, 2] }, 'input'],
  [{ input: [] }, 'input'],
  [{ input: 'x', dimensions: 0 }, 'dimensions'],
])('embeddings of %j are a 400', async (body, param) => {
  expect(await ask('POST /embeddings', body)).toMatchObject({ status: 400, json: { error: { param } } });
});
