/** The way of one request of a page, from the gate to the last part. Read this first. */

import type { Reply } from '../protocol/channel';
import { type AiError, backendError, toAiError } from '../protocol/errors';
import type { GenerateRequest, Modality, StreamPart, Warning } from '../protocol/generate';
import type { PageCall, PageRequest } from '../protocol/page-messages';
import { rowOf } from '../providers/catalog';
import type { Provider } from '../providers/provider';
import type { Activity } from './activity';
import type { Admission } from './admission';
import { type Allowed, allow, checked, waitForVault } from './allow';
import type { Approvals } from './approvals';
import type { Breaker } from './breaker';
import type { CallRecorder } from './call-recorder';
import type { Charges } from './charges';
import { coalesce } from './coalesce';
import type { Connections } from './connections';
import { fillRequest } from './fill-request';
import type { Grants } from './grants';
import type { Asker, PageIdentity } from './identity';
import type { Jobs, RunningJob } from './jobs';
import { logDefect } from './log';
import type { OnDemand } from './on-demand';
import type { Rates } from './rates';
import { firstToAnswer, type Route, type Router } from './router';
import { type Run, type Runs, revoked } from './runs';
import type { Choice } from './scopes';
import type { Suspicion } from './suspicion';
import type { Unlocks } from './unlocks';

export interface RequestDeps {
  readonly backends: OnDemand['backends'];
  readonly forms: OnDemand['forms'];
  readonly admission: Admission;
  readonly grants: Grants;
  readonly approvals: Approvals;
  readonly connections: Connections;
  readonly router: Router;
  readonly breaker: Breaker;
  readonly runs: Runs;
  readonly jobs: Jobs;
  readonly suspicion: Suspicion;
  readonly activity: Activity;
  readonly charges: Charges;
  readonly rates: Rates;
  readonly unlocks: Unlocks;
  readonly now: () => number;
}

/** @throws AiError; what a page learns of it is decided by serve.ts */
export async function handleRequest(request: PageRequest, page: PageIdentity, reply: Reply, deps: RequestDeps): Promise<void> {
  // What cannot be checked is refused before anybody is asked.
  if (hasForm(request)) (await deps.forms()).answerFormOf(request);
  const leave = deps.admission.enter(page);
  const admitting = admit(request, page, reply, deps).finally(leave);
  // Made ready while the database answers; whoever needs it and cannot have it says so.
  Promise.all([deps.backends(), deps.connections.ready()]).catch(() => undefined);
  const allowed = await admitting;
  const sent = allowed.messages ? { ...request, messages: allowed.messages } : request;
  await firstToAnswer(allowed.choices, (choice, delivered) => {
    const send: Reply['parts'] = (parts) => {
      if (parts.some(({ type }) => type !== 'progress')) delivered();
      return reply.parts(parts);
    };
    return inTurn(sent, choice, page, { ...reply, parts: send }, allowed.isRevoked, deps);
  });
}

/** Asks for a permission alone. @throws AiError */
export async function handleConnect(
  call: Extract<PageCall, { type: 'connect' }>,
  page: PageIdentity,
  reply: Reply,
  deps: RequestDeps,
): Promise<void> {
  const leave = deps.admission.enter(page);
  await allow(call, page, reply, deps).finally(leave);
}

/** What it takes to answer a request that may go on. */
export type AnswerDeps = Pick<
  RequestDeps,
  'forms' | 'router' | 'breaker' | 'rates' | 'jobs' | 'grants' | 'connections' | 'runs' | 'activity' | 'charges' | 'now'
>;

/** What is asked of a backend, in parts, so that whatever it is can be stopped and paid for alike. */
export type Work = (
  provider: Provider,
  request: GenerateRequest,
  signal: AbortSignal,
  job: RunningJob | undefined,
) => AsyncIterable<StreamPart>;

const generate: Work = (provider, request, signal, job) => provider.generate(request, signal, job);

