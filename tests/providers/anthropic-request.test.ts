import { expect, test } from 'vitest';
import type { GenerateRequest } from '../../protocol/generate';
import { buildClaudeRequest } from '../../providers/dialects/anthropic-request';
import { rulesOf } from '../../providers/dialects/anthropic-rules';
import { canEnforce, toClaudeSchema } from '../../providers/dialects/anthropic-schema';
import { toArguments } from '../../providers/dialects/tool-arguments';
import { ask } from './replay';

const build = (model: string, more: Partial<GenerateRequest> = {}, isOwnServer = false) =>
  buildClaudeRequest(ask('Hi', { model, ...more }), rulesOf(model, isOwnServer));
const dropped = (model: string, more: Partial<GenerateRequest>) =>
  build(model, more).warnings.flatMap((warning) => (warning.type === 'parameter-dropped' ? warning.parameter : []));
const tools = [{ name: 'look', parameters: { type: 'object' } }];

test.each([
  ['claude-2.1', 'all', 'none'],
  ['claude-3-haiku-20240307', 'all', 'none'],
  ['claude-opus-4-20250514', 'all', 'budget'],
  ['claude-sonnet-4-0', 'all', 'budget'],
  ['claude-opus-4-1-20250805', 'one', 'budget'],
  ['claude-haiku-4-5', 'one', 'budget'],
  ['claude-sonnet-4-6', 'one', 'adaptive'],
  ['claude-opus-4-7', 'none', 'adaptive'],
  ['claude-opus-5', 'none', 'adaptive'],
  ['claude-opus-5-5-20261001', 'none', 'always'],
  ['claude-fable-5', 'none', 'always'],
  ['claude-haiku-5-5', 'none', 'adaptive'],
])('%s takes samplers: %s, thinks: %s', (model, samplers, thinking) => {
  expect(rulesOf(model, false)).toMatchObject({ samplers, thinking });
  expect(rulesOf(`anthropic/${model}`, true)).toMatchObject({ samplers, thinking });
});

test('a later version of a known name is unknown, and what is unknown is held to the strictest rules', () => {
  for (const model of ['claude-opus-4-9', 'claude-sonnet-4-10', 'claude-opus-6', 'claude-new', 'something'])
    expect(rulesOf(model, false), model).toMatchObject({ samplers: 'none', takesPrefill: false, maxOutputTokens: 128_000 });
  expect(rulesOf('qwen3', true)).toMatchObject({ samplers: 'all', takesPrefill: true });
});

test('samplers are sent as far as the model takes them', () => {
  const samplers = { temperature: 1.7, topP: 0.9, topK: 5, minP: 0.1, frequencyPenalty: 1 };
  expect(build('claude-opus-4-20250514', samplers).body).toMatchObject({ temperature: 1, top_p: 0.9, top_k: 5 });
  expect(build('claude-haiku-4-5', { topP: 0.9 }).body).toMatchObject({ top_p: 0.9 });
  expect(dropped('claude-haiku-4-5', samplers)).toEqual(['topP', 'minP', 'frequencyPenalty']);
  expect(dropped('claude-opus-5', samplers)).toEqual(['temperature', 'topP', 'topK', 'minP', 'frequencyPenalty']);
});

test('what is brought into the range of the model is told, with what was sent', () => {
  const more = { temperature: 1.7, maxOutputTokens: 9000 };
  const told = (model: string, asked: Partial<GenerateRequest>) =>
    build(model, asked).warnings.filter(({ type }) => type === 'value-limited');
  expect(told('claude-3-haiku', more)).toEqual([
    { type: 'value-limited', parameter: 'temperature', asked: 1.7, sent: 1 },
    { type: 'value-limited', parameter: 'maxOutputTokens', asked: 9000, sent: 4096 },
  ]);
  expect(told('claude-3-haiku', { temperature: 1, maxOutputTokens: 4096 })).toEqual([]);
  // Left out altogether, which is told by another warning.
  expect(told('claude-opus-5', { temperature: 1.7 })).toEqual([]);
});

test('an answer without a limit gets one that the model can hold', () => {
  expect(build('claude-opus-5').body.max_tokens).toBe(4096);
  expect(build('claude-opus-5', { maxOutputTokens: 1_000_000 }).body.max_tokens).toBe(128_000);
  expect(build('claude-3-haiku', { maxOutputTokens: 9000 }).body.max_tokens).toBe(4096);
  expect(build('qwen3', { maxOutputTokens: 900_000 }, true).body.max_tokens).toBe(900_000);
});

