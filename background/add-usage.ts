/** Adds up what several answers to one request used. */

import type { Usage } from '../protocol/generate';

/** Unknown where one of both is. */
const sum = (one: number | undefined, other: number | undefined) =>
  one === undefined || other === undefined ? undefined : one + other;

export const addUsage = (one: Usage, other: Usage): Usage => ({
  inputTokens: sum(one.inputTokens, other.inputTokens),
  outputTokens: sum(one.outputTokens, other.outputTokens),
  reasoningTokens: sum(one.reasoningTokens, other.reasoningTokens),
  cachedTokens: sum(one.cachedTokens, other.cachedTokens),
  cacheWriteTokens: sum(one.cacheWriteTokens, other.cacheWriteTokens),
  costMicroUsd: sum(one.costMicroUsd, other.costMicroUsd) as Usage['costMicroUsd'],
  estimated: one.estimated || other.estimated,
});
