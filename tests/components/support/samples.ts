/** Connections and approvals as the background shows them. */

import type { BudgetView } from '../../../protocol/budgets';
import { toApprovalId, toConnectionId, toDigest, toMicroUsd, toOrigin } from '../../../protocol/ids';
import type { ApprovalView, ConnectionView } from '../../../protocol/ui-messages';

export function origin(value: string) {
  const found = toOrigin(value);
  if (found === undefined) throw new Error(`${value} is no origin`);
  return found;
}

export const openai: ConnectionView = {
  id: toConnectionId('c-openai'),
  providerId: 'openai',
  providerName: 'OpenAI',
  name: 'OpenAI',
  place: 'cloud',
  keyEnding: 'x9Qf',
  defaultModel: 'gpt-5-mini',
  state: { type: 'connected' },
};

export const local: ConnectionView = {
  id: toConnectionId('c-local'),
  providerId: 'openai-compatible',
  providerName: 'OpenAI-compatible server',
  name: 'Desk server',
  baseUrl: 'http://127.0.0.1:8080/v1',
  place: 'this-computer',
  defaultModel: 'qwen3-8b',
  state: { type: 'connected' },
};

/** Of https://example.com, by default without a limit. */
export const budget = (change: Partial<BudgetView> = {}): BudgetView => ({
  subject: { top: origin('https://example.com') },
  limits: [],
  usedToday: { microUsd: 0, tokens: 0, metered: 0 },
  ...change,
});

export const approval = (change: Partial<ApprovalView> = {}): ApprovalView => ({
  id: toApprovalId('a1'),
  digest: toDigest('d1'),
  subject: { top: origin('https://example.com') },
  tabId: 5,
  insecure: false,
  answeredBy: {
    connection: openai,
    model: 'gpt-5-mini',
    cost: { type: 'estimate', microUsd: toMicroUsd(0.0123) },
    budget: budget(),
  },
  createdAt: 1,
  ...change,
});
