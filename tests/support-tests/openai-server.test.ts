import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OpenAiServer, startOpenAiServer } from '../support/servers/openai-server';

let server: OpenAiServer;
const hello = { model: 'test-model', messages: [{ role: 'user', content: 'good day to you' }] };

beforeEach(async () => {
  server = await startOpenAiServer();
});
afterEach(() => server.close());

function ask(body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const init = { method: 'POST', body: text, headers: { 'content-type': 'application/json', ...headers } };
  return fetch(`${server.baseUrl}/chat/completions`, init);
}

interface Chunk {
  object: string;
  choices: { index: number; delta: { role?: string; content?: string; tool_calls?: unknown[] }; finish_reason: string | null }[];
  usage?: { total_tokens: number } | null;
}

async function stream(body: object): Promise<{ chunks: Chunk[]; last: string | undefined }> {
  const lines = (await (await ask({ ...body, stream: true })).text()).split('\n\n').filter(Boolean);
  const last = lines.pop();
  return { chunks: lines.map((line) => JSON.parse(line.replace(/^data: /, '')) as Chunk), last };
}

test('the model list names its models', async () => {
  const list = await (await fetch(`${server.baseUrl}/models`)).json();
  expect(list).toMatchObject({ object: 'list', data: [{ id: 'test-model', object: 'model' }, { id: 'test-model-large' }] });
});

test('a whole answer has one message, a finish reason and usage', async () => {
  const answer = await (await ask(hello)).json();
  expect(answer).toMatchObject({
    object: 'chat.completion',
    model: 'test-model',
    choices: [{ index: 0, message: { role: 'assistant', content: 'You said: good day to you' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 4, completion_tokens: 6, total_tokens: 10 },
  });
});

test('a stream has a role chunk, deltas, a finish chunk, usage where asked for, and [DONE]', async () => {
  const { chunks, last } = await stream({ ...hello, stream_options: { include_usage: true } });
  expect(last).toBe('data: [DONE]');
  expect(chunks[0]).toMatchObject({
    object: 'chat.completion.chunk',
    choices: [{ delta: { role: 'assistant', content: '' } }],
    usage: null,
  });
  expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('You said: good day to you');
  expect(chunks.at(-2)?.choices[0]).toMatchObject({ delta: {}, finish_reason: 'stop' });
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 10 } });
});

test('a stream has no usage unless it was asked for', async () => {
  const { chunks } = await stream(hello);
  expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false);
});

test('n answers arrive interleaved by their index', async () => {
  server.set({ answer: (_request, choice) => `answer ${choice}` });
  const { chunks } = await stream({ ...hello, n: 2 });
  expect(chunks.map(({ choices }) => choices[0]?.index)).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
  const whole = (await (await ask({ ...hello, n: 2 })).json()) as { choices: { message: { content: string } }[] };
  expect(whole.choices.map(({ message }) => message.content)).toEqual(['answer 0', 'answer 1']);
});

test('stop strings and the token limit are kept to', async () => {
  server.set({ answer: () => 'one two three four' });
  const finish = async (more: object) => {
    const answer = (await (await ask({ ...hello, ...more })).json()) as {
      choices: [{ message: { content: string }; finish_reason: string }];
    };
    return [answer.choices[0].message.content, answer.choices[0].finish_reason];
  };
  expect(await finish({ stop: [' three'] })).toEqual(['one two', 'stop']);
  expect(await finish({ max_completion_tokens: 3 })).toEqual(['one two three', 'length']);
});

test('tool calls come in pieces joined by their index', async () => {
  server.set({ answer: () => ({ toolCalls: [{ name: 'get_time', arguments: { tz: 'UTC' } }] }) });
  const { chunks } = await stream({ ...hello, tools: [{ type: 'function', function: { name: 'get_time' } }] });
  const calls = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []) as {
    id?: string;
    function: { arguments: string };
  }[];
  expect(calls.map(({ function: piece }) => piece.arguments).join('')).toBe('{"tz":"UTC"}');
  expect(calls.filter(({ id }) => id !== undefined)).toHaveLength(1);
  expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
});

