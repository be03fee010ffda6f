import { expect, test } from 'vitest';
import type { GenerateRequest } from '../../protocol/generate';
import { toUsage } from '../../providers/dialects/openai-usage';
import { answering, ask, eventStream, json, knownRow, providerOf, run } from './replay';
import { chunk } from './timed';

const openrouter = knownRow('openrouter');
const compatible = knownRow('openai-compatible');

const event = (value: unknown): string => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
const finished = chunk({}, 'stop');
const read = (stream: string, request: GenerateRequest = ask('Hi'), row = compatible) =>
  run(providerOf(row, { fetch: answering(() => eventStream(stream)) }), request);

test('start names the model that was asked for where the backend names none', async () => {
  const { parts } = await read(event({ choices: [{ delta: { content: 'Hi' }, finish_reason: 'stop' }] }));
  expect(parts[0]).toEqual({ type: 'start', model: 'm', warnings: [] });
  const named = await read(event({ model: '', choices: [] }) + chunk({}, 'stop', { model: 'n' }));
  expect(named.parts[0]).toMatchObject({ model: 'n' });
});

test.each([
  'data: {"choices":[{"delta":{"content":"b"\n\n',
  event('no JSON'),
  event('42'),
  event('null'),
  event('[]'),
  event({ choices: {} }),
  event({ choices: [null] }),
  event({ choices: [{ index: -1, delta: {} }] }),
  event({ choices: [{ index: 'first', delta: {} }] }),
  event({ choices: [{ delta: { content: 7 } }] }),
  event({ choices: [{ delta: { tool_calls: [{ index: -1 }] } }] }),
  event({ choices: [{ delta: {}, finish_reason: 3 }] }),
])('a broken event ends the stream, its beginning kept: %j', async (broken) => {
  const { parts, error } = await read(chunk({ content: 'a' }) + broken + chunk({ content: 'never' }, 'stop'));
  expect(error).toEqual({ code: 'bad-response', fault: 'malformed' });
  expect(parts.slice(1)).toEqual([{ type: 'text-delta', text: 'a' }]);
});

test.each([
  'data:\n\n',
  event({}),
  event({ choices: null }),
  event({ choices: [] }),
  event({ choices: [{ index: 7, delta: { content: 'nobody asked' } }] }),
  event({ choices: [{ delta: null }] }),
  event({ choices: [{ delta: { content: null, reasoning: { odd: 1 } } }] }),
  event({ choices: [], usage: 'none' }),
  'event: ping\ndata: not JSON\n\n',
  'event: progress\ndata: {"percent":3}\n\n',
  ': comment\n\nid: 3\nretry: 5\n\nodd: field\n\n',
])('what carries nothing is skipped: %j', async (nothing) => {
  const { parts, error } = await read(chunk({ content: 'a' }) + nothing + chunk({ content: 'b' }, 'stop'));
  expect(error).toBeUndefined();
  expect(parts.slice(1)).toEqual([
    { type: 'text-delta', text: 'ab' },
    { type: 'finish', reason: 'stop', rawReason: 'stop' },
  ]);
});

test('nothing is read after [DONE], the second one neither', async () => {
  const { parts, error } = await read(`${chunk({ content: 'a' }, 'stop')}data: [DONE]\n\ndata: [DONE]\n\ndata: broken\n\n`);
  expect(error).toBeUndefined();
  expect(parts).toHaveLength(3);
});

test('[DONE] without a finish reason is an answer that broke off', async () => {
  expect((await read(`${chunk({ content: 'a' })}data: [DONE]\n\n`)).error?.fault).toBe('interrupted');
});

test.each([
  [event({ error: { message: 'Busy', type: 'overloaded_error' } }), 'overloaded'],
  [event({ error: 'busy' }), 'server'],
  [event({ object: 'error', message: 'old vLLM', code: 400 }), 'invalid-request'],
  ['event: error\ndata: {"message":"gone","code":504}\n\n', 'timeout'],
  [event({ choices: [{ delta: {}, error: { code: 429, message: 'slow' } }] }), 'rate-limit'],
  [chunk({ content: '' }, 'error'), 'server'],
])('an error inside a stream ends it at any position: %j', async (failure, fault) => {
  expect((await read(failure)).error).toMatchObject({ fault });
  const later = await read(chunk({ content: 'a' }) + failure + finished);
  expect(later.error).toMatchObject({ fault });
  expect(later.parts.slice(1)).toEqual([{ type: 'text-delta', text: 'a' }]);
});

