/** Owns the reading of what an OpenRouter key may still spend, and its account. */

import * as v from 'valibot';
import type { Period } from '../../protocol/budgets';
import { backendError } from '../../protocol/errors';
import type { Balance } from '../../protocol/generate';
import { toMicroUsd } from '../../protocol/ids';
import type { Http } from '../http';
import type { Lifeline } from '../lifeline';

const usd = v.fallback(v.nullish(v.pipe(v.number(), v.finite())), undefined);
const keySchema = v.object({
  data: v.object({
    limit: usd,
    limit_remaining: usd,
    limit_reset: v.fallback(v.nullish(v.string()), undefined),
    is_free_tier: v.fallback(v.nullish(v.boolean()), undefined),
    expires_at: v.fallback(v.nullish(v.string()), undefined),
  }),
});
const creditsSchema = v.object({ data: v.object({ total_credits: v.number(), total_usage: v.number() }) });

const periods: ReadonlyMap<string, Period> = new Map<string, Period>([
  ['daily', 'day'],
  ['weekly', 'week'],
  ['monthly', 'month'],
]);

/** From `GET {base}/key` and `GET {base}/credits` (OpenRouter API reference). Throws AiError where the first tells nothing. */
export async function readOpenRouterBalance(http: Http, base: string, lifeline: Lifeline): Promise<Balance> {
  const key = v.safeParse(keySchema, await http.get(`${base}/key`, lifeline));
  if (!key.success) throw backendError('malformed', 'The backend sent something that is no key.');
  const { limit, limit_remaining, limit_reset, is_free_tier, expires_at } = key.output.data;
  const period = periods.get(limit_reset ?? '');
  const expiresAt = Date.parse(expires_at ?? '');
  const credit = await readCredit(http, base, lifeline);
  return {
    type: 'money',
    ...(limit_remaining != null && { left: toMicroUsd(limit_remaining) }),
    ...(limit != null && { limit: toMicroUsd(limit) }),
    ...(period !== undefined && { period }),
    ...(credit !== undefined && { credit: toMicroUsd(credit) }),
    ...(Number.isFinite(expiresAt) && { expiresAt }),
    ...(is_free_tier != null && { isFreeTier: is_free_tier }),
  };
}

/** In US dollars. Many keys may not ask, which answers 403: unknown then, as after any other failure. */
async function readCredit(http: Http, base: string, lifeline: Lifeline): Promise<number | undefined> {
  const answer = await http.get(`${base}/credits`, lifeline).catch(() => undefined);
  const credits = v.safeParse(creditsSchema, answer);
  return credits.success ? credits.output.data.total_credits - credits.output.data.total_usage : undefined;
}