/**
 * Waits for its turn at the backend, so that no site takes all of it, and answers.
 * @param isRevoked whether the person has stopped the asker since the request was let through
 * @throws AiError
 */
export async function inTurn(
  request: GenerateRequest,
  choice: Choice,
  asker: Asker,
  reply: Reply,
  isRevoked: () => boolean,
  deps: AnswerDeps,
  work: Work = generate,
): Promise<void> {
  const route = await openRoute(choice, asker, deps);
  const filled = fillRequest(request, route.settings);
  const recorder = await deps.activity.recorder(asker, filled);
  const provider = await deps.connections.provider(route.connection, recorder?.sent);
  const leave = await deps.rates.enter({
    subject: asker.subject,
    connectionId: route.connection.id,
    concurrent: rowOf(route.connection.providerId)?.concurrent,
    signal: reply.signal,
    onQueue: reply.waiting,
  });
  const isJob = provider.cancel !== undefined;
  const job =
    isJob && asker.type === 'page' ? await deps.jobs.take(asker, reply.id, { ...choice, model: route.model }) : undefined;
  try {
    await answer(filled, asker, reply, { ...route, asked: request, provider, recorder, isRevoked, job, work }, deps);
  } finally {
    leave();
    await job?.end();
  }
}

/** Where the answer comes from. What fails here is not sent: it failed to the asker all the same, and stands in Activity. @throws AiError */
async function openRoute(choice: Choice, asker: Asker, deps: AnswerDeps): Promise<Route> {
  const startedAt = deps.now();
  try {
    // The person's own question is worth a try.
    if (asker.type === 'page') deps.breaker.check(choice.connection);
    return await deps.router.open(choice, asker.subject);
  } catch (error) {
    const connection = (await deps.connections.list()).find(({ id }) => id === choice.connection);
    const about = { asker, model: choice.model ?? '', startedAt, error: toAiError(error) };
    if (connection) await deps.activity.append({ ...about, connection }).catch(logDefect);
    throw error;
  }
}

/** Where the page asked for a form of the answer, a part of the background checks it that is loaded for that. */
const hasForm = ({ responseFormat }: GenerateRequest) => responseFormat !== undefined && responseFormat.type !== 'text';

interface Opened {
  /** Before the person's settings filled in what it left open. */
  readonly asked: GenerateRequest;
  readonly provider: Provider;
  /** Absent where nothing of what is said is kept. */
  readonly recorder: CallRecorder | undefined;
  readonly isRevoked: () => boolean;
  readonly job: RunningJob | undefined;
  readonly work: Work;
}

