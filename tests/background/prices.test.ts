import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  amountsOf,
  costOf,
  inputTokensAbout,
  inputTokensAtMost,
  outputTokensAtMost,
  type Price,
  pricedBy,
  priceOf,
  tariffOf,
} from '../../background/prices';
import type { ModelInfo, Part, Pricing, StreamPart, Usage } from '../../protocol/generate';
import { toConnectionId, toMicroUsd } from '../../protocol/ids';
import { tokensOfText } from '../../protocol/token-estimate';
import snapshot from '../../providers/prices.json';

const usd = (input: number, output: number, cachedInput?: number): Price => ({
  input: toMicroUsd(input),
  output: toMicroUsd(output),
  ...(cachedInput !== undefined && { cachedInput: toMicroUsd(cachedInput) }),
});
const openai = (model: string, pricing?: Pricing) => ({ providerId: 'openai', place: 'cloud', model, pricing }) as const;

test.each([
  ['gpt-4.1-mini', 400_000],
  ['gpt-4.1-mini-2025-04-14', 400_000],
  ['gpt-4.1', 2_000_000],
  ['gpt-4o-2024-05-13', 5_000_000],
  ['gpt-4o-2024-11-20', 2_500_000],
  ['gpt-5-chat-latest', 1_250_000],
  ['gpt-5.4-mini-2026-03-17', 750_000],
])('the snapshot knows the input price of %s', (model, input) => {
  expect(priceOf(openai(model))?.input).toBe(input);
});

test.each(['gpt-5-pro', 'gpt-4.1-maxi', 'gpt-99', 'o3-deep-research', 'toString', ''])(
  'of %s nobody said a price: it is metered',
  (model) => {
    expect(priceOf(openai(model))).toBeUndefined();
    expect(tariffOf(openai(model))).toBe('metered');
  },
);

test('the snapshot says where it comes from and of when, and its amounts are integers', () => {
  expect(snapshot.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  expect(snapshot.source).toMatch(/genai-prices \d/);
  const numbers = JSON.stringify(snapshot.models).match(/-?\d+(\.\d+)?(?=[,}])/g) ?? [];
  expect(numbers.length).toBeGreaterThan(50);
  expect(numbers.every((number) => Number.isSafeInteger(Number(number)) && Number(number) > 0)).toBe(true);
});

test('the provider’s own figures win over the snapshot; half of them are none', () => {
  expect(priceOf(openai('gpt-4.1', { input: toMicroUsd(1), output: toMicroUsd(2) }))).toEqual({
    input: 1_000_000,
    output: 2_000_000,
  });
  expect(priceOf(openai('gpt-4.1', { input: toMicroUsd(1) }))?.input).toBe(2_000_000);
  expect(priceOf({ ...openai('gpt-4.1'), providerId: 'openai-compatible' })).toBeUndefined();
});

test.each(['this-computer', 'network', 'volunteers'] as const)('what answers at %s is free, whatever it lists', (place) => {
  expect(tariffOf({ ...openai('gpt-4.1'), place })).toBe('free');
});

test('a price of nothing is free', () => {
  expect(tariffOf(openai('x:free', { input: toMicroUsd(0), output: toMicroUsd(0) }))).toBe('free');
  expect(tariffOf(openai('x', { input: toMicroUsd(0), output: toMicroUsd(1) }))).toBe('priced');
});

test('a connection’s model is priced by what its list said', () => {
  const connection = {
    id: toConnectionId('c'),
    providerId: 'openai-compatible',
    name: 'Mine',
    createdAt: 1,
    baseUrl: 'https://llm.test/v1',
  };
  const info: ModelInfo = { id: 'm', name: 'm', pricing: usd(1, 2) };
  expect(tariffOf(pricedBy(connection, 'm', info))).toBe('priced');
  expect(tariffOf(pricedBy(connection, 'm', undefined))).toBe('metered');
  expect(tariffOf(pricedBy({ ...connection, providerId: 'gone' }, 'm', undefined))).toBe('metered');
  expect(tariffOf(pricedBy({ ...connection, baseUrl: 'http://127.0.0.1:1/v1' }, 'm', info))).toBe('free');
  // A subscription bills no call.
  expect(tariffOf(pricedBy({ ...connection, providerId: 'novelai' }, 'm', undefined))).toBe('free');
});

