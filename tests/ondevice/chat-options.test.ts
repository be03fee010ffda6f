import { expect, test } from 'vitest';
import { toChatOptions } from '../../ondevice/chat-options';
import type { GenerateRequest, Message } from '../../protocol/generate';

const hello: Message = { role: 'user', content: [{ type: 'text', text: 'Hello' }] };

test('every sampler has its name in llama.cpp', () => {
  const request: GenerateRequest = {
    messages: [hello],
    temperature: 0.5,
    topP: 0.9,
    topK: 40,
    minP: 0.1,
    seed: 7,
    presencePenalty: 0.1,
    frequencyPenalty: 0.2,
    repetitionPenalty: 1.1,
    maxOutputTokens: 10,
    stop: ['\n'],
  };
  expect(toChatOptions(request)).toEqual({
    messages: [{ role: 'user', content: 'Hello' }],
    temperature: 0.5,
    top_p: 0.9,
    top_k: 40,
    min_p: 0.1,
    seed: 7,
    presence_penalty: 0.1,
    frequency_penalty: 0.2,
    repeat_penalty: 1.1,
    max_tokens: 10,
    stop: ['\n'],
    chat_template_kwargs: { enable_thinking: false },
  });
});

test('the person’s own samplers have their names in llama.cpp too, and those that it has not are left out', () => {
  const samplers = {
    ...{ typicalP: 0.9, topNSigma: 1.5, repetitionRange: 128, mirostatMode: 2, mirostatTau: 4, mirostatEta: 0.2 },
    ...{ dryMultiplier: 0.8, dryBase: 1.75, dryAllowedLength: 3, dryRange: 512, xtcThreshold: 0.1, xtcProbability: 0.5 },
    ...{ dynatempRange: 0.4, dynatempExponent: 1.2, topA: 0.3, smoothingFactor: 0.2 },
  };
  expect(toChatOptions({ messages: [hello], samplers })).toEqual({
    messages: [{ role: 'user', content: 'Hello' }],
    max_tokens: 1024,
    chat_template_kwargs: { enable_thinking: false },
    ...{ typical_p: 0.9, top_n_sigma: 1.5, repeat_last_n: 128, mirostat: 2, mirostat_tau: 4, mirostat_eta: 0.2 },
    ...{ dry_multiplier: 0.8, dry_base: 1.75, dry_allowed_length: 3, dry_penalty_last_n: 512 },
    ...{ xtc_threshold: 0.1, xtc_probability: 0.5, dynatemp_range: 0.4, dynatemp_exponent: 1.2 },
  });
});

test('a page that asks for no sampling of its own gets the steadiest answer, without endless repetition', () => {
  expect(toChatOptions({ messages: [hello] })).toMatchObject({ temperature: 0, repeat_penalty: 1.1 });
  expect(toChatOptions({ messages: [hello], repetitionPenalty: 1 })).toMatchObject({ temperature: 0, repeat_penalty: 1 });
  expect(toChatOptions({ messages: [hello], temperature: 1 })).toMatchObject({ temperature: 1, repeat_penalty: undefined });
  expect(toChatOptions({ messages: [hello], topP: 0.5 })).toMatchObject({ temperature: undefined, top_p: 0.5 });
  expect(toChatOptions({ messages: [hello], samplers: { mirostatMode: 2 } }).temperature).toBeUndefined();
});

test('a page that sets no limit gets one, so that a model that repeats itself does not hold up the queue', () => {
  expect(toChatOptions({ messages: [hello] }).max_tokens).toBe(1024);
});

test('the texts of a message are one, and earlier thinking is not repeated to the model', () => {
  const content = [
    { type: 'reasoning', text: 'hm' },
    { type: 'text', text: 'one ' },
    { type: 'text', text: 'two' },
  ] as const;
  expect(toChatOptions({ messages: [{ role: 'assistant', content }] }).messages).toEqual([
    { role: 'assistant', content: 'one two' },
  ]);
});

test.each<[string, Partial<GenerateRequest>]>([
  ['tools', { tools: [{ name: 'get', parameters: {} }] }],
  ['several answers', { outputs: 2 }],
  ['a pattern', { responseFormat: { type: 'regexp', source: 'a', flags: '' } }],
  ['a tool result', { messages: [{ role: 'tool', content: [{ type: 'tool-result', id: '1', result: '' }] }] }],
  ['an image', { messages: [{ role: 'user', content: [{ type: 'image', mediaType: 'image/png', data: '' }] }] }],
  ['a tool call', { messages: [{ role: 'assistant', content: [{ type: 'tool-call', id: '1', name: 'get', arguments: '{}' }] }] }],
])('%s is refused, for without it the answer would be to another question', (_what, fields) => {
  expect(() => toChatOptions({ messages: [hello], ...fields })).toThrow(expect.objectContaining({ code: 'not-supported' }));
});