/** One backend's answer to it, from the money it may cost to the last part. */
async function answer(
  request: GenerateRequest,
  asker: Asker,
  reply: Reply,
  { connection, model, asked, provider, recorder, isRevoked, job, work }: Route & Opened,
  { forms, grants, connections, runs, activity, charges, now }: AnswerDeps,
): Promise<void> {
  const info = connections.knownModel(connection, model);
  const isResumed = job?.id !== undefined;
  // Written beside what it may cost, before it is sent. Of what is free the relay alone knows that it was; a job of a backend is marked in any case.
  const mark = isResumed ? undefined : () => runs.mark(asker, reply.id);
  const unmark = () => runs.unmark(asker, reply.id).catch(logDefect);
  if (job) mark?.();
  const onHold = job ? undefined : mark;
  // Whoever is asked about money, or refused, has sent nothing.
  const onAsk = unmark;
  const opening = charges.open({ asker, request, connection, model, info, reply, isCounted: isResumed, onHold, onAsk });
  const charge = await opening.catch((failure) => unmark().then(() => Promise.reject(failure)));
  const startedAt = now();
  const warnings: Warning[] = [];
  let run: Run | undefined;
  let error: AiError | undefined;
  try {
    // While it waited for its turn or for money, the person may have taken back what it had.
    if (isRevoked()) throw revoked();
    refuseUnread(request, info?.inputs);
    const about = { model, connectionName: connection.name };
    run = await runs.begin(asker, reply.id, about, reply.signal, { isResumed, isFree: charge.isFree && !job });
    if (!job) reply.running();
    if (request.model !== undefined && request.model !== model) warnings.push({ type: 'model-replaced', asked: request.model });
    const { signal } = run;
    const begun = run;
    const ask = (one: GenerateRequest) =>
      charge.watch(shown(work(provider, { ...one, model }, signal, job), begun, job && reply.running), signal);
    const formed = hasForm(request) ? (await forms()).formed : undefined;
    const parts = formed ? formed(request, ask, job === undefined) : ask(request);
    await coalesce(
      withWarnings(recorder ? recorder.watch(parts) : parts, warnings, asked),
      // What was held back when the person took the permission back does not follow it.
      async (batch) => (signal.aborted ? undefined : reply.parts(batch)),
    );
  } catch (caught) {
    error = run?.signal.aborted ? toAiError(run.signal.reason) : toAiError(caught);
    if (!run) await unmark();
    throw error;
  } finally {
    // The settlement stands in the queue of the database before the page can ask again.
    const books = closed([
      charge
        .settle(error)
        .then((usage) => activity.append({ asker, connection, model, info, startedAt, warnings, usage, error, recorder })),
      connections.used(connection.id, error),
      asker.type === 'page' && grants.used(asker),
    ]);
    const ended = closed([run?.end(books)]);
    // A whole answer does not wait for the database: until its books are closed it is counted as it was held, and the background is kept alive.
    if (error) await Promise.all([books, ended]);
  }
}

/** An answer that is there stays one, even where a full disk takes no note of it. */
async function closed(books: readonly unknown[]): Promise<void> {
  for (const result of await Promise.allSettled(books)) if (result.status === 'rejected') logDefect(result.reason);
}

/** A model that is known to read no images is not sent any: some backends leave them out without a word. */
function refuseUnread({ messages }: GenerateRequest, inputs: readonly Modality[] | undefined): void {
  const parts = messages.flatMap(({ content }) => content);
  const isUnread = (kind: Modality) => inputs?.includes(kind) === false && parts.some(({ type }) => type === kind);
  if (isUnread('image') || isUnread('audio'))
    throw backendError('not-supported', 'This model does not read what is in the request.', { field: 'messages' });
}

/** What an earlier background was allowed to order goes on; everything else is decided anew. */
async function admit(request: PageRequest, page: PageIdentity, reply: Reply, deps: RequestDeps): Promise<Allowed> {
  const isRevoked = deps.runs.pass(page);
  const left = await deps.jobs.left(page, reply.id);
  if (!left) return allow({ type: 'generate', request }, page, reply, deps);
  if (await waitForVault(false, [left], page, reply, deps)) return admit(request, page, reply, deps);
  return checked(reply, { choices: [left], isRevoked });
}

/** Shows the person what the backend does before it answers. A call that only waits at its backend can go on in another background; one that is answered cannot. */
async function* shown(parts: AsyncIterable<StreamPart>, run: Run, onAnswer?: () => void): AsyncIterable<StreamPart> {
  for await (const part of parts) {
    run.progress(part.type === 'progress' ? part : undefined);
    if (part.type === 'start') onAnswer?.();
    yield part;
  }
}

/**
 * Adds the router's warnings to the start, and the backend's to the router's. What became of the person's own settings is theirs to know:
 * a page is told of nothing that it did not ask for.
 */
async function* withWarnings(
  parts: AsyncIterable<StreamPart>,
  warnings: Warning[],
  asked: GenerateRequest,
): AsyncIterable<StreamPart> {
  const words: Readonly<Record<string, unknown>> = { ...asked };
  const isAsked = (warning: Warning) => !('parameter' in warning) || words[warning.parameter] !== undefined;
  for await (const part of parts) {
    if (part.type === 'start') warnings.push(...part.warnings);
    yield part.type === 'start' ? { ...part, warnings: warnings.filter(isAsked) } : part;
  }
}