test('cached tokens cost their own price, and reasoning tokens are in the output already', () => {
  const counts = { inputTokens: 1_000_000, outputTokens: 1_000_000, cachedTokens: 400_000, reasoningTokens: 900_000 };
  expect(costOf(usd(2, 8, 0.5), counts)).toBe(1_200_000 + 200_000 + 8_000_000);
  expect(costOf(usd(2, 8), counts)).toBe(10_000_000);
  expect(costOf(usd(2, 8, 0.5), { inputTokens: 10, outputTokens: 0, cachedTokens: 99, cacheWriteTokens: 9 })).toBe(5);
  expect(costOf({ ...usd(2, 8), cacheWrite: toMicroUsd(2.5) }, { inputTokens: 10, outputTokens: 0, cacheWriteTokens: 8 })).toBe(
    24,
  );
});

test('a long request costs its higher price', () => {
  const price = priceOf(openai('gpt-5.4')) as Price;
  expect(costOf(price, { inputTokens: 271_999, outputTokens: 0 })).toBe(679_998);
  expect(costOf(price, { inputTokens: 272_000, outputTokens: 1_000_000 })).toBe(1_360_000 + 22_500_000);
  expect(costOf({ ...usd(1, 1), long: { above: 10 } }, { inputTokens: 11, outputTokens: 0 })).toBe(11);
});

test('an account is charged money at a price, metered tokens without one, and what the provider told in any case', () => {
  const counts = { inputTokens: 10, outputTokens: 20 };
  expect(amountsOf('priced', usd(1, 1), counts)).toEqual({ microUsd: 30, tokens: 30, metered: 0 });
  expect(amountsOf('metered', undefined, counts)).toEqual({ microUsd: 0, tokens: 30, metered: 30 });
  expect(amountsOf('free', usd(1, 1), counts)).toEqual({ microUsd: 0, tokens: 30, metered: 0 });
  expect(amountsOf('metered', undefined, counts, toMicroUsd(0.01))).toEqual({ microUsd: 10_000, tokens: 30, metered: 30 });
  expect(amountsOf('priced', usd(1, 1), counts, toMicroUsd(0))).toMatchObject({ microUsd: 0 });
});

const ask = (text: string) => ({ messages: [{ role: 'user', content: [{ type: 'text', text }] }] }) as const;

test('the input is counted high, whatever its script', () => {
  expect(inputTokensAtMost(ask('x'.repeat(300)))).toBe(116);
  expect(inputTokensAtMost(ask('青'.repeat(300)))).toBe(316);
  expect(
    inputTokensAtMost({ messages: [{ role: 'user', content: [{ type: 'image', mediaType: 'image/png', data: 'AAAA' }] }] }),
  ).toBe(5016);
});

const said = (part: Part) => inputTokensAtMost({ messages: [{ role: 'user', content: [part] }] }) - inputTokensAtMost(ask(''));

test('what is not a text has its tokens too: sound, calls, results, and what is said of tools and of the answer’s form', () => {
  expect(said({ type: 'audio', mediaType: 'audio/wav', data: 'A'.repeat(4000) })).toBe(30);
  expect(said({ type: 'tool-call', id: '1', name: 'abc', arguments: 'x'.repeat(30) })).toBe(11);
  expect(said({ type: 'tool-result', id: '1', result: 'x'.repeat(30) })).toBe(10);
  expect(said({ type: 'reasoning', text: 'x'.repeat(30) })).toBe(10);
  const more = (input: object) => inputTokensAtMost({ ...ask(''), ...input }) - inputTokensAtMost(ask(''));
  const schema = { description: 'x'.repeat(300) };
  expect(more({ tools: [{ name: 'a', parameters: schema }] })).toBeGreaterThan(100);
  expect(more({ responseFormat: { type: 'json-schema', schema } })).toBeGreaterThan(100);
  expect(more({ responseFormat: { type: 'regexp', source: 'x'.repeat(300), flags: '' } })).toBeGreaterThan(100);
  expect(more({ responseFormat: { type: 'text' } })).toBe(0);
});

test('the rule of thumb adds nothing of its own, so that two inputs together are what each of them is', () => {
  expect(inputTokensAbout(ask('x'.repeat(10)))).toBe(2.5);
  const [one, two] = [ask('Hello'), ask('World!')];
  expect(inputTokensAbout({ messages: [...one.messages, ...two.messages] })).toBe(inputTokensAbout(one) + inputTokensAbout(two));
  expect(
    inputTokensAbout({ messages: [{ role: 'user', content: [{ type: 'image', mediaType: 'image/png', data: 'AAAA' }] }] }),
  ).toBe(1000);
});

