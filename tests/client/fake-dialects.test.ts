import { readFileSync } from 'node:fs';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText } from 'ai';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { createFakeOriel } from '../../client/testing';

/** The sample of docs/openai.md that makes `name`, run as it stands there, its one import aside. */
function sampleOf(name: string, imported: Record<string, unknown>, ai: unknown): never {
  const text = readFileSync(new URL('../../docs/openai.md', import.meta.url), 'utf8');
  const code = [...text.matchAll(/^```js\n([\s\S]*?)^```/gm)]
    .map(([, one = '']) => one)
    .find((one) => one.includes(`const ${name} =`));
  const body = `${code?.replace(/^import .*$/m, '')}; return ${name};`;
  return new Function('window', ...Object.keys(imported), body)({ ai }, ...Object.values(imported)) as never;
}
const dot = (one: readonly number[] = [], other: readonly number[] = []) =>
  one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
const hi = [{ role: 'user' as const, content: 'Hi' }];

test('the sample of docs/openai.md for the package openai answers, streams and is refused', async () => {
  const fake = createFakeOriel({ answers: ['Hello there.'] });
  const client: OpenAI = sampleOf('client', { OpenAI }, fake.oriel);
  const whole = await client.chat.completions.create({ model: 'any', messages: hi });
  expect(whole.choices[0]).toMatchObject({ message: { content: 'Hello there.' }, finish_reason: 'stop' });
  let streamed = '';
  for await (const { choices } of await client.chat.completions.create({ model: 'any', messages: hi, stream: true }))
    streamed += choices[0]?.delta.content ?? '';
  expect(streamed).toBe('Hello there.');
  expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['fake-model']);
  const vectors = await client.embeddings.create({
    model: 'any',
    input: ['green tea', 'Tea', 'a dog'],
    encoding_format: 'float',
  });
  const [first, near, far] = vectors.data.map(({ embedding }) => embedding);
  expect(dot(first, near)).toBeGreaterThan(dot(first, far));
  expect((await client.embeddings.create({ model: 'any', input: 'Tea' })).data[0]?.embedding).toHaveLength(16);
  expect((await fake.oriel.embed({ input: ['Tea'] })).vectors).toEqual([near]);
  await expect(fake.oriel.embed({ input: [] })).rejects.toMatchObject({ name: 'TypeError' });
  await expect(client.embeddings.create({ model: 'any', input: [''] })).rejects.toMatchObject({ status: 400 });
  fake.revoke();
  fake.personWill('refuses');
  await expect(client.chat.completions.create({ model: 'any', messages: hi })).rejects.toMatchObject({
    status: 403,
    code: 'permission_denied',
  });
  await expect(client.embeddings.create({ model: 'any', input: 'x' })).rejects.toMatchObject({ status: 403 });
  await expect(fake.oriel.embed({ input: ['x'] })).rejects.toMatchObject({ name: 'NotAllowedError' });
  await expect(client.responses.create({ model: 'any', input: 'x' })).rejects.toMatchObject({ status: 404 });
});

test('the sample of docs/openai.md for AI SDK answers, with calls of tools', async () => {
  const { oriel, answerWith } = createFakeOriel({ granted: true, answers: ['Hello there.'] });
  const provider: ReturnType<typeof createOpenAICompatible> = sampleOf('provider', { createOpenAICompatible }, oriel);
  expect((await generateText({ model: provider('any'), prompt: 'Hi' })).text).toBe('Hello there.');
  answerWith({ toolCalls: [{ name: 'clock', arguments: { zone: 'UTC' } }] });
  const { toolCalls, finishReason } = await generateText({ model: provider('any'), prompt: 'What time is it?' });
  expect([toolCalls[0]?.toolName, finishReason]).toEqual(['clock', 'tool-calls']);
});

test('a page of LanguageModel finds sessions that remember, stream, stop and end', async () => {
  const { languageModel, requests, personWill } = createFakeOriel({ person: 'refuses' });
  expect(await languageModel.availability()).toBe('downloadable');
  await expect(languageModel.create()).rejects.toMatchObject({ name: 'NotAllowedError' });
  personWill('allows');
  const session = await languageModel.create({ initialPrompts: [{ role: 'system', content: 'Be short.' }] });
  expect([await languageModel.availability(), await session.prompt('one')]).toEqual(['available', 'You said: one']);
  const before = session.contextUsage;
  let streamed = '';
  for await (const delta of session.promptStreaming('two') as unknown as AsyncIterable<string>) streamed += delta;
  expect([streamed, session.contextUsage > before]).toEqual(['You said: two', true]);
  expect(requests.at(-1)?.messages.map(({ content }) => content)).toEqual(['Be short.', 'one', 'You said: one', 'two']);
  const clone = await session.clone();
  expect(clone.contextUsage).toBe(session.contextUsage);
  await expect(session.prompt('x', { signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
  session.destroy();
  await expect(session.prompt('x')).rejects.toMatchObject({ name: 'InvalidStateError' });
  expect(await clone.prompt('three')).toBe('You said: three');
});
