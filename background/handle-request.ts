/** The way of one request of a page, from the gate to the last part. Read this first. */

import type { Reply } from '../protocol/channel';
import { AiError, toAiError } from '../protocol/errors';
import type { GenerateRequest, StreamPart, Usage, Warning } from '../protocol/generate';
import type { Activity } from './activity';
import type { Approvals } from './approvals';
import { coalesce } from './coalesce';
import type { Connections } from './connections';
import { digestOf } from './digest';
import { decide } from './gate';
import type { Grants } from './grants';
import type { PageIdentity } from './identity';
import { logDefect } from './log';
import { route } from './router';
import type { Runs } from './runs';
import type { Unlocks } from './unlocks';

export interface RequestDeps {
  readonly grants: Grants;
  readonly approvals: Approvals;
  readonly connections: Connections;
  readonly runs: Runs;
  readonly activity: Activity;
  readonly unlocks: Unlocks;
  readonly now: () => number;
}

/** @throws AiError; what a page learns of it is decided by serve.ts */
export async function handleRequest(
  request: GenerateRequest,
  page: PageIdentity,
  reply: Reply,
  deps: RequestDeps,
): Promise<void> {
  const { grants, connections, runs, activity, now } = deps;
  await allow(request, page, reply, deps);

  const { connection, model } = await route(connections);
  const run = await runs.begin(page, reply.id, { model, connectionName: connection.name }, reply.signal);
  const startedAt = now();
  let usage: Usage | undefined;
  let error: AiError | undefined;
  try {
    reply.running();
    const warnings: Warning[] =
      request.model !== undefined && request.model !== model ? [{ type: 'model-replaced', asked: request.model }] : [];
    const parts = connections.provider(connection).generate({ ...request, model }, run.signal);
    await coalesce(
      observe(parts, warnings, (found) => {
        usage = found;
      }),
      reply.parts,
    );
  } catch (caught) {
    error = run.signal.aborted ? toAiError(run.signal.reason) : toAiError(caught);
    throw error;
  } finally {
    const bookkeeping = [
      run.end(),
      activity.append({ page, connection, model, startedAt, usage, error }),
      connections.used(connection.id, error),
      grants.used(page),
    ];
    // An answer that is there stays one, even where a full disk takes no note of it.
    for (const result of await Promise.allSettled(bookkeeping)) if (result.status === 'rejected') logDefect(result.reason);
  }
}

/** Returns when the call may go on: by a grant, or because the person said so just now. */
async function allow(request: GenerateRequest, page: PageIdentity, reply: Reply, deps: RequestDeps): Promise<void> {
  const { grants, approvals, connections, runs, now } = deps;
  if (await runs.wasSent(page, reply.id))
    throw new AiError('interrupted', 'This request was sent before the background was restarted.');
  await grants.seen(page);
  const decision = decide({ site: await grants.stateOf(page), insecure: page.insecure, now: now() });
  if (decision.type === 'deny') throw new AiError('not-allowed', 'The person does not allow this site.');
  const active = await connections.active();
  const isConnected = active !== undefined;
  // Neither a key nor a word of the person is to be had while the vault is locked; after it anything may have changed.
  const needsVault = decision.type === 'ask' || active?.keyEnding !== undefined;
  if (needsVault && (await deps.unlocks.wait(page, reply))) return allow(request, page, reply, deps);
  // A grant for what no longer exists asks as well: the card offers to set something up, and the call goes on.
  if (decision.type === 'ask' || !isConnected) {
    reply.waiting(isConnected ? 'approval' : 'connection');
    const digest = await digestOf(page.subject, request);
    await approvals.ask(
      { page, requestId: reply.id, digest, messages: request.messages, activated: reply.activated },
      reply.signal,
    );
  }
  if (reply.signal.aborted) throw toAiError(reply.signal.reason);
}

/** Notes the usage as it passes and adds the router's warnings to the start. */
async function* observe(
  parts: AsyncIterable<StreamPart>,
  warnings: readonly Warning[],
  onUsage: (usage: Usage) => void,
): AsyncIterable<StreamPart> {
  for await (const part of parts) {
    if (part.type === 'usage') onUsage(part.usage);
    yield part.type === 'start' && warnings.length > 0 ? { ...part, warnings: [...warnings, ...part.warnings] } : part;
  }
}
