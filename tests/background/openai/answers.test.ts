import { expect, test } from 'vitest';
import { createChatAnswer, createCompletionAnswer } from '../../../background/openai/chat-answer';
import { createResponsesAnswer } from '../../../background/openai/responses-answer';
import type { AnswerWriter } from '../../../background/openai/wire-answer';
import { failedAnswer, WireError, wireErrorOf } from '../../../background/openai/wire-error';
import { AiError, aiErrorCodes, backendError } from '../../../protocol/errors';
import type { StreamPart } from '../../../protocol/generate';

const identity = { id: 'x', created: 7 };
const chat = (options: { includesUsage?: boolean; isLegacy?: boolean } = {}) =>
  createChatAnswer({ ...identity, includesUsage: false, isLegacy: false, ...options });

const start: StreamPart = { type: 'start', model: 'm', warnings: [] };
const usage: StreamPart = {
  type: 'usage',
  usage: { inputTokens: 3, outputTokens: 2, cachedTokens: 1, reasoningTokens: 1, estimated: false },
};
const text = (words: string, output?: number): StreamPart => ({
  type: 'text-delta',
  text: words,
  ...(output !== undefined && { output }),
});
const call: StreamPart = { type: 'tool-call', id: 'c1', name: 'weather', arguments: '{"city":"Bern"}' };
const finish = (
  reason: 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other' | 'aborted',
  output?: number,
): StreamPart => ({
  type: 'finish',
  reason,
  ...(output !== undefined && { output }),
});
const progress: StreamPart = { type: 'progress', stage: 'queued', position: 1 };

const taken = (writer: AnswerWriter, ...parts: StreamPart[]) => parts.map((part) => writer.take(part)).join('');
/** The data of each event; `[DONE]` as it is. */
const dataOf = (stream: string) =>
  stream
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => event.replace(/^(?:event: .*\n)?data: /, ''))
    .map((data) => (data === '[DONE]' ? data : JSON.parse(data)));

test('a streamed chat: who speaks, what is said, why it ended, what was used, the end', () => {
  const writer = chat({ includesUsage: true });
  const events = dataOf(
    taken(writer, progress, start, { type: 'reasoning-delta', text: 'Hm' }, text('Hel'), text('lo'), usage, finish('stop')) +
      writer.end(),
  );
  const head = { id: 'chatcmpl-x', object: 'chat.completion.chunk', created: 7, model: 'm' };
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    ...head,
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    usage: null,
  });
  expect(events).toEqual([
    chunk({ role: 'assistant', content: '' }),
    chunk({ reasoning_content: 'Hm' }),
    chunk({ content: 'Hel' }),
    chunk({ content: 'lo' }),
    chunk({}, 'stop'),
    {
      ...head,
      choices: [],
      usage: {
        prompt_tokens: 3,
        completion_tokens: 2,
        total_tokens: 5,
        prompt_tokens_details: { cached_tokens: 1 },
        completion_tokens_details: { reasoning_tokens: 1 },
      },
    },
    '[DONE]',
  ]);
});

test('usage that nobody asked for, or that nobody knows, is not streamed', () => {
  const silent = chat();
  expect(dataOf(taken(silent, start, usage, finish('stop')) + silent.end()).filter((one) => 'usage' in Object(one))).toEqual([]);
  const unknown = chat({ includesUsage: true });
  expect(dataOf(taken(unknown, start, finish('stop')) + unknown.end()).at(-2).choices).toHaveLength(1);
});

test('several answers are told apart, and each says who speaks', () => {
  const events = dataOf(taken(chat(), start, text('a', 0), text('b', 1), finish('stop', 1), finish('length', 0)));
  expect(events.map(({ choices: [{ index, delta, finish_reason }] }) => [index, delta, finish_reason])).toEqual([
    [0, { role: 'assistant', content: '' }, null],
    [0, { content: 'a' }, null],
    [1, { role: 'assistant', content: 'b' }, null],
    [1, {}, 'stop'],
    [0, {}, 'length'],
  ]);
});

test('calls of tools are streamed whole, each under its number', () => {
  const events = dataOf(taken(chat(), start, call, { ...call, id: 'c2' }, finish('tool-calls')));
  const { name, arguments: json } = call as Extract<StreamPart, { type: 'tool-call' }>;
  const wire = (index: number, id: string) => ({
    tool_calls: [{ index, id, type: 'function', function: { name, arguments: json } }],
  });
  expect(events.map(({ choices: [{ delta }] }) => delta)).toEqual([
    { role: 'assistant', content: '' },
    wire(0, 'c1'),
    wire(1, 'c2'),
    {},
  ]);
  expect(events.at(-1).choices[0].finish_reason).toBe('tool_calls');
});

