import { expect, test } from 'vitest';
import type { Message } from '../../protocol/generate';
import { buildChatRequest } from '../../providers/dialects/openai-chat-request';
import { isStrictSchema } from '../../providers/dialects/strict-schema';
import { ask, knownRow } from './replay';

const openai = knownRow('openai').quirks;
const openrouter = knownRow('openrouter').quirks;
const compatible = knownRow('openai-compatible').quirks;
const tool = { name: 'look', parameters: { type: 'object' } };

test('messages keep their order, tool results become messages of their own', () => {
  const messages: Message[] = [
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Looking.' },
        { type: 'tool-call', id: '1', name: 'look', arguments: '{}' },
      ],
    },
    {
      role: 'tool',
      content: [
        { type: 'tool-result', id: '1', result: 'sea' },
        { type: 'tool-result', id: '2', result: 'sky' },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool-result', id: '3', result: 'sand' },
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text: 'Yes.' },
      ],
    },
    { role: 'user', content: [] },
  ];
  expect(buildChatRequest({ messages, model: 'm' }, compatible).body.messages).toEqual([
    {
      role: 'assistant',
      content: 'Looking.',
      tool_calls: [{ id: '1', type: 'function', function: { name: 'look', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: '1', content: 'sea' },
    { role: 'tool', tool_call_id: '2', content: 'sky' },
    { role: 'tool', tool_call_id: '3', content: 'sand' },
    { role: 'user', content: 'a\nb' },
    { role: 'assistant', content: 'Yes.' },
    { role: 'user', content: '' },
  ]);
});

test.each([
  ['audio/wav', 'wav'],
  ['audio/x-wav', 'wav'],
  ['audio/vnd.wave', 'wav'],
  ['audio/mpeg', 'mp3'],
  ['audio/mp3', 'mp3'],
  ['audio/ogg; codecs=opus', 'ogg'],
])('audio of type %s is called %s', (mediaType, format) => {
  const messages: Message[] = [{ role: 'user', content: [{ type: 'audio', mediaType, data: 'AA==' }] }];
  expect(buildChatRequest({ messages, model: 'm' }, openai).body.messages).toEqual([
    { role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AA==', format } }] },
  ]);
});

test('tools and schemas are sent as they are, and OpenRouter must not drop them', () => {
  const request = ask('Hi', {
    tools: [tool],
    toolChoice: { name: 'look' },
    responseFormat: { type: 'json-schema', schema: { type: 'object', properties: { a: {} } } },
  });
  const { body } = buildChatRequest(request, openrouter);
  expect(body).toMatchObject({
    tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }],
    tool_choice: { type: 'function', function: { name: 'look' } },
    response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object', properties: { a: {} } } } },
    provider: { require_parameters: true },
  });
  expect(JSON.stringify(body)).not.toContain('strict');
  expect(buildChatRequest(ask('Hi', { toolChoice: 'required', responseFormat: { type: 'text' } }), openrouter).body).toEqual(
    buildChatRequest(ask('Hi'), openrouter).body,
  );
});

const closed = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };
test.each([
  [closed, true],
  [{ ...closed, properties: { a: { type: 'array', items: closed } } }, true],
  [{ ...closed, properties: { a: { anyOf: [closed, { type: 'null' }] } }, $defs: { b: closed } }, true],
  [{ type: 'string' }, false],
  [{ ...closed, required: [] }, false],
  [{ ...closed, required: undefined }, false],
  [{ ...closed, properties: undefined }, false],
  [{ ...closed, additionalProperties: true }, false],
  [{ ...closed, allOf: [] }, false],
  [{ ...closed, properties: { a: { type: 'object' } } }, false],
  [{ ...closed, properties: { a: true } }, false],
  [{ ...closed, properties: { a: { type: 'array', items: { not: {} } } } }, false],
  [{ ...closed, properties: { a: { type: 'string', pattern: '^(?=x)' } } }, false],
  [{ ...closed, properties: { a: { anyOf: [{ type: 'object' }] } } }, false],
])('OpenAI enforces %j: %s', (schema, expected) => {
  expect(isStrictSchema(schema)).toBe(expected);
});
