/** Assembles the one snapshot that Oriel's pages show. Everything in it is derived; nothing is kept here. */

import type { GenerateRequest } from '../protocol/generate';
import type { ApprovalView, ConnectionView, CostView, Overview } from '../protocol/ui-messages';
import { rowOf } from '../providers/catalog';
import { placeOf } from '../providers/place';
import type { Activity } from './activity';
import type { ApprovalRecord, Approvals } from './approvals';
import type { Connections } from './connections';
import type { ConnectionRecord } from './database';
import type { Downloads } from './downloads';
import type { Meter } from './meter';
import { costOf, type Priced, pricedBy, priceOf, tariffOf, tokensOfText } from './prices';
import type { Runs } from './runs';

interface OverviewDeps {
  readonly connections: Connections;
  readonly approvals: Approvals;
  readonly runs: Runs;
  readonly activity: Activity;
  /** Undefined where this browser cannot run a model. */
  readonly downloads: Downloads | undefined;
  readonly meter: Pick<Meter, 'view'>;
}

export async function assembleOverview(deps: OverviewDeps): Promise<Overview> {
  const { connections, approvals, runs, activity, downloads } = deps;
  const records = await connections.list();
  const active = await connections.active();
  const waiting = await approvals.waiting();
  return {
    connections: records.map(viewOf),
    approvals: await Promise.all(waiting.map((record) => cardOf(record, active, deps))),
    running: runs.running(),
    failures: await activity.failures(),
    ...(active && { activeConnection: active.id }),
    ...(downloads && { device: await downloads.views() }),
  };
}

function viewOf(record: ConnectionRecord): ConnectionView {
  const { attention, createdAt: _, known: __, ...connection } = record;
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
  active: ConnectionRecord | undefined,
  { approvals, connections, meter }: OverviewDeps,
): Promise<ApprovalView> {
  const { id, digest, subject, insecure, createdAt, question } = record;
  const card = { id, digest, subject, insecure, createdAt, ...(question && { question }) };
  if (!active) return card;
  const model = active.defaultModel ?? '';
  const info = connections.knownModel(active, model);
  const priced = pricedBy(active, model, info);
  const cost = estimateOf(priced, approvals.messages(id));
  const [stopsAt] = (await meter.view(record, tariffOf(priced))).limits;
  return { ...card, answeredBy: { connection: viewOf(active), model, cost, ...(stopsAt && { stopsAt }) } };
}

/** The answer is taken as 500 tokens long. */
const answerTokens = 500;

function estimateOf(priced: Priced, messages: GenerateRequest['messages'] | undefined): CostView {
  if (tariffOf(priced) === 'free') return { type: 'free' };
  const price = priceOf(priced);
  if (!price || !messages) return { type: 'metered' };
  const text = messages.flatMap(({ content }) => content.map((part) => ('text' in part ? part.text : ''))).join('');
  const counts = { inputTokens: Math.ceil(tokensOfText(text)), outputTokens: answerTokens };
  return { type: 'estimate', microUsd: costOf(price, counts) };
}
