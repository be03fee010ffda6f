/** Owns the reading of what an account with a vendor still has, where its API tells. */

import * as v from 'valibot';
import type { Period } from '../../protocol/budgets';
import { backendError } from '../../protocol/errors';
import type { Balance } from '../../protocol/generate';
import { toMicroUsd } from '../../protocol/ids';
import type { Http } from '../http';
import type { Lifeline } from '../lifeline';
import { rootOf } from '../place';
import type { Quirks } from '../provider';
import { readOpenRouterBalance } from './openrouter-balance';

type ReadBalance = (http: Http, base: string, lifeline: Lifeline) => Promise<Balance | undefined>;

/** Dollars in a decimal string. */
const amount = v.pipe(
  v.string(),
  v.transform((text) => (text.trim() === '' ? Number.NaN : Number(text))),
  v.finite(),
);
const deepSeekSchema = v.object({ balance_infos: v.array(v.object({ currency: v.string(), total_balance: amount })) });
const vercelSchema = v.object({ balance: amount });

const number = v.fallback(v.nullish(v.pipe(v.number(), v.finite())), undefined);
const liteLlmSchema = v.object({
  info: v.object({
    spend: number,
    max_budget: number,
    budget_duration: v.fallback(v.nullish(v.string()), undefined),
    expires: v.fallback(v.nullish(v.string()), undefined),
  }),
});
/** How LiteLLM writes the spans that Oriel has a word for. */
const periods: ReadonlyMap<string, Period> = new Map<string, Period>([
  ['1d', 'day'],
  ['24h', 'day'],
  ['7d', 'week'],
  ['30d', 'month'],
  ['1mo', 'month'],
]);

const malformed = () => backendError('malformed', 'The backend sent a balance that is none.');
const credit = (dollars: number): Balance => ({ type: 'money', credit: toMicroUsd(Math.max(0, dollars)) });

/** Each throws AiError where it is told nothing. */
export const balanceReaders: Readonly<Record<NonNullable<Quirks['balance']>, ReadBalance>> = {
  openrouter: readOpenRouterBalance,

  /** `GET {base}/user/balance` (DeepSeek API reference). An account in yuan tells nothing in dollars. */
  async deepseek(http, base, lifeline) {
    const told = v.safeParse(deepSeekSchema, await http.get(`${base}/user/balance`, lifeline));
    if (!told.success) throw malformed();
    const dollars = told.output.balance_infos.find(({ currency }) => currency === 'USD');
    return dollars && credit(dollars.total_balance);
  },

  /** `GET {base}/credits` (Vercel AI Gateway). */
  async vercel(http, base, lifeline) {
    const told = v.safeParse(vercelSchema, await http.get(`${base}/credits`, lifeline));
    if (!told.success) throw malformed();
    return credit(told.output.balance);
  },

  /** `GET {server}/key/info` tells a key of itself (LiteLLM's documentation, Virtual keys). A proxy without a database has no keys. */
  async litellm(http, base, lifeline) {
    const told = v.safeParse(liteLlmSchema, await http.get(`${rootOf(base)}/key/info`, lifeline));
    if (!told.success) throw malformed();
    const { spend, max_budget: limit, budget_duration, expires } = told.output.info;
    const period = periods.get(budget_duration ?? '');
    const expiresAt = Date.parse(expires ?? '');
    return {
      type: 'money',
      ...(limit != null && { limit: toMicroUsd(limit), left: toMicroUsd(Math.max(0, limit - (spend ?? 0))) }),
      ...(limit != null && period !== undefined && { period }),
      ...(Number.isFinite(expiresAt) && { expiresAt }),
    };
  },
};
