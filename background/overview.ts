/** Assembles the one snapshot that Oriel's pages show. Everything in it is derived; nothing is kept here. */

import type { CostView } from '../protocol/budgets';
import { wishes } from '../protocol/scopes';
import type { ApprovalView, ConnectionView, Overview, RequestContent } from '../protocol/ui-messages';
import { rowOf } from '../providers/catalog';
import { placeOf } from '../providers/place';
import type { Activity } from './activity';
import type { ApprovalRecord } from './approval-cards';
import type { Approvals } from './approvals';
import { viewBudget } from './budget-view';
import type { Connections } from './connections';
import type { ConnectionRecord } from './database';
import type { Downloads } from './downloads';
import type { Meter } from './meter';
import { costOf, inputTokensAbout, type Priced, pricedBy, priceOf, tariffOf } from './prices';
import type { Runs } from './runs';
import { type Choice, classicScopes } from './scopes';
import type { Security } from './security';
import type { Selection } from './selection';
import type { Store } from './store';
import type { StoreLoss } from './store-loss';
import type { UnreadableRows } from './unreadable-rows';
import type { Vault } from './vault';

export interface OverviewDeps {
  readonly connections: Connections;
  readonly approvals: Approvals;
  readonly runs: Runs;
  readonly activity: Activity;
  readonly downloads: Downloads;
  readonly hasBrowserModel: () => boolean;
  readonly meter: Pick<Meter, 'look'>;
  readonly selection: Pick<Selection, 'waiting'>;
  readonly vault: Vault;
  readonly security: Security;
  readonly store: Store;
  readonly aside: Pick<UnreadableRows, 'view'>;
  readonly loss: Pick<StoreLoss, 'isLost'>;
}

/** Where nothing can be read nothing is known of the vault either. */
const unread: Overview['vault'] = { type: 'open', autoLock: '60m', isRestored: false, isAdviceDismissed: true };

export async function assembleOverview(deps: OverviewDeps): Promise<Overview> {
  const { connections, approvals, runs, activity, downloads } = deps;
  const store = await deps.store.fault();
  if (store) return { connections: [], approvals: [], running: [], failures: [], vault: unread, store };
  // All at once: each of these waits for the database.
  const [vault, records, active, waiting, failures, selection, device, setAside, isFull, isLost] = await Promise.all([
    deps.security.view(deps.vault),
    connections.list(),
    connections.active(),
    approvals.waiting(),
    activity.failures(),
    deps.selection.waiting(),
    downloads.views(),
    deps.aside.view(),
    deps.store.isFull(),
    deps.loss.isLost(),
  ]);
  // Whoever cannot open the vault sees nothing of what its owner does (security.md T32).
  if (vault.type === 'locked') return { connections: [], approvals: [], running: [], failures: [], vault };
  const card = async (record: ApprovalRecord) => cardOf(record, await approvals.shown(record), records, deps);
  return {
    connections: records.map(viewOf),
    approvals: await Promise.all(waiting.map(card)),
    running: runs.running(),
    failures,
    vault,
    ...(active && { activeConnection: active.id }),
    ...(selection && { selection }),
    ...(setAside && { setAside }),
    ...(isFull && { isFull: true }),
    ...(isLost && { isLost: true }),
    device,
    ...(deps.hasBrowserModel() && { hasBrowserModel: true }),
  };
}

function viewOf(record: ConnectionRecord): ConnectionView {
  const { attention, createdAt: _, known: __, position: ___, ...connection } = record;
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

async function cardOf(
  record: ApprovalRecord,
  { choices, digest }: Awaited<ReturnType<Approvals['shown']>>,
  records: readonly ConnectionRecord[],
  { approvals, connections, meter }: OverviewDeps,
): Promise<ApprovalView> {
  const { id, subject, tabId, isPrivate, insecure, createdAt, notice, onlyThis, question, session } = record;
  const asked = wishes.filter((wish) => record.scopes.includes(wish) && !classicScopes.includes(wish));
  const card = {
    ...{ id, digest, subject, tabId, insecure, createdAt },
    ...(isPrivate && { isPrivate }),
    ...(asked.length > 0 && { wishes: asked }),
    ...(session !== undefined && { isSession: true }),
    ...(notice && { notice }),
    ...(onlyThis && { onlyThis }),
    ...(question && { question }),
  };
  const [first, ...others] = choices;
  const find = (choice: Choice | undefined) => records.find((other) => other.id === choice?.connection);
  const connection = find(first);
  if (!connection) return card;
  const model = first?.model ?? '';
  const otherwise = others.flatMap((choice) => find(choice) ?? []).map(viewOf);
  const priced = pricedBy(connection, model, connections.knownModel(connection, model));
  const cost = estimateOf(priced, approvals.content(id));
  const budget = await viewBudget(meter, record, tariffOf(priced));
  return {
    ...card,
    ...(otherwise.length > 0 && { otherwise }),
    answeredBy: { connection: viewOf(connection), model, cost, budget },
  };
}

/** The answer is taken as 500 tokens long. */
const answerTokens = 500;

function estimateOf(priced: Priced, content: RequestContent | undefined): CostView {
  if (tariffOf(priced) === 'free') return { type: 'free' };
  const price = priceOf(priced);
  if (!price || !content) return { type: 'metered' };
  const counts = { inputTokens: Math.ceil(inputTokensAbout(content)), outputTokens: answerTokens };
  return { type: 'estimate', microUsd: costOf(price, counts) };
}
