/** Owns the reading of what a Chat Completions answer says of its tokens and its cost. */

import * as v from 'valibot';
import type { Usage } from '../../protocol/generate';
import { toMicroUsd } from '../../protocol/ids';
import type { Quirks } from '../provider';

const count = v.fallback(v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))), undefined);
const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
const money = v.fallback(v.nullish(amount), undefined);

export const usageSchema = v.object({
  prompt_tokens: count,
  completion_tokens: count,
  prompt_tokens_details: v.nullish(v.object({ cached_tokens: count, cache_write_tokens: count })),
  completion_tokens_details: v.nullish(v.object({ reasoning_tokens: count })),
  prompt_cache_hit_tokens: count, // DeepSeek
  cost: v.fallback(v.nullish(v.union([amount, v.object({ total_cost: money })])), undefined),
  cost_in_usd_ticks: money, // xAI
  is_byok: v.fallback(v.nullish(v.boolean()), undefined),
  cost_details: v.fallback(v.nullish(v.object({ upstream_inference_cost: money })), undefined),
});
type WireUsage = v.InferOutput<typeof usageSchema>;

/** Which figures of money are believed: a server of unknown making could name anything. */
export type UsageRules = Pick<Quirks, 'cost' | 'openRouter' | 'reasoningBeside'>;

export function toUsage(wire: WireUsage, rules: UsageRules): Usage {
  const reasoningTokens = wire.completion_tokens_details?.reasoning_tokens ?? undefined;
  const outputTokens = wire.completion_tokens ?? undefined;
  const dollars = dollarsOf(wire, rules);
  return {
    inputTokens: wire.prompt_tokens ?? undefined,
    outputTokens: outputTokens !== undefined && rules.reasoningBeside ? outputTokens + (reasoningTokens ?? 0) : outputTokens,
    reasoningTokens,
    cachedTokens: wire.prompt_tokens_details?.cached_tokens ?? wire.prompt_cache_hit_tokens ?? undefined,
    cacheWriteTokens: wire.prompt_tokens_details?.cache_write_tokens ?? undefined,
    costMicroUsd: dollars === undefined ? undefined : toMicroUsd(dollars),
    estimated: false,
  };
}

function dollarsOf(wire: WireUsage, { cost, openRouter }: UsageRules): number | undefined {
  if (cost === 'ticks') return wire.cost_in_usd_ticks == null ? undefined : wire.cost_in_usd_ticks / 1e10;
  if (cost === 'total') return typeof wire.cost === 'object' ? (wire.cost?.total_cost ?? undefined) : undefined;
  if (typeof wire.cost !== 'number') return undefined;
  // A proxy that knows no price says nothing, or none: its list of prices is asked instead.
  if (cost === 'dollars') return wire.cost > 0 ? wire.cost : undefined;
  return openRouter ? wire.cost + upstreamCost(wire) : undefined;
}

/** With a key of the person's own at OpenRouter the vendor bills them as well; otherwise this is the same money told twice. */
const upstreamCost = ({ is_byok, cost_details }: WireUsage): number =>
  is_byok ? (cost_details?.upstream_inference_cost ?? 0) : 0;