const tools = [
  { name: 'get_tide', description: 'The tide at a harbour.', parameters: { type: 'object' } },
  { name: 'get_wind', parameters: { type: 'object' } },
];
const written = (names: readonly string[]) =>
  tools.filter(({ name }) => names.includes(name)).map((tool) => ({ type: 'function', function: tool }));

test.each<GenerateRequest['toolChoice']>([undefined, 'auto'])('tools go to a model that knows them (%j)', (toolChoice) => {
  const options = toChatOptions({ messages: [hello], tools, toolChoice }, { takesTools: true });
  expect(options).toMatchObject({ tools: written(['get_tide', 'get_wind']), tool_choice: 'auto' });
  expect(options.response_format).toBeUndefined();
});

test.each<[GenerateRequest['toolChoice'], readonly string[]]>([
  ['required', ['get_tide', 'get_wind']],
  [{ name: 'get_wind' }, ['get_wind']],
])('a call that must be made (%j) is the form of the answer, which the engine enforces', (toolChoice, names) => {
  const responseFormat = { type: 'json-schema', schema: { type: 'string' } } as const;
  const options = toChatOptions({ messages: [hello], tools, toolChoice, responseFormat }, { takesTools: true });
  expect(options).toMatchObject({ tools: written(names), tool_choice: 'none' });
  const schema = options.response_format?.json_schema.schema as { anyOf: { properties: object }[]; $defs: object };
  expect(schema.anyOf.map(({ properties }) => properties)).toEqual(
    names.map((name, index) => ({ name: { const: name }, arguments: { $ref: `#/$defs/${index}` } })),
  );
  expect(Object.values(schema.$defs)).toEqual(names.map(() => ({ type: 'object' })));
});

test('what the schema of a tool refers to is found where it lies by then', () => {
  const parameters = {
    properties: { from: { $ref: '#/$defs/place' }, $ref: { type: 'string' }, to: { $ref: 'https://schemas.test/place' } },
    $defs: { place: { enum: ['Bern'] } },
  };
  const asked = { messages: [hello], tools: [...tools, { name: 'sail', parameters }], toolChoice: 'required' as const };
  expect(toChatOptions(asked, { takesTools: true }).response_format?.json_schema.schema).toMatchObject({
    $defs: {
      2: {
        properties: {
          from: { $ref: '#/$defs/2/$defs/place' },
          $ref: { type: 'string' },
          to: { $ref: 'https://schemas.test/place' },
        },
        $defs: { place: { enum: ['Bern'] } },
      },
    },
  });
});

test('no tools and tools that must not be used are not told to the model', () => {
  const silent = [{}, { tools: [] }, { tools, toolChoice: 'none' as const }];
  for (const fields of silent) {
    const options = toChatOptions({ messages: [hello], ...fields }, { takesTools: true });
    expect([options.tools, options.tool_choice]).toEqual([undefined, undefined]);
  }
});

test('calls and their results are messages of their own, and a result names its tool', () => {
  const messages: Message[] = [
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'I look.' },
        { type: 'tool-call', id: 'a', name: 'get_tide', arguments: '{"harbour":"Bern"}' },
        { type: 'tool-call', id: 'b', name: 'get_wind', arguments: '{}' },
      ],
    },
    {
      role: 'tool',
      content: [
        { type: 'tool-result', id: 'b', result: 'calm' },
        { type: 'tool-result', id: 'a', result: 'none' },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool-result', id: 'gone', result: '?' },
        { type: 'text', text: 'So?' },
      ],
    },
  ];
  expect(toChatOptions({ messages }, { takesTools: true }).messages).toEqual([
    {
      role: 'assistant',
      content: 'I look.',
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'get_tide', arguments: '{"harbour":"Bern"}' } },
        { id: 'b', type: 'function', function: { name: 'get_wind', arguments: '{}' } },
      ],
    },
    { role: 'tool', content: 'calm', tool_call_id: 'b', name: 'get_wind' },
    { role: 'tool', content: 'none', tool_call_id: 'a', name: 'get_tide' },
    { role: 'tool', content: '?', tool_call_id: 'gone', name: '' },
    { role: 'user', content: 'So?' },
  ]);
});

test('tools that must not be used are no obstacle', () => {
  expect(
    toChatOptions({ messages: [hello], tools, toolChoice: 'none', outputs: 1, responseFormat: { type: 'text' } }).messages,
  ).toHaveLength(1);
});

test('a schema goes to the engine, which enforces it', () => {
  const schema = { type: 'object', properties: { city: { type: 'string' } } };
  expect(toChatOptions({ messages: [hello], responseFormat: { type: 'json-schema', schema, name: 'place' } })).toMatchObject({
    response_format: { type: 'json_schema', json_schema: { name: 'place', schema } },
  });
});

test.each([
  [undefined, false],
  ['none', false],
  ['low', true],
] as const)('a model that can think, asked with effort %s, thinks: %s', (reasoningEffort, thinks) => {
  expect(toChatOptions({ messages: [hello], reasoningEffort }).chat_template_kwargs).toEqual({ enable_thinking: thinks });
});
