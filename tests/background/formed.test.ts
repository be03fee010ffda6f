import { expect, test } from 'vitest';
import { formed, type Generate } from '../../background/formed';
import { AiError, backendError } from '../../protocol/errors';
import type { FinishReason, GenerateRequest, ResponseFormat, StreamPart, Usage } from '../../protocol/generate';

const object: ResponseFormat = {
  type: 'json-schema',
  schema: { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'], additionalProperties: false },
};
const integer: ResponseFormat = { type: 'json-schema', schema: { type: 'integer' } };
const date: ResponseFormat = { type: 'regexp', source: '^\\d{4}-\\d{2}$', flags: '' };

type Script = readonly (string | StreamPart)[] | Error;

const start: StreamPart = { type: 'start', model: 'm', warnings: [] };
const usage = (inputTokens?: number, outputTokens?: number): StreamPart => ({
  type: 'usage',
  usage: { inputTokens, outputTokens, estimated: false } as Usage,
});
const finish = (reason: FinishReason = 'stop', output?: number): StreamPart => ({
  type: 'finish',
  reason,
  ...(output !== undefined && { output }),
});

interface Run {
  readonly parts: StreamPart[];
  readonly asked: GenerateRequest[];
  readonly text: string;
  error?: AiError;
  /** Parts of each answer that were read. */
  readonly read: number[];
}

/** Each call of the backend plays the next script. */
async function run(request: Partial<GenerateRequest>, scripts: readonly Script[], mayRepeat = true): Promise<Run> {
  const asked: GenerateRequest[] = [];
  const read: number[] = [];
  const generate: Generate = async function* (given) {
    const script = scripts[asked.length];
    asked.push(given);
    read.push(0);
    if (script instanceof Error || !script) throw script ?? new Error('Asked too often.');
    for (const part of [start, ...script]) {
      read[read.length - 1] = (read.at(-1) as number) + 1;
      yield typeof part === 'string' ? { type: 'text-delta', text: part } : part;
    }
    if (!script.some((part) => typeof part === 'object' && part.type === 'finish')) yield finish();
  };
  const result: Run & { text: string } = { parts: [], asked, text: '', read };
  try {
    const whole = { messages: [{ role: 'user', content: [{ type: 'text', text: 'When?' }] }], ...request } as GenerateRequest;
    for await (const part of formed(whole, generate, mayRepeat)) {
      result.parts.push(part);
      if (part.type === 'text-delta') result.text += part.text;
    }
  } catch (error) {
    result.error = error as AiError;
  }
  return result;
}

const lastSaid = (request: GenerateRequest | undefined) => {
  const part = request?.messages.findLast(({ role }) => role === 'user')?.content.at(-1);
  return part?.type === 'text' ? part.text : undefined;
};

test('without a form the answer passes as it is, and the request too', async () => {
  for (const responseFormat of [undefined, { type: 'text' } as const]) {
    const { parts, asked } = await run({ responseFormat }, [['Hello ', 'there.']]);
    expect(parts).toEqual([start, { type: 'text-delta', text: 'Hello ' }, { type: 'text-delta', text: 'there.' }, finish()]);
    expect(asked).toHaveLength(1);
  }
});

test('JSON of a backend that enforces the schema comes as it is written', async () => {
  const { parts, asked } = await run({ responseFormat: object }, [[' {"a"', ':1}', usage(3, 4)]]);
  expect(asked).toMatchObject([{ responseFormat: object, messages: [{ content: [{ text: 'When?' }] }] }]);
  expect(parts).toEqual([
    start,
    { type: 'text-delta', text: ' {"a"' },
    { type: 'text-delta', text: ':1}' },
    { type: 'usage', usage: expect.objectContaining({ inputTokens: 3, outputTokens: 4 }) },
    finish(),
  ]);
});

test('JSON that is wrong in the end is an invalid answer, and nothing is asked again after a byte was delivered', async () => {
  const { text, error, asked, parts } = await run({ responseFormat: object }, [['{"a":', '"x"}', usage(3, 4)]]);
  expect(text).toBe('{"a":"x"}');
  expect(error).toMatchObject({ code: 'invalid-answer' });
  expect(asked).toHaveLength(1);
  expect(parts.at(-1)).toMatchObject({ type: 'usage' });
});

test('an answer that was cut off at its limit is not in the form', async () => {
  const { error } = await run({ responseFormat: object }, [['{"a":', finish('length')]]);
  expect(error).toMatchObject({ code: 'invalid-answer' });
});

test('a server that ignores the schema is told in words, once, and only the right answer is delivered', async () => {
  const { parts, text, asked, read } = await run({ responseFormat: object }, [
    ['Sure! ', 'Here it is: ', '{"a":1}'],
    ['```json\n{"a":2}\n```', usage(5, 6)],
  ]);
  expect(text).toBe('{"a":2}');
  // The rest of the wrong answer is not even read.
  expect(read[0]).toBe(2);
  expect(asked[1]).toMatchObject({ responseFormat: undefined });
  expect(lastSaid(asked[1])).toContain('Answer with nothing but JSON that is valid against this JSON Schema: {"type":"object"');
  expect(parts.filter(({ type }) => type === 'start')).toHaveLength(1);
});

test('a backend that cannot enforce a schema is told in words, and its answer is held back until it is checked', async () => {
  const refusal = backendError('not-supported', 'no', { field: 'responseFormat' });
  const { parts, asked } = await run({ responseFormat: object }, [refusal, ['{"a"', ':1}']]);
  expect(parts).toEqual([start, { type: 'text-delta', text: '{"a":1}' }, finish()]);
  expect(lastSaid(asked[1])).toContain('JSON Schema');
});

test('what else a backend refuses is its refusal', async () => {
  for (const error of [backendError('auth', 'no'), new AiError('aborted', 'gone')]) {
    const { error: thrown, asked } = await run({ responseFormat: object }, [error]);
    expect(thrown).toBe(error);
    expect(asked).toHaveLength(1);
  }
  const late = backendError('not-supported', 'no');
  const { error } = await run({ responseFormat: object }, [late, late]);
  expect(error).toBe(late);
});

test('two answers that are not in the form are enough', async () => {
  const { error, text, asked, parts } = await run({ responseFormat: date }, [
    ['In November.', usage(1, 2)],
    ['2026-1', usage(3, 4)],
  ]);
  expect(error).toMatchObject({ code: 'invalid-answer' });
  expect(text).toBe('');
  expect(asked).toHaveLength(2);
  expect(lastSaid(asked[0])).toContain(
    'regular expression of JavaScript from its first to its last character: /^\\d{4}-\\d{2}$/',
  );
  expect(lastSaid(asked[1])).toContain('The answer before this one was not in the form that is needed.');
  // The first answer was left at its first word, so that nobody knows what it used.
  expect(parts.at(-1)).toMatchObject({ type: 'usage', usage: { inputTokens: 3, outputTokens: 4, estimated: true } });
});

test('what both answers used is told as one', async () => {
  const { parts } = await run({ responseFormat: integer }, [
    ['"x"', usage(10, 1)],
    ['7', usage(12, 2)],
  ]);
  expect(parts).toContainEqual({ type: 'usage', usage: expect.objectContaining({ inputTokens: 22, outputTokens: 3 }) });
  const unknown = await run({ responseFormat: integer }, [
    ['"x"', usage(10)],
    ['7', usage(12, 2)],
  ]);
  expect(unknown.parts.find(({ type }) => type === 'usage')).toMatchObject({
    usage: { inputTokens: 22, outputTokens: undefined },
  });
});

test('an answer that goes on at its backend without us is not asked for twice', async () => {
  const { error, asked } = await run({ responseFormat: date }, [['In November.']], false);
  expect(error).toMatchObject({ code: 'invalid-answer' });
  expect(asked).toHaveLength(1);
});

test('an expression is matched as a whole, and the blanks around it are taken off', async () => {
  expect((await run({ responseFormat: date }, [['\n2026', '-11 ']])).text).toBe('2026-11');
  const spaced: ResponseFormat = { type: 'regexp', source: ' a ', flags: '' };
  expect((await run({ responseFormat: spaced }, [[' a ']])).text).toBe(' a ');
});

test('a schema whose root is no object is asked for inside of one, and comes out of it', async () => {
  const { asked, text } = await run({ responseFormat: integer }, [['{"value":', ' 7}']]);
  expect(asked[0]?.responseFormat).toMatchObject({
    schema: { type: 'object', properties: { value: { type: 'integer' } }, required: ['value'] },
  });
  expect(text).toBe('7');
  expect((await run({ responseFormat: integer }, [['7']])).text).toBe('7');
  const nothing: ResponseFormat = { type: 'json-schema', schema: { type: 'null' } };
  expect((await run({ responseFormat: nothing }, [['{"value":null}']])).text).toBe('null');
});

test('a schema with references is not put inside of another one', async () => {
  const schema = { $ref: '#/$defs/a', $defs: { a: { type: 'integer' } } };
  const { asked, text } = await run({ responseFormat: { type: 'json-schema', schema } }, [['7']]);
  expect(asked[0]?.responseFormat).toBeUndefined();
  expect(text).toBe('7');
});

test('thoughts before the answer, and marks around it, are taken off', async () => {
  const { text } = await run({ responseFormat: date }, [['<think>November', '</think>\n2026-11']]);
  expect(text).toBe('2026-11');
  const json = await run({ responseFormat: integer }, [['<think>7?', '</think>\n```json\n7\n```']]);
  expect(json.text).toBe('7');
});

test('reasoning and progress are passed on as they come, before anything is checked', async () => {
  const progress: StreamPart = { type: 'progress', stage: 'queued' };
  const reasoning: StreamPart = { type: 'reasoning-delta', text: 'Hm.' };
  const { parts } = await run({ responseFormat: date }, [[progress, reasoning, '2026-11']]);
  expect(parts).toEqual([start, progress, reasoning, { type: 'text-delta', text: '2026-11' }, finish()]);
});

test('a call of a tool is no answer yet, whatever is said beside it', async () => {
  const call: StreamPart = { type: 'tool-call', id: '1', name: 'find', arguments: '{}' };
  const tools = [{ name: 'find', parameters: {} }];
  const { parts } = await run({ responseFormat: object, tools }, [['Let me look.', call, finish('tool-calls')]]);
  expect(parts).toEqual([start, call, { type: 'text-delta', text: 'Let me look.' }, finish('tool-calls')]);
});

test('what is said after a call of a tool is no answer in a form either, and an answer that nobody asked for is none', async () => {
  const call: StreamPart = { type: 'tool-call', id: '1', name: 'find', arguments: '{}' };
  const { text } = await run({ responseFormat: object, tools: [{ name: 'find', parameters: {} }] }, [[call, 'Wait.']]);
  expect(text).toBe('Wait.');
  const stray = await run({ responseFormat: integer }, [['7', { ...call, output: 5 }, finish('tool-calls', 5)]]);
  expect(stray.text).toBe('7');
});

test('a call of a tool that is no text does not count as the beginning of an answer', async () => {
  const messages: GenerateRequest['messages'] = [
    { role: 'user', content: [{ type: 'text', text: 'When?' }] },
    { role: 'assistant', content: [{ type: 'tool-call', id: '1', name: 'find', arguments: '{}' }] },
  ];
  const { asked } = await run({ responseFormat: object, messages }, [['{"a":1}']]);
  expect(asked[0]?.responseFormat).toEqual(object);
});

test('an answer that its provider cut off by its rules is told as that', async () => {
  const { parts, error } = await run({ responseFormat: object }, [['{"a":', finish('content-filter')]]);
  expect(error).toBeUndefined();
  expect(parts.at(-1)).toEqual(finish('content-filter'));
});

test('of several answers each must be in the form', async () => {
  const delta = (text: string, output: number): StreamPart => ({ type: 'text-delta', text, output });
  const both = await run({ responseFormat: object, outputs: 2 }, [
    [delta('{"a":1}', 0), delta('{"a":2}', 1), finish('stop', 0), finish('stop', 1)],
  ]);
  expect(both.parts).toEqual([
    start,
    { type: 'text-delta', text: '{"a":1}' },
    { type: 'text-delta', text: '{"a":2}', output: 1 },
    finish('stop', 0),
    finish('stop', 1),
  ]);
  const wrong = [delta('{"a":1}', 0), delta('no', 1), finish('stop', 0), finish('stop', 1)];
  expect((await run({ responseFormat: object, outputs: 2 }, [wrong, wrong])).error).toMatchObject({ code: 'invalid-answer' });
  const stray = await run({ responseFormat: integer }, [[delta('x', 5), '7']]);
  expect(stray.text).toBe('7');
});

const begun = (text: string): GenerateRequest['messages'] => [
  { role: 'user', content: [{ type: 'text', text: 'When?' }] },
  { role: 'assistant', content: [{ type: 'text', text }] },
];

test('with a beginning the form holds for the beginning and the rest, and only the rest is the answer', async () => {
  const { asked, text } = await run({ responseFormat: object, messages: begun('{"a":') }, [['1}']]);
  expect(asked[0]?.responseFormat).toBeUndefined();
  expect(lastSaid(asked[0])).toContain('go on right after its beginning');
  expect(text).toBe('1}');
  expect((await run({ responseFormat: date, messages: begun('2026-') }, [['11']])).text).toBe('11');
});

test('a model that repeats the beginning has its repetition cut off', async () => {
  expect((await run({ responseFormat: date, messages: begun('2026-') }, [['2026-11']])).text).toBe('11');
  expect((await run({ responseFormat: object, messages: begun('{"a":') }, [['{"a":1}']])).text).toBe('1}');
});

test.each<[string, ResponseFormat, string]>([
  ['is no JSON', object, 'Rating:'],
  ['is of another type', object, '['],
  ['is of none of its types', { type: 'json-schema', schema: { type: ['string', 'null'] } }, '7'],
  ['matches no beginning of the expression', date, 'Rating:'],
])('a beginning that %s is refused before any model is asked', async (_name, responseFormat, text) => {
  const { error, asked } = await run({ responseFormat, messages: begun(text) }, []);
  expect(error).toMatchObject({ code: 'not-supported', field: 'messages' });
  expect(asked).toEqual([]);
});

test.each([
  ['{}', '{"'],
  ['{"type":["string","null"]}', '"'],
  ['{"type":"number"}', '-'],
])('a beginning that fits the schema %s is taken: %s', async (schema, text) => {
  const { asked } = await run({ responseFormat: { type: 'json-schema', schema: JSON.parse(schema) }, messages: begun(text) }, [
    ['x'],
    ['x'],
  ]);
  expect(asked.length).toBeGreaterThan(0);
});

test('where no user speaks, the form is said by the system', async () => {
  const messages: GenerateRequest['messages'] = [{ role: 'system', content: [{ type: 'text', text: 'Write.' }] }];
  const { asked } = await run({ responseFormat: date, messages }, [['2026-11']]);
  expect(asked[0]?.messages).toHaveLength(2);
  expect(asked[0]?.messages[0]).toMatchObject({ role: 'system', content: [{ text: expect.stringContaining('2') }] });
});

test('a form that is not to be told is enforced or checked, and no word of it is said', async () => {
  const untold: ResponseFormat = { ...date, isUntold: true };
  const { asked, text } = await run({ responseFormat: untold }, [['In May.'], ['1889-05']]);
  expect(text).toBe('1889-05');
  expect(asked.map(({ messages, responseFormat }) => [messages[0]?.content, responseFormat])).toEqual(
    [1, 2].map(() => [[{ type: 'text', text: 'When?' }], undefined]),
  );
  const enforced = await run({ responseFormat: { ...object, isUntold: true } }, [['{"a": 1}']]);
  expect(enforced.asked[0]?.responseFormat).toMatchObject({ type: 'json-schema' });
});
