/** Whether a call of a page may go on: by a grant, or because the person says so just now. */

import type { Reply } from '../protocol/channel';
import { AiError, toAiError } from '../protocol/errors';
import type { Message } from '../protocol/generate';
import type { PageCall } from '../protocol/page-messages';
import type { ApprovalNotice } from '../protocol/site-rules';
import type { RequestContent } from '../protocol/ui-messages';
import type { Ask, Verdict } from './approvals';
import { digestOf } from './digest';
import { decide, type GateDecision } from './gate';
import type { RequestDeps } from './handle-request';
import { type PageIdentity, siteKey } from './identity';
import { type Choice, scopesOf } from './scopes';
import type { Suspected } from './suspicion';

/** A request that may go on: as the person edited it, to whom they were shown, until they take it back. */
export interface Allowed extends Verdict {
  readonly isRevoked: () => boolean;
}

/** The calls that the person may be asked about. */
type Askable = Extract<PageCall, { readonly type: 'generate' | 'connect' | 'embed' }>;

/** What of the call goes to a backend: of one that only asks for permission nothing. */
const contentOf = (call: Askable): RequestContent => {
  if (call.type === 'connect') return { messages: [] };
  if (call.type === 'embed') return { messages: textsAsMessages(call.request.input) };
  const { messages, tools, responseFormat } = call.request;
  return { messages, tools, responseFormat };
};

/** Texts that are not said to anybody, as far as they are shown and counted like what is. */
export const textsAsMessages = (texts: readonly string[]): readonly Message[] => [
  { role: 'user', content: texts.map((text) => ({ type: 'text', text })) },
];

/**
 * Returns when the call may go on.
 * @throws AiError `not-allowed`, `interrupted`, `aborted` or `rate-limited`
 */
export async function allow(call: Askable, page: PageIdentity, reply: Reply, deps: RequestDeps): Promise<Allowed> {
  const { grants, connections, router, runs, suspicion } = deps;
  if (await runs.wasSent(page, reply.id)) throw new AiError('interrupted', 'It was sent before a restart.');
  await grants.seen(page);
  const isRevoked = runs.pass(page);
  const scopes = scopesOf(call);
  const [choices, site, active] = await Promise.all([
    router.plan(page, askedOf(call)),
    grants.stateOf(page),
    connections.active(),
  ]);
  const decision = decide({ site, use: scopes && { scopes, choices }, insecure: page.insecure });
  if (!scopes || decision.type === 'deny') throw new AiError('not-allowed', 'The person does not allow this site.');
  const isConnected = active !== undefined;
  if (isConnected && choices.length === 0) throw new AiError('not-allowed', 'Nothing here may answer this site.');
  const finding = await suspicion.look(siteKey(page), contentOf(call));
  // Who wants to be asked about each call is asked about that call, and nothing is given beforehand.
  const isAskedLater = call.type === 'connect' && site.asksEveryTime;
  const isAsked = (decision.type === 'ask' && !isAskedLater) || !isConnected || finding !== undefined;
  // After it anything may have changed.
  if (await waitForVault(isAsked, choices, page, reply, deps)) return allow(call, page, reply, deps);
  // A grant for what no longer exists asks as well: the card offers to set something up, and the call goes on.
  if (!isAsked) return checked(reply, { choices, isRevoked });

  const notice = noticeOf(decision, finding);
  const onlyThis = decision.type === 'allow' || site.asksEveryTime;
  reply.waiting();
  const verdict = await ask(call, page, reply, { scopes, notice, onlyThis: isConnected && onlyThis }, deps);
  // What was cut out of the request has not been let go.
  if (finding && !verdict.messages) await suspicion.allowed(siteKey(page), finding);
  return checked(reply, { ...verdict, isRevoked: runs.pass(page) });
}

/** The model that the page asks for. */
const askedOf = (call: Askable) => (call.type === 'generate' ? call.request.model : undefined);

/** Neither a key nor a word of the person is to be had while the vault is locked. True where the call waited for that to end. */
export async function waitForVault(
  isAsked: boolean,
  choices: readonly Choice[],
  page: PageIdentity,
  reply: Reply,
  { connections, unlocks }: RequestDeps,
): Promise<boolean> {
  const holders = (await connections.list()).filter(({ keyEnding }) => keyEnding !== undefined);
  const needsKey = choices.some((choice) => holders.some(({ id }) => id === choice.connection));
  return (isAsked || needsKey) && unlocks.wait(page, reply);
}

async function ask(
  call: Askable,
  page: PageIdentity,
  { id: requestId, activated, signal }: Reply,
  about: Pick<Ask, 'scopes' | 'notice' | 'onlyThis'>,
  { approvals }: RequestDeps,
): Promise<Verdict> {
  const digest = await digestOf(page.subject, call);
  const content = contentOf(call);
  return approvals.ask({ page, requestId, digest, content, asked: askedOf(call), activated, ...about }, signal);
}

export function checked(reply: Reply, allowed: Allowed): Allowed {
  if (reply.signal.aborted) throw toAiError(reply.signal.reason);
  return allowed;
}

function noticeOf(decision: GateDecision, finding: Suspected | undefined): ApprovalNotice | undefined {
  if (finding) return { type: 'holds', what: finding.what, masked: finding.masked };
  return decision.type === 'ask' && decision.until !== undefined ? { type: 'further', until: decision.until } : undefined;
}