test('a page that offered functions is answered with a function call', () => {
  const writer = chat({ isLegacy: true });
  const events = dataOf(taken(writer, start, call, finish('tool-calls')));
  expect(events[1].choices[0].delta).toEqual({ function_call: { name: 'weather', arguments: '{"city":"Bern"}' } });
  expect(events[2].choices[0].finish_reason).toBe('function_call');
  expect(writer.whole()).toMatchObject({
    choices: [{ message: { content: null, function_call: { name: 'weather' } }, finish_reason: 'function_call' }],
  });
});

test('a chat as one document', () => {
  const writer = chat();
  taken(writer, start, { type: 'reasoning-delta', text: 'Hm' }, text('Hello'), call, usage, finish('tool-calls'));
  expect(writer.whole()).toEqual({
    id: 'chatcmpl-x',
    object: 'chat.completion',
    created: 7,
    model: 'm',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: 'Hello',
          refusal: null,
          reasoning_content: 'Hm',
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } }],
        },
        logprobs: null,
        finish_reason: 'tool_calls',
      },
    ],
    usage: expect.objectContaining({ total_tokens: 5 }),
  });
});

test.each([
  ['stop', 'stop'],
  ['length', 'length'],
  ['content-filter', 'content_filter'],
  ['other', 'stop'],
  ['aborted', 'stop'],
] as const)('an answer that ended by %s says %s', (reason, wire) => {
  const writer = chat();
  taken(writer, start, text('a'), finish(reason));
  expect(writer.whole()).toMatchObject({ choices: [{ finish_reason: wire }] });
});

test('an answer of which nobody said why it ended counts as stopped, and a part that names no output is of the first', () => {
  const writer = chat();
  const events = dataOf(taken(writer, start, { type: 'text-delta', text: 'a', output: undefined }));
  expect(events[1].choices[0]).toMatchObject({ index: 0, delta: { content: 'a' } });
  expect(writer.whole()).toMatchObject({ choices: [{ message: { content: 'a' }, finish_reason: 'stop' }] });
});

test('what is not known of the use is left out, never 0', () => {
  const writer = chat();
  taken(writer, start, text('a'), { type: 'usage', usage: { outputTokens: 4, estimated: true } }, finish('stop'));
  expect(JSON.parse(JSON.stringify(writer.whole())).usage).toEqual({ completion_tokens: 4 });
});

test('the older completions: chunks and document have one shape', () => {
  const writer = createCompletionAnswer({ ...identity, includesUsage: true, isLegacy: false });
  const events = dataOf(taken(writer, start, text('Once'), usage, finish('length')) + writer.end());
  const head = { id: 'cmpl-x', object: 'text_completion', created: 7, model: 'm' };
  expect(events.slice(0, 2)).toEqual([
    { ...head, choices: [{ index: 0, text: 'Once', logprobs: null, finish_reason: null }] },
    { ...head, choices: [{ index: 0, text: '', logprobs: null, finish_reason: 'length' }] },
  ]);
  expect(events.at(-2)).toMatchObject({ choices: [], usage: { total_tokens: 5 } });
  expect(events.at(-1)).toBe('[DONE]');
  expect(writer.whole()).toMatchObject({ ...head, choices: [{ index: 0, text: 'Once', finish_reason: 'length' }] });
  const silent = createCompletionAnswer({ ...identity, includesUsage: false, isLegacy: false });
  taken(silent, start, text('a'));
  expect(silent.end()).toBe('data: [DONE]\n\n');
  expect(silent.whole()).toMatchObject({ choices: [{ finish_reason: 'stop' }] });
  expect(dataOf(silent.failed(wireErrorOf(new AiError('timeout', 'x'))))[0].error.code).toBe('timeout');
});

