import { expect, test } from 'vitest';
import type { GenerateRequest, Message } from '../../protocol/generate';
import { buildChatRequest, canLeaveOut } from '../../providers/dialects/openai-chat-request';
import { hasNoStops, isReasoningModel } from '../../providers/dialects/openai-reasoning';
import { ask, knownRow } from './replay';

const openai = knownRow('openai').quirks;
const openrouter = knownRow('openrouter').quirks;
const compatible = knownRow('openai-compatible').quirks;
const dropped = ({ warnings }: ReturnType<typeof buildChatRequest>) =>
  warnings.map((warning) => (warning.type === 'parameter-dropped' ? warning.parameter : warning.type));
const tool = { name: 'look', parameters: { type: 'object' } };
const everything: Partial<GenerateRequest> = {
  temperature: 0,
  topP: 0.9,
  topK: 3,
  minP: 0.1,
  seed: 1,
  presencePenalty: 0,
  frequencyPenalty: 1,
  repetitionPenalty: 1.2,
  maxOutputTokens: 9,
};

test('a plain request asks for nothing that was not asked', () => {
  expect(buildChatRequest(ask('Hi'), openai)).toEqual({
    body: { model: 'm', messages: [{ role: 'user', content: 'Hi' }], stream: true, stream_options: { include_usage: true } },
    warnings: [],
    cutStops: [],
  });
});

test('samplers that the vendor has not are dropped with a warning, zeros are kept', () => {
  const built = buildChatRequest(ask('Hi', everything), openai);
  expect(built.body).toMatchObject({
    temperature: 0,
    top_p: 0.9,
    seed: 1,
    presence_penalty: 0,
    frequency_penalty: 1,
    max_completion_tokens: 9,
  });
  expect(built.body).not.toHaveProperty('top_k');
  expect(dropped(built)).toEqual(['topK', 'minP', 'repetitionPenalty']);
});

test('a local server gets the repetition penalty under both of its names', () => {
  const built = buildChatRequest(ask('Hi', everything), compatible);
  expect(built.body).toMatchObject({ top_k: 3, min_p: 0.1, repeat_penalty: 1.2, repetition_penalty: 1.2, max_tokens: 9 });
  expect(dropped(built)).toEqual([]);
});

test.each(['o3', 'o4-mini', 'gpt-5', 'gpt-5.4-mini', 'gpt-6-sol', 'gpt-10'])('%s is a reasoning model', (model) => {
  expect(isReasoningModel(model)).toBe(true);
});
test.each(['gpt-4.1', 'gpt-4o', 'gpt-5-chat-latest', 'chatgpt-4o-latest', 'omni', 'gpt-oss-20b'])('%s is none', (model) => {
  expect(isReasoningModel(model)).toBe(false);
});

test('a reasoning model gets no samplers and its system text as developer', () => {
  const messages: Message[] = [{ role: 'system', content: [{ type: 'text', text: 'Be kind.' }] }];
  const built = buildChatRequest(
    { ...ask('Hi', { ...everything, presencePenalty: 0.5 }), messages, model: 'gpt-6.1-sol', reasoningEffort: 'none' },
    openai,
  );
  expect(built.body).toMatchObject({ messages: [{ role: 'developer', content: 'Be kind.' }], reasoning_effort: 'none', seed: 1 });
  expect(dropped(built)).toEqual([
    'temperature',
    'topP',
    'presencePenalty',
    'frequencyPenalty',
    'topK',
    'minP',
    'repetitionPenalty',
  ]);
});

test('without effort some reasoning models take temperature and top_p', () => {
  const built = buildChatRequest(ask('Hi', { ...everything, model: 'gpt-5.4', reasoningEffort: 'none' }), openai);
  expect(built.body).toMatchObject({ temperature: 0, top_p: 0.9 });
  expect(built.body).not.toHaveProperty('presence_penalty');
});

test('the same rules do not apply to the same names elsewhere', () => {
  expect(buildChatRequest(ask('Hi', { model: 'gpt-5', temperature: 1 }), openrouter).body).toMatchObject({ temperature: 1 });
});

