import { generateText, jsonSchema, type LanguageModel, Output, streamText, tool } from 'ai';
import { expect, test, vi } from 'vitest';
import { createOriel, OrielMissingError } from '../../client/ai-sdk';
import { createFakeOriel, type FakeOrielOptions } from '../../client/testing';

const start = (options: FakeOrielOptions = {}) => {
  const fake = createFakeOriel({ granted: ['tools', 'image.in', 'audio.in'], ...options });
  return { ...fake, provider: createOriel({ oriel: fake.oriel }) };
};
const usage = { inputTokens: 10, outputTokens: 7, reasoningTokens: 2, cachedTokens: 4, estimated: false };

test('generateText is answered, with who answered, why it ended and what it took', async () => {
  const { provider, requests } = start({ answers: [{ text: 'Hello there.', reasoning: 'Hm.', usage }], model: { id: 'm-1' } });
  // The compiler's word that it is a model of AI SDK, as it is installed here.
  const model: LanguageModel = provider();
  const result = await generateText({
    model,
    system: 'Be brief.',
    prompt: 'Hi',
    temperature: 0.2,
    maxOutputTokens: 50,
    stopSequences: ['x'],
  });
  expect(result).toMatchObject({
    text: 'Hello there.',
    reasoningText: 'Hm.',
    finishReason: 'stop',
    warnings: [],
    response: { modelId: 'm-1' },
  });
  expect(result.usage).toMatchObject({
    inputTokens: 10,
    outputTokens: 7,
    inputTokenDetails: { cacheReadTokens: 4, noCacheTokens: 6 },
  });
  expect(requests).toEqual([
    {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      ],
      temperature: 0.2,
      maxOutputTokens: 50,
      stop: ['x'],
    },
  ]);
});

test('streamText streams text and thoughts in blocks of their own', async () => {
  const { provider } = start({ answers: [{ text: ['Hel', 'lo'], reasoning: 'Hm.', usage }] });
  const result = streamText({ model: provider.languageModel(), prompt: 'Hi' });
  const seen: string[] = [];
  for await (const part of result.fullStream)
    seen.push(part.type === 'text-delta' || part.type === 'reasoning-delta' ? part.text : part.type);
  expect(seen.filter((type) => !/^(start|finish)/.test(type))).toEqual([
    'reasoning-start',
    'Hm.',
    'reasoning-end',
    'text-start',
    'Hel',
    'lo',
    'text-end',
  ]);
  expect([await result.text, await result.finishReason, (await result.usage).outputTokens]).toEqual(['Hello', 'stop', 7]);
});

test('a tool runs in the page, and the answer goes on with its result', async () => {
  const { provider, requests, answerWith } = start();
  answerWith({ toolCalls: [{ id: 'c1', name: 'clock', arguments: { zone: 'UTC' } }] }, 'It is noon.');
  const execute = vi.fn(async ({ zone }: { zone: string }) => ({ time: '12:00', zone }));
  const clock = tool({
    description: 'Tells the time',
    inputSchema: jsonSchema<{ zone: string }>({ type: 'object', properties: { zone: { type: 'string' } } }),
    execute,
  });
  const result = await generateText({
    model: provider(),
    prompt: 'What time?',
    tools: { clock },
    stopWhen: ({ steps }) => steps.length === 2,
  });
  expect(result.text).toBe('It is noon.');
  expect(execute.mock.calls[0]?.[0]).toEqual({ zone: 'UTC' });
  expect(requests[0]).toMatchObject({ tools: [{ name: 'clock', description: 'Tells the time' }], toolChoice: 'auto' });
  expect(requests[1]?.messages.slice(1)).toEqual([
    { role: 'assistant', content: [{ type: 'tool-call', id: 'c1', name: 'clock', arguments: '{"zone":"UTC"}' }] },
    { role: 'tool', content: [{ type: 'tool-result', id: 'c1', result: '{"time":"12:00","zone":"UTC"}' }] },
  ]);
});

test('a streamed call of a tool comes with its input', async () => {
  const { provider } = start({ answers: [{ text: 'Let me see.', toolCalls: [{ id: 'c1', name: 'clock', arguments: {} }] }] });
  const clock = tool({ inputSchema: jsonSchema<{ zone?: string }>({ type: 'object' }), execute: async () => 'noon' });
  const result = streamText({ model: provider(), prompt: 'What time?', tools: { clock } });
  expect(await result.toolCalls).toMatchObject([{ toolCallId: 'c1', toolName: 'clock', input: {} }]);
  expect([await result.text, await result.finishReason]).toEqual(['Let me see.', 'tool-calls']);
});

