import { expect, test } from 'vitest';
import type { GenerateRequest } from '../../protocol/generate';
import { buildChatRequest } from '../../providers/dialects/openai-chat-request';
import { parseModelList } from '../../providers/models';
import { ask, knownRow } from './replay';

const built = (rowId: string, request: GenerateRequest) => buildChatRequest(request, knownRow(rowId).quirks);
const body = (rowId: string, more: Partial<GenerateRequest>) => built(rowId, ask('Hi', more)).body;
const dropped = (rowId: string, more: Partial<GenerateRequest>) =>
  built(rowId, ask('Hi', more)).warnings.map((warning) =>
    warning.type === 'parameter-dropped' ? warning.parameter : warning.type,
  );

test('a range of temperatures becomes two ends where an API has those, and never goes below zero', () => {
  const samplers = { dynatempRange: 0.5, dynatempExponent: 2 };
  expect(body('text-generation-webui', { temperature: 0.3, samplers })).toMatchObject({
    dynamic_temperature: true,
    dynatemp_low: 0,
    dynatemp_high: 0.8,
    dynatemp_exponent: 2,
  });
  expect(body('tabbyapi', { samplers })).toMatchObject({ min_temp: 0.5, max_temp: 1.5, temp_exponent: 2 });
  expect(body('llama-cpp', { samplers })).toMatchObject({ dynatemp_range: 0.5, dynatemp_exponent: 2 });
  const off = body('text-generation-webui', { samplers: { dynatempRange: 0 } });
  expect(off).toMatchObject({ dynamic_temperature: false });
  expect(off).not.toHaveProperty('dynatemp_low');
});

test('samplers of engines are dropped where a vendor has none, each by its name', () => {
  const samplers = { dryMultiplier: 0.8, mirostatMode: 2 };
  expect(dropped('openai', { samplers })).toEqual(['mirostatMode', 'dryMultiplier']);
  expect(dropped('groq', { samplers })).toEqual(['mirostatMode', 'dryMultiplier']);
  expect(dropped('llama-cpp', { samplers })).toEqual([]);
});

test('a penalty below zero is left out where it would be refused', () => {
  expect(dropped('tabbyapi', { presencePenalty: -0.1, frequencyPenalty: 0 })).toEqual(['presencePenalty']);
});

test.each([
  ['deepseek', 'none', { thinking: { type: 'disabled' } }],
  ['deepseek', 'minimal', { thinking: { type: 'enabled' }, reasoning_effort: 'low' }],
  ['together', 'high', { reasoning_effort: 'high' }],
  ['together', 'none', { reasoning: { enabled: false } }],
  ['vercel', 'medium', { reasoning: { effort: 'medium' } }],
  ['vllm', 'none', { chat_template_kwargs: { enable_thinking: false } }],
  ['vllm', 'minimal', { chat_template_kwargs: { enable_thinking: true }, reasoning_effort: 'low' }],
  ['cohere', 'high', { reasoning_effort: 'high' }],
  ['groq', 'low', { reasoning_effort: 'low' }],
] as const)('%s is told to reason "%s" in its own words', (rowId, reasoningEffort, expected) => {
  expect(body(rowId, { reasoningEffort })).toMatchObject(expected);
  expect(dropped(rowId, { reasoningEffort })).toEqual([]);
});

test('what only some models of a vendor lack is left out for those', () => {
  expect(dropped('xai', { model: 'grok-4.3', presencePenalty: 1 })).toEqual(['presencePenalty']);
  expect(dropped('xai', { model: 'grok-3', presencePenalty: 1 })).toEqual([]);
  expect(dropped('xai', { model: 'grok-4.20-non-reasoning', presencePenalty: 1, reasoningEffort: 'low' })).toEqual([
    'reasoningEffort',
  ]);
  expect(built('xai', ask('Hi', { model: 'grok-4.3', stop: ['END'] }))).toMatchObject({ cutStops: ['END'] });
  expect(body('mancer', { model: 'glm-4.7', reasoningEffort: 'low' })).toMatchObject({ enable_thinking: true });
  expect(dropped('mancer', { model: 'weaver-alpha', reasoningEffort: 'low' })).toEqual(['reasoningEffort']);
});

test('ids of tool calls that Mistral does not take are replaced by the same others everywhere, its own stay', () => {
  const call = (id: string) => ({ type: 'tool-call', id, name: 'look', arguments: '{}' }) as const;
  const result = (id: string) => ({ type: 'tool-result', id, result: 'sea' }) as const;
  const messages: GenerateRequest['messages'] = [
    { role: 'assistant', content: [call('D681PevKs'), call('call_1'), call('call_2')] },
    { role: 'tool', content: [result('call_2'), result('D681PevKs'), result('call_1')] },
  ];
  const sent = built('mistral', { messages }).body.messages as { tool_calls?: { id: string }[]; tool_call_id?: string }[];
  const [own, one, two] = sent[0]?.tool_calls?.map(({ id }) => id) ?? [];
  expect(own).toBe('D681PevKs');
  for (const id of [one, two]) expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
  expect(one).not.toBe(two);
  expect(sent.slice(1).map(({ tool_call_id }) => tool_call_id)).toEqual([two, own, one]);
});

test('neighbours of one role become one message where turns must alternate, images and all', () => {
  const text = (value: string) => ({ type: 'text', text: value }) as const;
  const messages: GenerateRequest['messages'] = [
    { role: 'user', content: [text('a')] },
    { role: 'user', content: [text('b'), { type: 'image', mediaType: 'image/png', data: 'aGk=' }] },
    { role: 'assistant', content: [text('c')] },
    { role: 'assistant', content: [text('d')] },
    { role: 'user', content: [text('e')] },
  ];
  expect(built('perplexity', { messages, model: 'sonar' }).body.messages).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } },
      ],
    },
    { role: 'assistant', content: 'c\n\nd' },
    { role: 'user', content: 'e' },
  ]);
});

test('a schema and tools together are refused where the schema is a grammar', () => {
  const tools = [{ name: 'look', parameters: { type: 'object' } }];
  const request = ask('Hi', { tools, responseFormat: { type: 'json-schema', schema: { type: 'object' } } });
  expect(() => built('text-generation-webui', request)).toThrow(expect.objectContaining({ code: 'not-supported' }));
  expect(() => built('llama-cpp', request)).not.toThrow();
});

test('a vendor’s list with nonsense in it costs the nonsense alone', () => {
  const nonsense = [null, 7, 'x', {}, { id: 5 }, { id: 'a', pricing: 'free', providers: 'none', limits: 3, architecture: [] }];
  const shapes = [
    'cohere',
    'fireworks',
    'hugging-face',
    'litellm',
    'lm-studio',
    'localai',
    'mancer',
    'mistral',
    'together',
    'vercel',
    'xai',
  ] as const;
  for (const shape of shapes)
    for (const { pricing, contextTokens } of parseModelList({ data: nonsense }, undefined, shape))
      expect([pricing, contextTokens], shape).toEqual([undefined, undefined]);
});