test('a streamed response: every item is opened, grows, and is closed, in numbered events', () => {
  const writer = createResponsesAnswer({ instructions: 'Be short.', temperature: null }, identity);
  const stream =
    taken(
      writer,
      progress,
      start,
      { type: 'reasoning-delta', text: 'Hm' },
      text('Hel'),
      text('lo'),
      call,
      usage,
      finish('tool-calls'),
    ) + writer.end();
  const events = dataOf(stream);
  expect(events.map(({ type }) => type)).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.reasoning_summary_part.added',
    'response.reasoning_summary_text.delta',
    'response.reasoning_summary_text.done',
    'response.reasoning_summary_part.done',
    'response.output_item.done',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.output_item.added',
    'response.function_call_arguments.delta',
    'response.function_call_arguments.done',
    'response.output_item.done',
    'response.completed',
  ]);
  expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_event, index) => index));
  expect(events.filter((event) => 'output_index' in event).map((event) => event.output_index)).toEqual([
    ...Array(6).fill(0),
    ...Array(7).fill(1),
    ...Array(4).fill(2),
  ]);
  expect(stream).toMatch(/^event: response\.created\ndata: \{/);
  const { response } = events.at(-1);
  expect(response).toEqual(writer.whole());
  expect(response).toMatchObject({
    id: 'resp_x',
    object: 'response',
    created_at: 7,
    status: 'completed',
    model: 'm',
    instructions: 'Be short.',
    error: null,
    incomplete_details: null,
    output: [
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm' }] },
      {
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Hello', annotations: [] }],
      },
      { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{"city":"Bern"}', status: 'completed' },
    ],
    usage: { input_tokens: 3, output_tokens: 2, total_tokens: 5, output_tokens_details: { reasoning_tokens: 1 } },
  });
  expect(response).not.toHaveProperty('temperature');
});

test.each([
  ['length', 'max_output_tokens'],
  ['content-filter', 'content_filter'],
] as const)('a response that ended by %s is incomplete', (reason, why) => {
  const writer = createResponsesAnswer({}, identity);
  taken(writer, start, text('a'), finish(reason));
  expect(dataOf(writer.end()).at(-1)).toMatchObject({
    type: 'response.incomplete',
    response: { status: 'incomplete', incomplete_details: { reason: why }, usage: null },
  });
});

test('a stream that fails says so: as an error that clients throw, or as a response that failed', () => {
  const error = wireErrorOf(new AiError('interrupted', 'x'));
  expect(dataOf(chat().failed(error))).toEqual([{ error }]);
  const writer = createResponsesAnswer({}, identity);
  taken(writer, start, text('a'));
  expect(dataOf(writer.failed(error))).toMatchObject([
    { type: 'error', code: 'interrupted' },
    { type: 'response.failed', response: { status: 'failed', error: { code: 'interrupted' } } },
  ]);
});

test.each([
  ['not-allowed', 403, 'permission_denied'],
  ['payment-required', 403, 'insufficient_quota'],
  ['unavailable', 503, 'model_unavailable'],
  ['rate-limited', 429, 'rate_limit_exceeded'],
  ['context-length', 400, 'context_length_exceeded'],
  ['invalid-state', 410, 'reload_required'],
] as const)('%s is a %i with the code %s', (code, status, wire) => {
  const answer = failedAnswer(new AiError(code, 'SECRET'));
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body).error).toMatchObject({
    code: wire,
    param: null,
    type: expect.any(String),
    message: expect.any(String),
  });
  expect(answer.body).not.toContain('SECRET');
});

test('nothing but too many requests is to be tried again, and then after the time that the backend named', () => {
  for (const code of aiErrorCodes) {
    const { headers, status } = failedAnswer(new AiError(code, 'x', { retryAfter: 1500 }));
    if (code === 'rate-limited') expect(headers).toEqual({ 'content-type': 'application/json', 'retry-after': '2' });
    else expect({ status, headers }).toMatchObject({ headers: { 'x-should-retry': 'false' } });
  }
  expect(failedAnswer(new AiError('rate-limited', 'x')).headers).not.toHaveProperty('retry-after');
});

test('a backend’s 4xx is passed on as far as no client takes it for something that passes; its words never are', () => {
  const statusOf = (status: number) => failedAnswer(backendError('invalid-request', 'x', { status, detail: 'SECRET' })).status;
  expect([400, 404, 413, 422, 409, 429, 500].map(statusOf)).toEqual([400, 404, 413, 422, 400, 400, 400]);
  expect(failedAnswer(backendError('invalid-request', 'x', { status: 400, detail: 'SECRET' })).body).not.toContain('SECRET');
  expect(failedAnswer(new Error('SECRET'))).toMatchObject({ status: 500 });
});

test('a fault of the page’s own request says which field it is', () => {
  expect(failedAnswer(new WireError('No.', 'n'))).toMatchObject({ status: 400 });
  expect(JSON.parse(failedAnswer(new WireError('No.', 'n')).body)).toEqual({
    error: { message: 'No.', type: 'invalid_request_error', param: 'n', code: null },
  });
  expect(failedAnswer(new WireError('No.', undefined, { status: 404, code: 'unknown_url' }))).toMatchObject({ status: 404 });
});