test('an object is asked for by its schema', async () => {
  const { provider, requests } = start({ answers: ['{"city":"Paris"}'] });
  const schema = jsonSchema<{ city: string }>({ type: 'object', properties: { city: { type: 'string' } }, required: ['city'] });
  const { output } = await generateText({ model: provider(), prompt: 'Capital of France?', output: Output.object({ schema }) });
  expect(output).toEqual({ city: 'Paris' });
  expect(requests[0]?.responseFormat).toMatchObject({ type: 'json-schema', schema: { required: ['city'] } });
});

test('images, sounds and texts go along as what they are', async () => {
  const { provider, requests } = start();
  const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  await generateText({
    model: provider(),
    messages: [
      {
        role: 'user',
        content: [
          { type: 'image', image: png },
          { type: 'file', mediaType: 'audio/wav', data: Uint8Array.from([1, 2, 3]) },
          { type: 'file', mediaType: 'text/plain', data: new TextEncoder().encode('grüß') },
        ],
      },
    ],
  });
  expect(requests[0]?.messages[0]?.content).toEqual([
    { type: 'image', mediaType: 'image/png', data: 'iVBORw0KGgo=' },
    { type: 'audio', mediaType: 'audio/wav', data: 'AQID' },
    { type: 'text', text: 'grüß' },
  ]);
});

test('a kind of file that no model takes is refused, and nothing is asked', async () => {
  const { provider, requests } = start();
  const content = [{ type: 'file', mediaType: 'application/pdf', data: 'AAAA' }] as const;
  await expect(generateText({ model: provider(), messages: [{ role: 'user', content: [...content] }] })).rejects.toMatchObject({
    name: 'NotSupportedError',
  });
  expect(requests).toEqual([]);
});

test('what was sent in place of a value is said in a warning', async () => {
  vi.stubGlobal('AI_SDK_LOG_WARNINGS', false);
  const { oriel } = start();
  const limited = [{ type: 'value-limited', parameter: 'temperature', asked: 1.7, sent: 1 }] as const;
  const provider = createOriel({
    oriel: {
      ...oriel,
      generate: (request, options) =>
        oriel.generate(request, options).pipeThrough(
          new TransformStream({
            transform: (part, controller) => controller.enqueue(part.type === 'start' ? { ...part, warnings: limited } : part),
          }),
        ),
    },
  });
  const { warnings } = await generateText({ model: provider(), prompt: 'Hi', temperature: 1.7 });
  expect(warnings).toEqual([
    { type: 'unsupported', feature: 'temperature', details: 'The model does not take 1.7; 1 was sent.' },
  ]);
});

test('a model by name is a wish: who answers instead is said in a warning', async () => {
  const { provider } = start();
  vi.stubGlobal('AI_SDK_LOG_WARNINGS', false);
  const { warnings } = await generateText({ model: provider('openai/gpt-4'), prompt: 'Hi' });
  expect(warnings).toEqual([{ type: 'other', message: 'The visitor’s own choice answers instead of openai/gpt-4.' }]);
  vi.unstubAllGlobals();
});

test('a refusal is not tried again', async () => {
  const { provider, personWill, requests, revoke } = start();
  revoke();
  personWill('refuses');
  await expect(generateText({ model: provider(), prompt: 'Hi' })).rejects.toMatchObject({ name: 'NotAllowedError' });
  expect(requests).toEqual([]);
});

test('an error in mid-stream comes as one, and the text before it stays', async () => {
  const { provider } = start({ answers: [{ text: ['half'], error: 'interrupted' }] });
  const onError = vi.fn();
  const result = streamText({ model: provider(), prompt: 'Hi', onError });
  let text = '';
  for await (const delta of result.textStream) text += delta;
  expect(text).toBe('half');
  expect(onError.mock.calls[0]?.[0]).toMatchObject({ error: { name: 'NetworkError' } });
});

test('an abort ends the stream as an abort, and the wallet hears of it', async () => {
  const { provider } = start({ answers: [{ text: ['so', ' far'], hangs: true }] });
  const abort = new AbortController();
  const onAbort = vi.fn();
  const result = streamText({ model: provider(), prompt: 'Hi', abortSignal: abort.signal, onAbort });
  const types: string[] = [];
  for await (const part of result.fullStream) {
    types.push(part.type);
    if (part.type === 'text-delta' && part.text === ' far') abort.abort();
  }
  expect(types.at(-1)).toBe('abort');
  expect(onAbort).toHaveBeenCalledTimes(1);
});

test('a visitor without Oriel gets an error that says what to do', async () => {
  const provider = createOriel({ timeout: 1 });
  const asked = generateText({ model: provider(), prompt: 'Hi' });
  await expect(asked).rejects.toThrow(OrielMissingError);
});
