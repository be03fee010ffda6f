/** Owns the reading of what an account with a vendor still has, where its API tells. */

import * as v from 'valibot';
import { backendError } from '../../protocol/errors';
import type { Balance } from '../../protocol/generate';
import { toMicroUsd } from '../../protocol/ids';
import type { Http } from '../http';
import type { Lifeline } from '../lifeline';
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
};
