import { expect, test } from 'vitest';
import type { GenerateRequest, Message } from '../../protocol/generate';
import { toContents } from '../../providers/dialects/gemini-contents';
import { buildGeminiRequest } from '../../providers/dialects/gemini-request';
import { rulesOf } from '../../providers/dialects/gemini-rules';
import { ask } from './replay';

const build = (model: string, more: Partial<GenerateRequest> = {}) => buildGeminiRequest(ask('Hi', { model, ...more }));
const say = (role: Message['role'], text: string): Message => ({ role, content: [{ type: 'text', text }] });

test.each([
  ['gemini-2.0-flash', true, 'none'],
  ['gemini-2.5-flash-lite', true, 'budget'],
  ['gemini-2.5-pro', true, 'budget'],
  ['gemini-3-flash-preview', true, 'level'],
  ['gemini-3.1-pro-preview', true, 'level'],
  ['gemini-3.5-flash', true, 'level'],
  ['gemini-3.5-flash-lite', false, 'level'],
  ['gemini-3.6-flash', false, 'level'],
  ['gemini-4-argon', false, 'level'],
  ['gemini-flash-latest', false, 'level'],
  ['something-new', false, 'level'],
  ['gemma-3-27b-it', true, 'none'],
])('%s takes samplers: %s, thinks by: %s', (model, takesSamplers, type) => {
  expect(rulesOf(model)).toMatchObject({ takesSamplers, thinking: { type } });
});

test.each([
  ['gemini-2.0-flash', 'none', undefined, []],
  ['gemini-2.0-flash', 'low', undefined, ['reasoningEffort']],
  ['gemini-2.5-flash', 'none', { thinkingBudget: 0 }, []],
  ['gemini-2.5-flash', 'high', { thinkingBudget: 24_576, includeThoughts: true }, []],
  ['gemini-2.5-pro', 'none', { thinkingBudget: 128 }, ['reasoningEffort']],
  ['gemini-2.5-pro', 'high', { thinkingBudget: 32_768, includeThoughts: true }, []],
  ['gemini-3.5-flash', 'minimal', { thinkingLevel: 'MINIMAL', includeThoughts: true }, []],
  ['gemini-3.1-pro-preview', 'minimal', { thinkingLevel: 'LOW', includeThoughts: true }, []],
  ['gemini-4-hydrogen', 'none', { thinkingLevel: 'LOW' }, ['reasoningEffort']],
  ['gemini-4-carbon', 'medium', { thinkingLevel: 'MEDIUM', includeThoughts: true }, []],
] as const)('%s with effort %s thinks as %j', (model, reasoningEffort, expected, lost) => {
  const { body, warnings } = build(model, { reasoningEffort });
  expect((body.generationConfig as { thinkingConfig?: object } | undefined)?.thinkingConfig).toEqual(expected);
  expect(warnings).toEqual(lost.map((parameter) => ({ type: 'parameter-dropped', parameter })));
});

test('penalties go to those old models alone that take them', () => {
  const penalties = { presencePenalty: 1, frequencyPenalty: 1 };
  expect(build('gemini-2.0-flash', penalties).body.generationConfig).toEqual(penalties);
  expect(build('gemini-2.5-flash', penalties).warnings).toHaveLength(2);
});

test('the choice of a tool is translated', () => {
  const tools = [{ name: 'look', parameters: {} }];
  const choice = (toolChoice: GenerateRequest['toolChoice']) => build('gemini-3.5-flash', { tools, toolChoice }).body.toolConfig;
  expect([choice('auto'), choice('none'), choice('required'), choice({ name: 'look' }), choice(undefined)]).toEqual([
    { functionCallingConfig: { mode: 'AUTO' } },
    { functionCallingConfig: { mode: 'NONE' } },
    { functionCallingConfig: { mode: 'ANY' } },
    { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['look'] } },
    undefined,
  ]);
});

test('a schema together with tools is refused where the model cannot have both', () => {
  const both = {
    tools: [{ name: 'look', parameters: {} }],
    responseFormat: { type: 'json-schema', schema: { type: 'object' } },
  } as const;
  expect(() => build('gemini-2.5-flash', both)).toThrow(expect.objectContaining({ fault: 'not-supported' }));
  expect(build('gemini-3.5-flash', both).body.generationConfig).toMatchObject({ responseMimeType: 'application/json' });
});

test('a constant in a schema becomes a choice of one; values and names are left alone', () => {
  const schema = { anyOf: [{ const: { const: 1 } }, { enum: [{ const: 2 }] }], properties: { const: { type: 'string' } } };
  expect(build('gemini-3.5-flash', { responseFormat: { type: 'json-schema', schema } }).body.generationConfig).toMatchObject({
    responseJsonSchema: {
      anyOf: [{ enum: [{ const: 1 }] }, { enum: [{ const: 2 }] }],
      properties: { const: { type: 'string' } },
    },
  });
});

test('neighbours of one role are one turn, and nothing empty is sent', () => {
  const messages = [say('user', 'a'), say('user', ''), say('user', 'b'), say('assistant', ''), say('system', 'c')];
  expect(toContents(messages, true, true)).toEqual({
    system: undefined,
    turns: [{ role: 'user', parts: [{ text: 'a' }, { text: 'b' }, { text: 'c' }] }],
    isPrefilled: false,
  });
});

test('something is always asked: a system text that stands alone is said by the user, as is one with an image', () => {
  const image = { type: 'image', mediaType: 'image/png', data: 'AA==' } as const;
  expect(toContents([say('system', 'a')], true, true)).toMatchObject({ system: undefined, turns: [{ parts: [{ text: 'a' }] }] });
  expect(toContents([say('system', 'a'), { role: 'system', content: [image] }, say('user', 'b')], true, true)).toMatchObject({
    system: 'a',
    turns: [{ role: 'user', parts: [{ inlineData: { data: 'AA==' } }, { text: 'b' }] }],
  });
});

test('a result whose call nobody knows is named by its id', () => {
  const messages: Message[] = [{ role: 'tool', content: [{ type: 'tool-result', id: 'x', result: 'y' }] }];
  expect(toContents(messages, true, true).turns[0]?.parts).toEqual([
    { functionResponse: { id: 'x', name: 'x', response: { result: 'y' } } },
  ]);
});
