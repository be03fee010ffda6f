import { expect, test } from 'vitest';
import { readChat, readCompletion } from '../../../background/openai/chat-request';
import { readResponses } from '../../../background/openai/responses-request';
import { WireError } from '../../../background/openai/wire-error';

const hi = [{ role: 'user', content: 'Hi' }];
const neutralHi = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }];
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };

/** What the page is told of a body: the field and the words. */
function refusalOf(read: () => unknown): { readonly param: string | undefined; readonly told: string } {
  try {
    read();
  } catch (error) {
    if (error instanceof WireError) return { param: error.param, told: error.told };
    throw error;
  }
  throw new Error('It was taken.');
}

test('a chat becomes the neutral request: who speaks, samplers, limits', () => {
  const { request, streams, includesUsage } = readChat({
    model: 'gpt-4o',
    messages: [
      { role: 'developer', content: 'Be short.' },
      { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
      ...hi,
      { role: 'assistant', content: 'Hello' },
    ],
    temperature: 0.5,
    top_p: 0.9,
    top_k: 40,
    min_p: 0.05,
    presence_penalty: 1,
    frequency_penalty: -1,
    repetition_penalty: 1.1,
    seed: 7,
    n: 2,
    stop: ['END', ''],
    max_tokens: 10,
    max_completion_tokens: 20,
    reasoning_effort: 'xhigh',
    stream: true,
    stream_options: { include_usage: true },
    user: 'someone',
    store: false,
    metadata: null,
    logit_bias: {},
  });
  expect(request).toEqual({
    model: 'gpt-4o',
    messages: [
      { role: 'system', content: [{ type: 'text', text: 'Be short.' }] },
      { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
      ...neutralHi,
      { role: 'assistant', content: [{ type: 'text', text: 'Hello' }] },
    ],
    temperature: 0.5,
    topP: 0.9,
    topK: 40,
    minP: 0.05,
    presencePenalty: 1,
    frequencyPenalty: -1,
    repetitionPenalty: 1.1,
    seed: 7,
    outputs: 2,
    stop: ['END'],
    maxOutputTokens: 20,
    reasoningEffort: 'high',
  });
  expect({ streams, includesUsage }).toEqual({ streams: true, includesUsage: true });
});

test('what a client leaves out as null is left out', () => {
  const body = {
    messages: hi,
    temperature: null,
    stop: null,
    tools: null,
    response_format: null,
    n: null,
    stream: null,
    functions: null,
  };
  expect(readChat(body)).toEqual({ request: { messages: neutralHi }, streams: false, includesUsage: false, isLegacy: false });
  expect(readChat({ messages: hi, stop: '' }).request).toEqual({ messages: neutralHi });
  expect(readChat({ messages: hi, stop: 'END' }).request).toEqual({ messages: neutralHi, stop: ['END'] });
});

test('tools, their calls and their results keep their ids', () => {
  const { request } = readChat({
    messages: [
      ...hi,
      {
        role: 'assistant',
        content: '',
        reasoning_content: 'Which city?',
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: 'sunny' }] },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_2', type: 'function', function: { name: 'time', arguments: '{}' } }],
      },
    ],
    tools: [
      { type: 'function', function: { name: 'weather', description: 'The weather', parameters: schema, strict: true } },
      { type: 'function', function: { name: 'time' } },
    ],
    tool_choice: { type: 'function', function: { name: 'weather' } },
  });
  expect(request).toEqual({
    messages: [
      ...neutralHi,
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Which city?' },
          { type: 'tool-call', id: 'call_1', name: 'weather', arguments: '{"city":"Bern"}' },
        ],
      },
      { role: 'tool', content: [{ type: 'tool-result', id: 'call_1', result: 'sunny' }] },
      { role: 'assistant', content: [{ type: 'tool-call', id: 'call_2', name: 'time', arguments: '{}' }] },
    ],
    tools: [
      { name: 'weather', description: 'The weather', parameters: schema },
      { name: 'time', parameters: { type: 'object', properties: {} } },
    ],
    toolChoice: { name: 'weather' },
  });
  expect(readChat({ messages: hi, tools: [], tool_choice: 'auto' }).request).toEqual({ messages: neutralHi });
});