test('thinking is asked for in the way of the model', () => {
  const asked = (model: string, reasoningEffort: GenerateRequest['reasoningEffort'], more = {}) => {
    const { thinking, output_config, max_tokens } = build(model, { reasoningEffort, ...more }).body;
    return { thinking, output_config, max_tokens };
  };
  const disabled = { thinking: { type: 'disabled' }, output_config: undefined, max_tokens: 4096 };
  expect(asked('claude-opus-5', 'none')).toEqual(disabled);
  expect(asked('claude-opus-5', 'minimal')).toMatchObject({ output_config: { effort: 'low' }, max_tokens: 5120 });
  expect(asked('claude-opus-5', 'high', { maxOutputTokens: 100 }).max_tokens).toBe(100);
  expect(asked('claude-fable-5', 'none')).toEqual({ ...disabled, thinking: undefined, output_config: { effort: 'low' } });
  expect(asked('claude-haiku-4-5', 'none').thinking).toBeUndefined();
  expect(asked('claude-haiku-4-5', 'high')).toMatchObject({ thinking: { budget_tokens: 24_576 }, max_tokens: 28_672 });
  expect(asked('claude-haiku-4-5', 'high', { maxOutputTokens: 4000 }).thinking).toMatchObject({ budget_tokens: 2000 });
});

test('thinking that the model cannot do here is left out with a warning', () => {
  const effort = { reasoningEffort: 'high' } as const;
  expect(dropped('claude-3-haiku', effort)).toEqual(['reasoningEffort']);
  expect(dropped('claude-3-haiku', { reasoningEffort: 'none' })).toEqual([]);
  expect(dropped('claude-fable-5', { reasoningEffort: 'none' })).toEqual(['reasoningEffort']);
  expect(dropped('claude-haiku-4-5', { ...effort, maxOutputTokens: 1500 })).toEqual(['reasoningEffort']);
  expect(dropped('claude-haiku-4-5', { ...effort, tools, toolChoice: 'required' })).toEqual(['reasoningEffort']);
  expect(dropped('claude-opus-5', { ...effort, tools, toolChoice: { name: 'look' } })).toEqual(['reasoningEffort']);
});

test('the choice of a tool is translated, and refused where the model chooses by itself', () => {
  const choice = (toolChoice: GenerateRequest['toolChoice'], model = 'claude-opus-5') =>
    build(model, { tools, toolChoice }).body.tool_choice;
  expect([choice('auto'), choice('none'), choice('required'), choice({ name: 'look' }), choice(undefined)]).toEqual([
    { type: 'auto' },
    { type: 'none' },
    { type: 'any' },
    { type: 'tool', name: 'look' },
    undefined,
  ]);
  expect(() => choice('required', 'claude-opus-5-5')).toThrow(
    expect.objectContaining({ fault: 'not-supported', field: 'toolChoice' }),
  );
});

test('a schema that cannot be enforced is the input of a forced tool, where there are no other tools', () => {
  const responseFormat = { type: 'json-schema', schema: { type: 'object', additionalProperties: { type: 'string' } } } as const;
  expect(build('claude-opus-5', { responseFormat })).toMatchObject({
    answerTool: 'answer',
    body: { tools: [{ input_schema: responseFormat.schema }], tool_choice: { name: 'answer' } },
  });
  for (const more of [{ model: 'claude-opus-5', tools }, { model: 'claude-fable-5-1' }])
    expect(() => build(more.model, { responseFormat, ...more })).toThrow(
      expect.objectContaining({ fault: 'not-supported', field: 'responseFormat' }),
    );
});

test('conditions, free names and references that lead back cannot be enforced', () => {
  const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });
  const leaf = { leaf: { type: 'string' } };
  expect(canEnforce(object({ a: { $ref: '#/$defs/leaf' }, b: { $ref: '#/$defs/leaf' } }, { $defs: leaf }))).toBe(true);
  expect(canEnforce(object({ a: { anyOf: [{ type: 'null' }, object({ x: {} })] } }))).toBe(true);
  expect(canEnforce({ type: 'object' })).toBe(false);
  expect(canEnforce(object({ a: { not: { type: 'null' } } }))).toBe(false);
  expect(canEnforce(object({ a: { $ref: '#' } }))).toBe(false);
  expect(canEnforce(object({ a: { $ref: '#/$defs/b' } }, { $defs: { b: { items: { $ref: '#/$defs/b' } } } }))).toBe(false);
});

test('references that multiply are looked at once each', () => {
  const $defs = Object.fromEntries(
    Array.from({ length: 60 }, (_, number) => {
      const next = { $ref: `#/$defs/d${number + 1}` };
      return [`d${number}`, number === 59 ? { type: 'string' } : { anyOf: [next, next] }];
    }),
  );
  expect(canEnforce({ type: 'object', properties: { a: { $ref: '#/$defs/d0' } }, $defs })).toBe(true);
});

test('what a schema may not say is said in its description; names of properties are left alone', () => {
  const schema = {
    type: 'object',
    properties: { pattern: { type: 'string', pattern: '^a' }, list: { type: 'array', minItems: 2 } },
  };
  expect(toClaudeSchema(schema)).toEqual({
    type: 'object',
    properties: {
      pattern: { type: 'string', description: '{pattern: "^a"}' },
      list: { type: 'array', description: '{minItems: 2}' },
    },
    additionalProperties: false,
  });
});

test('arguments that are no object go back as the model wrote them', () => {
  expect([toArguments('{"a":1}'), toArguments(' '), toArguments('[1]'), toArguments('{"a"')]).toEqual([
    { a: 1 },
    {},
    { arguments: '[1]' },
    { arguments: '{"a"' },
  ]);
});