test('effort goes as each vendor names it, and is dropped where a model does not reason', () => {
  expect(buildChatRequest(ask('Hi', { reasoningEffort: 'low' }), openrouter).body).toMatchObject({
    reasoning: { effort: 'low' },
  });
  expect(buildChatRequest(ask('Hi', { reasoningEffort: 'low' }), compatible).body).toMatchObject({ reasoning_effort: 'low' });
  const plain = buildChatRequest(ask('Hi', { model: 'gpt-4.1', reasoningEffort: 'low' }), openai);
  expect(plain.body).not.toHaveProperty('reasoning_effort');
  expect(dropped(plain)).toEqual(['reasoningEffort']);
  expect(dropped(buildChatRequest(ask('Hi', { model: 'gpt-4.1', reasoningEffort: 'none' }), openai))).toEqual([]);
});

test('gpt-5.6 does not reason while it has tools', () => {
  const lost = buildChatRequest(ask('Hi', { model: 'gpt-5.6-sol', reasoningEffort: 'high', tools: [tool] }), openai);
  expect(lost.body).toMatchObject({ reasoning_effort: 'none' });
  expect(dropped(lost)).toEqual(['reasoningEffort']);
  expect(dropped(buildChatRequest(ask('Hi', { model: 'gpt-5.6-sol', tools: [tool] }), openai))).toEqual([]);
});

test('more stop sequences than the API takes are cut on our side, all of them', () => {
  const stop = ['a', 'b', 'c', 'd', 'e'];
  expect(buildChatRequest(ask('Hi', { stop }), openai)).toMatchObject({ body: { stop: ['a', 'b', 'c', 'd'] }, cutStops: stop });
  expect(buildChatRequest(ask('Hi', { stop }), compatible)).toMatchObject({ body: { stop }, cutStops: [] });
  const none = buildChatRequest(ask('Hi', { model: 'o3', stop: ['a'] }), openai);
  expect(none.body).not.toHaveProperty('stop');
  expect(none.cutStops).toEqual(['a']);
  expect(hasNoStops('o4-mini')).toBe(true);
});

test('a refused parameter is left out with a warning', () => {
  const request = ask('Hi', { ...everything, stop: ['x'], reasoningEffort: 'low' });
  const built = buildChatRequest(request, compatible, 'repeat_penalty');
  expect(built.body).not.toHaveProperty('repeat_penalty');
  expect(built.body).not.toHaveProperty('repetition_penalty');
  expect(dropped(built)).toEqual(['repetitionPenalty']);
  expect(buildChatRequest(request, openrouter, 'reasoning.effort').body).not.toHaveProperty('reasoning');
});

test('a refused limit takes its other name, refused usage goes unseen, refused stops are cut on our side', () => {
  const request = ask('Hi', { maxOutputTokens: 9, stop: ['x'] });
  expect(buildChatRequest(request, compatible, 'max_tokens').body).toMatchObject({ max_completion_tokens: 9 });
  expect(buildChatRequest(request, openai, 'max_completion_tokens').body).toMatchObject({ max_tokens: 9 });
  const silent = buildChatRequest(request, openai, 'stream_options');
  expect(silent.body).not.toHaveProperty('stream_options');
  expect(silent.warnings).toEqual([]);
  expect(buildChatRequest(request, openai, 'stop')).toMatchObject({ cutStops: ['x'], warnings: [] });
});

test('only what was sent and does not change what was asked can be left out', () => {
  const { body } = buildChatRequest(ask('Hi', { temperature: 1, reasoningEffort: 'low', tools: [tool] }), openrouter);
  expect(canLeaveOut('temperature', body)).toBe(true);
  expect(canLeaveOut('reasoning.effort', body)).toBe(true);
  expect(canLeaveOut('stream_options', body)).toBe(true);
  for (const name of ['top_p', 'tools', 'messages', 'model', 'response_format', 'stop', 'constructor', 'toString']) {
    expect(canLeaveOut(name, body), name).toBe(false);
  }
});