test.each([
  ['stop', 'stop'],
  ['eos', 'stop'],
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['content_filter', 'content-filter'],
  ['function_call', 'tool-calls'],
  ['constructor', 'other'],
])('finish reason %s means %s', async (raw, reason) => {
  expect((await read(chunk({}, raw))).parts.at(-1)).toEqual({ type: 'finish', reason, rawReason: raw });
});

test('an empty finish reason is none yet, the first real one stays', async () => {
  const { parts } = await read(chunk({ content: 'a' }, '') + chunk({ content: 'b' }, 'null') + chunk({}, 'length') + finished);
  expect(parts.at(-1)).toMatchObject({ reason: 'length' });
});

test('a whole answer without a finish reason is complete all the same', async () => {
  const whole = answering(() => json({ choices: [{ message: { content: 'Hi', tool_calls: null }, finish_reason: null }] }));
  expect((await run(providerOf(compatible, { fetch: whole }), ask('Hi'))).parts.at(-1)).toEqual({
    type: 'finish',
    reason: 'other',
  });
});

test('reasoning is read under both names, once', async () => {
  const { parts } = await read(chunk({ reasoning: 'x', reasoning_content: 'x' }) + chunk({ reasoning: 'y' }) + finished);
  expect(parts.filter(({ type }) => type === 'reasoning-delta')).toEqual([{ type: 'reasoning-delta', text: 'xy' }]);
});

test('content as a list of parts is read as its text', async () => {
  const content = [{ type: 'thinking', text: 'no' }, { type: 'text', text: 'yes' }, { type: 'text' }];
  expect((await read(chunk({ content }, 'stop'))).parts[1]).toEqual({ type: 'text-delta', text: 'yes' });
});

test('usage is told once, the last of it, and only what is known', async () => {
  const { parts } = await read(
    chunk({}, 'stop', { usage: { prompt_tokens: 1, completion_tokens: 1 } }) +
      event({ choices: [], usage: { prompt_tokens: 5, completion_tokens: -1, prompt_tokens_details: null, cost: 3 } }),
  );
  expect(parts.filter(({ type }) => type === 'usage')).toEqual([{ type: 'usage', usage: { inputTokens: 5, estimated: false } }]);
});

test('the cost of OpenRouter is rounded up to micro-dollars', async () => {
  const usage = { prompt_tokens: 1, completion_tokens: 1, cost: 0.0000132 };
  const { parts } = await read(chunk({}, 'stop', { usage }), ask('Hi'), openrouter);
  expect(parts.find((part) => part.type === 'usage')).toMatchObject({ usage: { costMicroUsd: 14 } });
});

test.each([
  ['the person’s own key: the vendor bills them as well', { cost: 0.001, is_byok: true }, 36_002],
  ['OpenRouter’s: the same money is told twice', { cost: 0.035002, is_byok: false }, 35_002],
])('with %s', async (_name, fields, costMicroUsd) => {
  const details = { cost_details: { upstream_inference_cost: 0.035002 }, prompt_tokens_details: { cache_write_tokens: 7 } };
  const usage = { prompt_tokens: 9, completion_tokens: 1, ...fields, ...details };
  const { parts } = await read(chunk({}, 'stop', { usage }), ask('Hi'), openrouter);
  expect(parts.find((part) => part.type === 'usage')).toMatchObject({ usage: { costMicroUsd, cacheWriteTokens: 7 } });
});

test('T99 tool arguments come together from pieces of one character, in the order of their index, gaps or not', async () => {
  const json = '{"q":"Łeba"}';
  const pieces = [...json].map((piece) => chunk({ tool_calls: [{ index: 0, function: { arguments: piece } }] }));
  const { parts } = await read(
    chunk({ tool_calls: [{ index: 900, id: 'last', function: { name: 'b' } }] }) +
      chunk({ tool_calls: [{ index: 0, id: 'first', function: { name: 'a', arguments: '' } }] }) +
      pieces.join('') +
      chunk({}, 'tool_calls'),
  );
  expect(parts.slice(1)).toEqual([
    { type: 'tool-call', id: 'first', name: 'a', arguments: json },
    { type: 'tool-call', id: 'last', name: 'b', arguments: '{}' },
    { type: 'finish', reason: 'tool-calls', rawReason: 'tool_calls' },
  ]);
});