test('a key that is set is asked for, and a wrong one is refused without being repeated', async () => {
  server.set({ apiKey: 'sk-right-key' });
  expect((await ask(hello, { authorization: 'Bearer sk-right-key' })).status).toBe(200);
  expect((await ask(hello)).status).toBe(401);
  const wrong = await ask(hello, { authorization: 'Bearer sk-wrong-secret' });
  expect(wrong.status).toBe(401);
  const text = await wrong.text();
  expect(text).not.toContain('sk-wrong-secret');
  expect(JSON.parse(text)).toMatchObject({ error: { type: 'invalid_request_error', code: 'invalid_api_key' } });
  expect((await fetch(`${server.baseUrl}/models`)).status).toBe(401);
});

const user = { role: 'user', content: 'x' };
const call = {
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
};

test.each([
  ['an unknown model', { ...hello, model: 'gone' }, 404, 'model_not_found'],
  ['no model', { messages: [user] }, 400, null],
  ['no messages', { model: 'test-model' }, 400, 'missing_required_parameter'],
  ['empty messages', { ...hello, messages: [] }, 400, 'empty_array'],
  ['an unknown role', { ...hello, messages: [{ role: 'bot', content: 'x' }] }, 400, 'invalid_value'],
  ['content that is null', { ...hello, messages: [{ role: 'user', content: null }] }, 400, null],
  ['an unknown part', { ...hello, messages: [{ role: 'user', content: [{ type: 'video' }] }] }, 400, 'invalid_value'],
  [
    'a tool result without its call',
    { ...hello, messages: [user, { role: 'tool', tool_call_id: 'c1', content: '' }] },
    400,
    null,
  ],
  ['a tool call without its result', { ...hello, messages: [user, call, user] }, 400, null],
  ['an unknown parameter', { ...hello, top_k: 4 }, 400, 'unknown_parameter'],
  ['a temperature above 2', { ...hello, temperature: 2.5 }, 400, 'decimal_above_max_value'],
  ['a temperature in quotes', { ...hello, temperature: '1' }, 400, 'invalid_type'],
  ['half a token', { ...hello, max_tokens: 0.5 }, 400, 'invalid_type'],
  ['five stop strings', { ...hello, stop: ['a', 'b', 'c', 'd', 'e'] }, 400, 'array_above_max_length'],
  ['stream_options without stream', { ...hello, stream_options: { include_usage: true } }, 400, null],
  ['tool_choice without tools', { ...hello, tool_choice: 'auto' }, 400, null],
  ['JSON mode without the word', { ...hello, response_format: { type: 'json_object' } }, 400, null],
  [
    'a schema without a name',
    { ...hello, response_format: { type: 'json_schema', json_schema: {} } },
    400,
    'missing_required_parameter',
  ],
  ['no JSON', '{"model":', 400, null],
])('%s is refused', async (_name, body, status, code) => {
  const answer = await ask(body);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ error: { message: expect.any(String), type: 'invalid_request_error', code } });
  expect(server.chats).toEqual([]);
});

test('another content type and another address are refused', async () => {
  expect((await ask(hello, { 'content-type': 'text/plain' })).status).toBe(400);
  expect((await fetch(`${server.baseUrl}/nothing`)).status).toBe(404);
});

test('tool calls that were answered are accepted', async () => {
  const messages = [user, call, { role: 'tool', tool_call_id: 'c1', content: 'done' }];
  expect((await ask({ ...hello, messages })).status).toBe(200);
  expect(server.chats).toHaveLength(1);
});

test('the head, the first byte and the chunks wait as told', async () => {
  server.set({ headDelayMs: 40, firstByteDelayMs: 40, chunkDelayMs: 20, answer: () => 'a b c' });
  const started = performance.now();
  const response = await ask({ ...hello, stream: true });
  const head = performance.now() - started;
  await response.text();
  const end = performance.now() - started;
  expect(head).toBeGreaterThan(35);
  expect(end - head).toBeGreaterThan(35 + 55);
});
