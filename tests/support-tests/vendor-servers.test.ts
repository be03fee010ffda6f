import { expect, test } from 'vitest';
import { startAnthropicServer } from '../support/servers/anthropic-server';
import { startGeminiServer } from '../support/servers/gemini-server';

type Json = Record<string, unknown>;

const post = async (url: string, body: Json, headers: Record<string, string>) => {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body), headers });
  const { error } = (await response.json()) as { error?: { type?: string; status?: string; message: string } };
  return [response.status, error?.type ?? error?.status, error?.message];
};

test('the stand-in for Anthropic refuses what the real one refuses', async () => {
  const server = await startAnthropicServer({ apiKey: 'k' });
  const headers = { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' };
  const good = { model: 'claude-opus-5', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] };
  const ask = (more: Json, changed: Record<string, string> = headers) =>
    post(`${server.baseUrl}/messages`, { ...good, ...more }, changed);
  const use = { type: 'tool_use', id: 'a', name: 'look', input: {} };
  expect(await ask({})).toEqual([200, undefined, undefined]);
  const refusals: [Json, string][] = [
    [{ seed: 1 }, 'seed: Extra inputs are not permitted'],
    [{ max_tokens: undefined }, 'max_tokens: Field required'],
    [{ max_tokens: 200_000 }, 'max_tokens: 200000 > 128000'],
    [{ temperature: 0.5 }, 'deprecated for this model'],
    [{ stop_sequences: [' '] }, 'non-whitespace'],
    [{ messages: [{ role: 'assistant', content: 'Hi' }] }, 'first message must use the "user" role'],
    [{ messages: [...good.messages, { role: 'assistant', content: 'A' }] }, 'does not support assistant message prefill'],
    [{ messages: [{ role: 'user', content: [{ type: 'text', text: ' ' }] }] }, 'non-whitespace text'],
    [{ messages: [{ role: 'user', content: [] }] }, 'non-empty content'],
    [{ messages: [...good.messages, { role: 'assistant', content: [use] }, ...good.messages] }, 'without `tool_result` blocks'],
    [{ tool_choice: { type: 'auto' } }, 'while providing tools'],
    [{ thinking: { type: 'enabled', budget_tokens: 9 } }, 'greater than or equal to 1024'],
    [{ output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } }, 'explicitly set to false'],
  ];
  for (const [more, words] of refusals)
    expect(await ask(more), words).toEqual([400, 'invalid_request_error', expect.stringContaining(words)]);
  expect((await ask({ model: 'none' }))[0]).toBe(404);
  expect((await ask({}, { ...headers, 'x-api-key': 'no' }))[0]).toBe(401);
  expect(await ask({}, { 'x-api-key': 'k' })).toEqual([400, 'invalid_request_error', 'anthropic-version: header is required']);
  expect(await ask({}, { ...headers, origin: 'chrome-extension://a' })).toEqual([
    401,
    'authentication_error',
    expect.stringContaining('CORS'),
  ]);
  await server.close();
});

test('the stand-in for Gemini refuses what the real one refuses, and a key in the address besides', async () => {
  const server = await startGeminiServer({ apiKey: 'k' });
  const contents = [{ role: 'user', parts: [{ text: 'Hi' }] }];
  const ask = (body: Json, model = 'gemini-3.6-flash', headers: Record<string, string> = { 'x-goog-api-key': 'k' }, query = '') =>
    post(`${server.baseUrl}/models/${model}:generateContent${query}`, { contents, ...body }, headers);
  const call = { functionCall: { name: 'look', args: {} } };
  expect((await ask({}))[0]).toBe(200);
  const refusals: [Json, string, string?][] = [
    [{ seed: 1 }, 'Unknown name "seed"'],
    [{ generationConfig: { minP: 1 } }, 'Unknown name "minP"'],
    [{ generationConfig: { temperature: 1 } }, 'temperature is not supported'],
    [{ generationConfig: { temperature: 3 } }, 'range', 'gemini-3.5-flash'],
    [{ generationConfig: { stopSequences: ['1', '2', '3', '4', '5', '6'] } }, 'up to 5'],
    [{ contents: [] }, 'contents is not specified'],
    [{ contents: [{ role: 'user', parts: [{ text: '' }] }] }, 'oneof field'],
    [{ contents: [{ role: 'system', parts: [{ text: 'a' }] }] }, 'valid role'],
    [{ contents: [...contents, { role: 'model', parts: [{ text: 'a' }] }] }, 'ending with a model turn'],
    [{ contents: [...contents, { role: 'model', parts: [call] }] }, 'missing a thought_signature'],
    [{ contents: [...contents, { role: 'model', parts: [call] }] }, 'equal to the number', 'gemini-3.5-flash'],
    [{ systemInstruction: { parts: [{ text: 'a' }] } }, 'Developer instruction is not enabled', 'gemma-3-27b-it'],
    [{ tools: [] }, 'Function calling is not enabled', 'gemma-3-27b-it'],
  ];
  for (const [body, words, model] of refusals)
    expect(await ask(body, model), words).toEqual([400, 'INVALID_ARGUMENT', expect.stringContaining(words)]);
  expect((await ask({}, 'none'))[0]).toBe(404);
  expect((await ask({}, undefined, { 'x-goog-api-key': 'no' }))[0]).toBe(400);
  expect((await ask({}, undefined, {}))[0]).toBe(403);
  expect((await ask({}, undefined, undefined, '?key=k'))[0]).toBe(400);
  await server.close();
});