test('the older functions are tools, and a result belongs to the call before it', () => {
  const { request, isLegacy } = readChat({
    messages: [
      ...hi,
      { role: 'assistant', content: null, function_call: { name: 'weather', arguments: '{}' } },
      { role: 'function', name: 'weather', content: 'sunny' },
    ],
    functions: [{ name: 'weather', parameters: schema }],
    function_call: { name: 'weather' },
  });
  expect(isLegacy).toBe(true);
  expect(request).toEqual({
    messages: [
      ...neutralHi,
      { role: 'assistant', content: [{ type: 'tool-call', id: 'function_1', name: 'weather', arguments: '{}' }] },
      { role: 'tool', content: [{ type: 'tool-result', id: 'function_1', result: 'sunny' }] },
    ],
    tools: [{ name: 'weather', parameters: schema }],
    toolChoice: { name: 'weather' },
  });
});

test('of the result of a tool its words count, and pictures among them say nothing', () => {
  const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
  const words = [{ type: 'text', text: 'sun' }, picture, { type: 'text', text: 'ny' }];
  const result = [{ role: 'tool', content: [{ type: 'tool-result', id: 'a', result: 'sunny' }] }];
  expect(readChat({ messages: [{ role: 'tool', tool_call_id: 'a', content: words }] }).request.messages).toEqual(result);
  const output = [
    { type: 'input_text', text: 'sunny' },
    { type: 'input_image', image_url: 'data:image/png;base64,AAAA' },
  ];
  const item = { type: 'function_call_output', call_id: 'a', output };
  expect(readResponses({ input: [item] }).request.messages).toEqual(result);
});

test('thought of which nothing can be read is left out, and so are wishes that wish nothing', () => {
  const thoughts = [
    { type: 'reasoning', encrypted_content: 'x' },
    { type: 'reasoning', summary: [{ type: 'summary_text' }] },
  ];
  expect(readResponses({ input: [...thoughts, { role: 'user', content: 'Hi' }] }).request.messages).toEqual(neutralHi);
  expect(readChat({ messages: hi, logprobs: [] }).request).toEqual({ messages: neutralHi });
});

test('images come as data URLs and sounds as base64', () => {
  const { request } = readChat({
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: 'data:image/jpg;base64,AAAA', detail: 'low' } },
          { type: 'image_url', image_url: 'data:image/png;base64,BBBB' },
          { type: 'input_audio', input_audio: { data: 'CCCC', format: 'mp3' } },
          { type: 'input_audio', input_audio: { data: 'DDDD', format: 'wav' } },
        ],
      },
    ],
  });
  expect(request.messages).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'image', mediaType: 'image/jpeg', data: 'AAAA' },
        { type: 'image', mediaType: 'image/png', data: 'BBBB' },
        { type: 'audio', mediaType: 'audio/mpeg', data: 'CCCC' },
        { type: 'audio', mediaType: 'audio/wav', data: 'DDDD' },
      ],
    },
  ]);
});

test.each([
  ['text', { type: 'text' }, undefined],
  ['any object', { type: 'json_object' }, { type: 'json-schema', schema: { type: 'object' } }],
  [
    'a schema',
    { type: 'json_schema', json_schema: { name: 'place', schema, strict: true } },
    { type: 'json-schema', name: 'place', schema },
  ],
])('response_format: %s', (_what, format, expected) => {
  expect(readChat({ messages: hi, response_format: format }).request.responseFormat).toEqual(expected);
});

const image = (url: unknown) => ({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] });