test('an answer is counted as usual: four letters a token, a character of other scripts one', () => {
  expect(tokensOfText('x'.repeat(40))).toBe(10);
  expect(tokensOfText('äöüß')).toBe(1);
  expect(tokensOfText('青空')).toBe(2);
});

test.each([
  [{}, undefined, 4096],
  [{ maxOutputTokens: 100 }, undefined, 100],
  [{ maxOutputTokens: 100_000 }, undefined, 100_000],
  [{ maxOutputTokens: 100_000 }, 32_768, 32_768],
  [{}, 1000, 1000],
  [{}, 128_000, 4096],
  [{ maxOutputTokens: 100, outputs: 3 }, undefined, 300],
])('of %j with a model’s most of %s, %i tokens are held back', (request, most, held) => {
  expect(outputTokensAtMost(request, most)).toBe(held);
});

/** Every usage that the fixtures record, with what their provider told of its cost. */
const recorded = readdirSync('providers/fixtures', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.expected.json') && !file.includes('.models.'))
  .flatMap((file) => {
    const { parts = [], request } = JSON.parse(readFileSync(join('providers/fixtures', file), 'utf8')) as {
      parts?: StreamPart[];
      request?: { body?: { model?: string }; model?: string };
    };
    return parts.flatMap((part) => (part.type === 'usage' ? [{ file, usage: part.usage, request }] : []));
  });

const counted = ({ inputTokens = 0, outputTokens = 0, cachedTokens }: Usage) => ({ inputTokens, outputTokens, cachedTokens });
const told = recorded.filter(({ usage }) => usage.costMicroUsd !== undefined);

test('the fixtures record usage with cached tokens, with reasoning tokens, and with costs', () => {
  expect(recorded.length).toBeGreaterThan(8);
  expect(recorded.some(({ usage }) => (usage.cachedTokens ?? 0) > 0)).toBe(true);
  expect(recorded.some(({ usage }) => (usage.reasoningTokens ?? 0) > 0)).toBe(true);
  expect(told.length).toBeGreaterThan(1);
});

test.each(told)('the cost that is told in $file is what is settled', ({ usage }) => {
  expect(amountsOf('priced', usd(9, 9), counted(usage), usage.costMicroUsd).microUsd).toBe(usage.costMicroUsd);
});

// What OpenRouter billed for real calls of 2025 and 2026, in US dollars, at the prices per million tokens that its breakdown shows.
test.each([
  ['openai/gpt-4o-mini', priceOf(openai('gpt-4o-mini')), { inputTokens: 19, outputTokens: 20, cachedTokens: 0 }, 0.00001485],
  ['mistralai/mistral-large-2512', usd(0.5, 1.5), { inputTokens: 423, outputTokens: 2600, cachedTokens: 0 }, 0.0041115],
  ['anthropic/claude-opus-4.8', usd(5, 25), { inputTokens: 95, outputTokens: 790 }, 0.020225],
  [
    'a model that bills what it puts into its cache',
    { ...usd(2, 10), cacheWrite: toMicroUsd(2.5) },
    { inputTokens: 9175, outputTokens: 277, cacheWriteTokens: 9172 },
    0.025706,
  ],
  ['z-ai/glm-5.2, cached', usd(1.4, 4.4, 0.26), { inputTokens: 226, outputTokens: 13, cachedTokens: 192 }, 0.00015472],
])('our own figure for %s is within 5 %% of what was billed', (_model, price, counts, billed) => {
  const cost = costOf(price as Price, counts) / 1e6;
  expect(Math.abs(cost - billed) / billed).toBeLessThan(0.05);
});

test.each(recorded.filter(({ file }) => file.startsWith('openai/')))(
  '$file is settled at the snapshot’s price, rounded up once',
  ({ usage }) => {
    const price = priceOf(openai('gpt-4.1-mini')) as Price;
    const { inputTokens, outputTokens, cachedTokens = 0 } = counted(usage);
    const exact = (inputTokens - cachedTokens) * 0.4 + cachedTokens * 0.1 + outputTokens * 1.6;
    const settled = costOf(price, counted(usage));
    expect(settled - exact).toBeGreaterThanOrEqual(-1e-6);
    expect(settled - exact).toBeLessThan(1);
  },
);