test('T99 five hundred parallel tool calls and invalid JSON arguments pass through', async () => {
  const calls = Array.from({ length: 500 }, (_, index) => ({ index, function: { name: 'a', arguments: '{"broken' } }));
  const { parts } = await read(chunk({ tool_calls: calls }, 'tool_calls'));
  const toolCalls = parts.filter((part) => part.type === 'tool-call');
  expect(toolCalls).toHaveLength(500);
  expect(toolCalls[499]).toEqual({ type: 'tool-call', id: 'call_499', name: 'a', arguments: '{"broken' });
});

test('T99 a tool call without a name is nonsense', async () => {
  expect((await read(chunk({ tool_calls: [{ index: 0, id: 'a' }] }, 'tool_calls'))).error?.fault).toBe('malformed');
});

test('the calls of a whole answer stay apart even where all have index 0', async () => {
  const tool_calls = [
    { index: 0, function: { name: 'a' } },
    { index: 0, function: { name: 'b' } },
  ];
  const whole = answering(() => json({ choices: [{ message: { tool_calls }, finish_reason: 'tool_calls' }] }));
  const { parts } = await run(providerOf(compatible, { fetch: whole }), ask('Hi'));
  expect(parts.filter((part) => part.type === 'tool-call').map(({ id, name }) => `${id} ${name}`)).toEqual([
    'call_0 a',
    'call_1 b',
  ]);
});

test('an error inside an answer is never worth another try', async () => {
  const fetch = answering(() => eventStream(event({ error: { message: 'Busy', type: 'overloaded_error' } })));
  const stream = providerOf(compatible, { fetch }).generate(ask('Hi'), new AbortController().signal)[Symbol.asyncIterator]();
  await expect(stream.next()).rejects.toMatchObject({ fault: 'overloaded', retryable: false });
  expect(fetch.calls).toHaveLength(1);
});

test.each([
  ['a cost', { cost: 0.0025 }, 2500],
  ['a cost of nothing, of a model without a price', { cost: 0 }, undefined],
  ['no cost', {}, undefined],
])('LiteLLM’s word on money is taken where it tells %s', (_what, wire, costMicroUsd) => {
  expect(toUsage(wire, { cost: 'dollars' }).costMicroUsd).toBe(costMicroUsd);
  expect(toUsage(wire, {}).costMicroUsd).toBeUndefined();
});

test('what one network read brings is one part, and what comes before a fault in it comes first', async () => {
  const many = chunk({ content: 'a' }).repeat(300);
  const { parts, error } = await read(`${many}${event({ error: { message: 'gone' } })}`);
  expect(parts.map((part) => ('text' in part ? part.text.length : part.type))).toEqual(['start', 300]);
  expect(error).toBeDefined();
});

test.each([
  [
    { content: 'b', reasoning: 'r' },
    { reasoning: 'r', text: 'ab' },
  ],
  [
    { content: 'b', reasoning_content: 'r' },
    { reasoning: 'r', text: 'ab' },
  ],
  [
    { content: 'b', refusal: '!' },
    { reasoning: '', text: 'ab!' },
  ],
  [{ content: [{ type: 'text', text: 'b' }] }, { reasoning: '', text: 'ab' }],
])('in the middle of an answer a chunk that is more than text is read in full: %j', async (delta, expected) => {
  const { parts } = await read(chunk({ content: 'a' }) + chunk(delta) + finished);
  const textOf = (type: string) => parts.map((part) => (part.type === type && 'text' in part ? part.text : '')).join('');
  expect({ reasoning: textOf('reasoning-delta'), text: textOf('text-delta') }).toEqual(expected);
});

test('a tool call, the use and the reason are found in chunks that bring text as well', async () => {
  const call = { index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
  const { parts } = await read(
    chunk({ content: 'a' }) +
      chunk({ content: 'b', tool_calls: [call] }) +
      chunk({ content: 'c' }, 'tool_calls', { usage: { prompt_tokens: 3, completion_tokens: 4 } }),
  );
  expect(parts.map(({ type }) => type)).toEqual(['start', 'text-delta', 'tool-call', 'usage', 'finish']);
});