test.each([
  ['logprobs', { messages: hi, logprobs: true }, 'logprobs', /not supported/],
  ['spoken answers', { messages: hi, modalities: ['text', 'audio'] }, 'modalities', /text/],
  ['no messages', {}, 'messages', /array/],
  ['a message that is none', { messages: ['Hi'] }, 'messages[0]', /object/],
  ['a role that is none', { messages: [{ role: 'boss', content: 'Hi' }] }, 'messages[0].role', /must be system/],
  ['content that is none', { messages: [{ role: 'user', content: 7 }] }, 'messages[0].content', /array/],
  ['an assistant that says nothing', { messages: [{ role: 'assistant' }] }, 'messages[0].content', /missing/],
  [
    'a part that is none',
    { messages: [{ role: 'user', content: [{ type: 'file' }] }] },
    'messages[0].content[0].type',
    /not supported/,
  ],
  ['an image of the web', image('https://site.test/x.png'), 'messages[0].content[0].image_url', /data: URL/],
  ['an image of the network', image('http://192.168.0.1/x.png'), 'messages[0].content[0].image_url', /fetches no image/],
  ['an image that is none', image(7), 'messages[0].content[0].image_url', /string/],
  ['a built-in tool', { messages: hi, tools: [{ type: 'web_search' }] }, 'tools[0].type', /function/],
  ['a tool without a name', { messages: hi, tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name', /string/],
  ['a choice that is none', { messages: hi, tool_choice: { type: 'allowed_tools' } }, 'tool_choice', /name a function/],
  ['a number for a choice', { messages: hi, tool_choice: 7 }, 'tool_choice', /name a function/],
  ['a format that is none', { messages: hi, response_format: { type: 'grammar' } }, 'response_format.type', /json_schema/],
  ['a schema that is none', { messages: hi, response_format: { type: 'json_schema' } }, 'response_format.schema', /object/],
  ['a result without an id', { messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id', /string/],
  [
    'a call without arguments',
    { messages: [{ role: 'assistant', tool_calls: [{ id: 'a', function: { name: 'x' } }] }] },
    'messages[0].tool_calls[0].function.arguments',
    /string/,
  ],
])('a chat with %s is refused, and told which field it is', (_what, body, param, told) => {
  const refusal = refusalOf(() => readChat(body));
  expect(refusal.param).toBe(param);
  expect(refusal.told).toMatch(told);
});

test('a prompt alone is what the person says', () => {
  expect(readCompletion({ prompt: 'Once', max_tokens: 5, stream: true, stream_options: { include_usage: true } })).toEqual({
    request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Once' }] }], maxOutputTokens: 5 },
    streams: true,
    includesUsage: true,
    isLegacy: false,
  });
  expect(readCompletion({ prompt: ['Once'] }).request.messages).toHaveLength(1);
  for (const prompt of [undefined, ['a', 'b'], [1, 2], [[1]]])
    expect(refusalOf(() => readCompletion({ prompt })).param).toBe('prompt');
  expect(refusalOf(() => readCompletion({ prompt: 'a', suffix: 'b' })).param).toBe('suffix');
  expect(refusalOf(() => readCompletion({ prompt: 'a', echo: true })).param).toBe('echo');
});

test('items of the Responses API become messages; those of one turn of the assistant become one', () => {
  const { request, streams } = readResponses({
    model: 'gpt-5',
    instructions: 'Be short.',
    input: [
      { role: 'developer', content: 'Be kind.' },
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'See' },
          { type: 'input_image', image_url: 'data:image/png;base64,AAAA' },
        ],
      },
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] },
      { type: 'reasoning', encrypted_content: 'xxx' },
      {
        type: 'message',
        role: 'assistant',
        content: [
          { type: 'output_text', text: 'A cat' },
          { type: 'refusal', refusal: 'No' },
        ],
      },
      { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'sunny' },
    ],
    max_output_tokens: 9,
    reasoning: { effort: 'low' },
    text: { format: { type: 'json_schema', name: 'place', schema } },
    tools: [{ type: 'function', name: 'weather', parameters: schema, strict: true }],
    tool_choice: { type: 'function', name: 'weather' },
    stream: true,
    store: true,
  });
  expect(streams).toBe(true);
  expect(request).toEqual({
    model: 'gpt-5',
    messages: [
      { role: 'system', content: [{ type: 'text', text: 'Be short.' }] },
      { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'See' },
          { type: 'image', mediaType: 'image/png', data: 'AAAA' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm.' },
          { type: 'text', text: 'A cat' },
          { type: 'text', text: 'No' },
          { type: 'tool-call', id: 'c1', name: 'weather', arguments: '{}' },
        ],
      },
      { role: 'tool', content: [{ type: 'tool-result', id: 'c1', result: 'sunny' }] },
    ],
    maxOutputTokens: 9,
    reasoningEffort: 'low',
    responseFormat: { type: 'json-schema', name: 'place', schema },
    tools: [{ name: 'weather', parameters: schema }],
    toolChoice: { name: 'weather' },
  });
  expect(readResponses({ input: 'Hi' }).request).toEqual({ messages: neutralHi });
});

test.each([
  ['an earlier response', { input: 'Hi', previous_response_id: 'resp_1' }, 'previous_response_id'],
  ['a stored conversation', { input: 'Hi', conversation: 'conv_1' }, 'conversation'],
  ['work in the background', { input: 'Hi', background: true }, 'background'],
  ['no input', {}, 'input'],
  ['a built-in tool', { input: 'Hi', tools: [{ type: 'web_search' }] }, 'tools[0].type'],
  ['an item that is none', { input: [{ type: 'item_reference', id: 'x' }] }, 'input[0].type'],
  ['a role that is none', { input: [{ role: 'boss', content: 'x' }] }, 'input[0].role'],
])('the Responses API refuses %s', (_what, body, param) => {
  expect(refusalOf(() => readResponses(body)).param).toBe(param);
});
