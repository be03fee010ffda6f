/** The way of one request of a page, from the gate to the last part. Read this first. */

import type { Reply } from '../protocol/channel';
import { AiError, toAiError } from '../protocol/errors';
import type { GenerateRequest, StreamPart, Warning } from '../protocol/generate';
import type { Activity } from './activity';
import type { Approvals } from './approvals';
import type { Charges } from './charges';
import { coalesce } from './coalesce';
import type { Connections } from './connections';
import { digestOf } from './digest';
import { decide, isGranted } from './gate';
import type { Grants } from './grants';
import type { PageIdentity } from './identity';
import { logDefect } from './log';
import type { Rates } from './rates';
import { type Route, route } from './router';
import type { Run, Runs } from './runs';

export interface RequestDeps {
  readonly grants: Grants;
  readonly approvals: Approvals;
  readonly connections: Connections;
  readonly runs: Runs;
  readonly activity: Activity;
  readonly charges: Charges;
  readonly rates: Rates;
  readonly now: () => number;
}

/** @throws AiError; what a page learns of it is decided by serve.ts */
export async function handleRequest(
  request: GenerateRequest,
  page: PageIdentity,
  reply: Reply,
  deps: RequestDeps,
): Promise<void> {
  const { connections, rates } = deps;
  const mayStill = await allow(request, page, reply, deps);
  const { connection, model } = await route(connections);
  const leave = await rates.enter({
    subject: page.subject,
    connectionId: connection.id,
    signal: reply.signal,
    onQueue: () => reply.waiting('queue'),
  });
  try {
    await answer(request, page, reply, { connection, model, mayStill }, deps);
  } finally {
    leave();
  }
}

async function answer(
  request: GenerateRequest,
  page: PageIdentity,
  reply: Reply,
  { connection, model, mayStill }: Route & { readonly mayStill: MayStill },
  { grants, connections, runs, activity, charges, now }: RequestDeps,
): Promise<void> {
  const info = connections.knownModel(connection, model);
  const charge = await charges.open({ page, request, connection, model, info, reply });
  const startedAt = now();
  let run: Run | undefined;
  let error: AiError | undefined;
  try {
    await mayStill();
    run = await runs.begin(page, reply.id, { model, connectionName: connection.name }, reply.signal);
    reply.running();
    const warnings: Warning[] =
      request.model !== undefined && request.model !== model ? [{ type: 'model-replaced', asked: request.model }] : [];
    const parts = connections.provider(connection).generate({ ...request, model }, run.signal);
    await coalesce(withWarnings(charge.watch(parts, run.signal), warnings), reply.parts);
  } catch (caught) {
    error = run?.signal.aborted ? toAiError(run.signal.reason) : toAiError(caught);
    throw error;
  } finally {
    const bookkeeping = [
      run?.end(),
      charge.settle(error).then((usage) => activity.append({ page, connection, model, startedAt, usage, error })),
      connections.used(connection.id, error),
      grants.used(page),
    ];
    // An answer that is there stays one, even where a full disk takes no note of it.
    for (const result of await Promise.allSettled(bookkeeping)) if (result.status === 'rejected') logDefect(result.reason);
  }
}

/** While a call waited for its turn or for money, the person may have taken back what it had. @throws AiError `not-allowed` */
type MayStill = () => Promise<void>;

/** Returns when the call may go on: by a grant, or because the person said so just now. */
async function allow(request: GenerateRequest, page: PageIdentity, reply: Reply, deps: RequestDeps): Promise<MayStill> {
  const { grants, approvals, connections, runs, now } = deps;
  if (await runs.wasSent(page, reply.id))
    throw new AiError('interrupted', 'This request was sent before the background was restarted.');
  await grants.seen(page);
  const decision = decide({ site: await grants.stateOf(page), insecure: page.insecure, now: now() });
  if (decision.type === 'deny') throw new AiError('not-allowed', 'The person does not allow this site.');
  const isConnected = (await connections.active()) !== undefined;
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
  const hadGrant = isGranted(await grants.stateOf(page), now());
  return async () => {
    const site = await grants.stateOf(page);
    if (site.blockedAt !== undefined || (hadGrant && !isGranted(site, now())))
      throw new AiError('not-allowed', 'The person has taken the permission back.');
  };
}

/** Adds the router's warnings to the start. */
async function* withWarnings(parts: AsyncIterable<StreamPart>, warnings: readonly Warning[]): AsyncIterable<StreamPart> {
  for await (const part of parts) {
    yield part.type === 'start' && warnings.length > 0 ? { ...part, warnings: [...warnings, ...part.warnings] } : part;
  }
}
