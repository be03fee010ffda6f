/** Assembles the one snapshot that Oriel's pages show. Everything in it is derived; nothing is kept here. */

import type { GenerateRequest, ModelInfo } from '../protocol/generate';
import type { ConnectionId } from '../protocol/ids';
import { toMicroUsd } from '../protocol/ids';
import type { ApprovalView, ConnectionView, CostView, Overview } from '../protocol/ui-messages';
import { rowOf } from '../providers/catalog';
import { placeOf } from '../providers/place';
import type { Activity } from './activity';
import type { ApprovalRecord, Approvals } from './approvals';
import type { Connections } from './connections';
import type { ConnectionRecord } from './database';
import type { Downloads } from './downloads';
import type { Runs } from './runs';
import type { Security } from './security';
import type { Vault } from './vault';

interface OverviewDeps {
  readonly connections: Connections;
  readonly approvals: Approvals;
  readonly runs: Runs;
  readonly activity: Activity;
  /** Undefined where this browser cannot run a model. */
  readonly downloads: Downloads | undefined;
  readonly vault: Vault;
  readonly security: Security;
}

export async function assembleOverview(deps: OverviewDeps): Promise<Overview> {
  const { connections, approvals, runs, activity, downloads } = deps;
  const vault = await deps.security.view(deps.vault);
  // Whoever cannot open the vault sees nothing of what its owner does (security.md T32).
  if (vault.type === 'locked') return { connections: [], approvals: [], running: [], failures: [], vault };
  const records = await connections.list();
  const active = await connections.active();
  const view = active && viewOf(active);
  const known = (id: ConnectionId, model: string) => connections.knownModel(id, model);
  return {
    connections: records.map(viewOf),
    approvals: (await approvals.waiting()).map((record) => cardOf(record, view, approvals.messages(record.id), known)),
    running: runs.running(),
    failures: await activity.failures(),
    vault,
    ...(active && { activeConnection: active.id }),
    ...(downloads && { device: await downloads.views() }),
  };
}

function viewOf(record: ConnectionRecord): ConnectionView {
  const { attention, createdAt: _, ...connection } = record;
  const row = rowOf(record.providerId);
  // Of a version that knew more providers: it stays, and can be removed.
  const error = row ? attention : ({ code: 'unknown' } as const);
  return {
    ...connection,
    providerName: row?.name ?? record.providerId,
    place: row ? placeOf(row, record) : 'cloud',
    state: error ? { type: 'needs-attention', error } : { type: 'connected' },
  };
}

function cardOf(
  record: ApprovalRecord,
  connection: ConnectionView | undefined,
  messages: GenerateRequest['messages'] | undefined,
  known: (id: ConnectionId, model: string) => ModelInfo | undefined,
): ApprovalView {
  const { id, digest, subject, insecure, createdAt } = record;
  const card = { id, digest, subject, insecure, createdAt };
  if (!connection) return card;
  const model = connection.defaultModel ?? '';
  return { ...card, answeredBy: { connection, model, cost: costOf(connection, known(connection.id, model), messages) } };
}

/** Four characters a token is the usual estimate; the answer is taken as 500 tokens long. */
const charsPerToken = 4;
const answerTokens = 500;

function costOf(
  connection: ConnectionView,
  model: ModelInfo | undefined,
  messages: GenerateRequest['messages'] | undefined,
): CostView {
  if (connection.place === 'this-computer' || connection.place === 'network') return { type: 'free' };
  const { input, output } = model?.pricing ?? {};
  if (input === undefined || output === undefined || !messages) return { type: 'metered' };
  const chars = messages.reduce(
    (sum, { content }) => sum + content.reduce((all, part) => all + ('text' in part ? part.text.length : 0), 0),
    0,
  );
  const microUsdPerMillion = (chars / charsPerToken) * input + answerTokens * output;
  const usd = microUsdPerMillion / 1e6 / 1e6;
  return usd === 0 ? { type: 'free' } : { type: 'estimate', microUsd: toMicroUsd(usd) };
}
