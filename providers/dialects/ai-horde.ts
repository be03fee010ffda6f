/** Owns the dialect of AI Horde: an answer is ordered, and asked for until one of the volunteers has worked it out. */

import * as v from 'valibot';
import { AiError, backendError, type Fault } from '../../protocol/errors';
import type { GenerateRequest, Progress, StreamPart } from '../../protocol/generate';
import { limits } from '../../protocol/limits';
import { tokensOfText } from '../../protocol/token-estimate';
import { readJson } from '../body';
import type { Clock } from '../clock';
import { errand, exchange } from '../exchange';
import { createHttp } from '../http';
import type { Lifeline } from '../lifeline';
import { baseUrlOf } from '../place';
import type { CatalogRow, Provider, ProviderContext } from '../provider';
import { createStopCutter } from '../stop-sequences';
import { withThoughtsApart } from '../thoughts';
import { readHordeModels } from './ai-horde-models';
import { anyModel, buildHordeRequest, type HordeRequest } from './ai-horde-request';

const orderSchema = v.object({
  id: v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/)),
  message: v.fallback(v.nullish(v.string()), undefined),
});
const generationSchema = v.object({ text: v.string(), model: v.optional(v.string()), state: v.optional(v.string(), 'ok') });
const count = v.fallback(v.optional(v.pipe(v.number(), v.minValue(0)), 0), 0);
const statusSchema = v.object({
  done: v.boolean(),
  faulted: v.optional(v.boolean(), false),
  is_possible: v.optional(v.boolean(), true),
  processing: count,
  queue_position: count,
  wait_time: count,
  generations: v.optional(v.array(generationSchema), []),
});
type Status = v.InferOutput<typeof statusSchema>;
type Generation = v.InferOutput<typeof generationSchema>;
const userSchema = v.object({ id: v.number(), kudos: v.number() });
const anonymousId = 0;

/** A poll that failed so may go well the next time; the job goes on meanwhile. */
const passing = new Set<Fault | undefined>([
  'network',
  'timeout',
  'overloaded',
  'server',
  'rate-limit',
  'malformed',
  'content-type',
]);

/** A provider for `{base}/generate/text/…` and the lists beside it (AI Horde API v2; backends/local.md §4). */
export function createAiHorde(row: CatalogRow, { connection, fetch, known }: ProviderContext, clock: Clock): Provider {
  const http = createHttp({ fetch, clock, isLocal: false, headers: row.headers ?? {} });
  const base = baseUrlOf(row, connection) ?? '';
  const statusUrl = (id: string) => `${base}/generate/text/status/${id}`;

  async function order(body: HordeRequest['body'], lifeline: Lifeline) {
    const answer = await http.post(`${base}/generate/text/async`, body, lifeline);
    try {
      const read = v.safeParse(orderSchema, await readJson(answer.body));
      if (!read.success) throw backendError('malformed', 'AI Horde sent an order that is none.');
      return read.output;
    } finally {
      answer.body.cancel();
    }
  }

  /** Whoever is impatient, gone or failed leaves no work behind. */
  const cancel = (id: string, signal: AbortSignal) =>
    errand(signal, clock, async (lifeline) => void (await http.call('DELETE', statusUrl(id), undefined, lifeline)));

  const ask = (id: string, { signal }: Lifeline) =>
    errand(signal, clock, async (lifeline): Promise<Status> => {
      const read = v.safeParse(statusSchema, await http.get(statusUrl(id), lifeline));
      if (!read.success) throw backendError('malformed', 'AI Horde sent a status that is none.');
      return read.output;
    });

  /** Undefined after a failure that the next poll may not meet. */
  function createPoll(id: string, lifeline: Lifeline) {
    let failures = 0;
    return async (): Promise<{ status?: Status; pause: number }> => {
      try {
        const status = await ask(id, lifeline);
        failures = 0;
        return { status, pause: limits.jobPoll };
      } catch (error) {
        failures += 1;
        const isPassing = error instanceof AiError && passing.has(error.fault) && failures < limits.jobFailures;
        if (!isPassing || lifeline.signal.aborted) throw error;
        return { pause: Math.max(limits.jobPoll, Math.min(error.retryAfter ?? 0, limits.retryAfterMax)) };
      }
    };
  }

  /** @param said what the order was answered with: it tells why nobody can work on it */
  async function* wait(
    id: string,
    said: string | undefined,
    lifeline: Lifeline,
  ): AsyncGenerator<StreamPart, readonly Generation[], undefined> {
    const poll = createPoll(id, lifeline);
    let impossibleSince: number | undefined;
    for (;;) {
      const { status, pause } = await poll();
      if (status) {
        // A job that failed is done as well.
        if (status.faulted) throw backendError('server', 'The volunteers failed at it too often.');
        if (status.done) return status.generations;
        impossibleSince = status.is_possible ? undefined : (impossibleSince ?? clock.now());
        if (impossibleSince !== undefined && clock.now() - impossibleSince >= limits.jobGrace)
          throw backendError('overloaded', 'Nobody is there who could work on it.', { detail: said });
        yield progressOf(status);
      }
      await lifeline.sleep(pause);
    }
  }

  const generate: Provider['generate'] = (request, signal, job) =>
    exchange(signal, clock, async function* (lifeline) {
      const built = await buildHordeRequest(request, connection, known?.(request.model ?? anyModel));
      const { id, message } = job?.id === undefined ? await order(built.body, lifeline) : { id: job.id };
      let isOver = false;
      try {
        if (job?.id === undefined) await job?.keep(id);
        const generations = yield* wait(id, message ?? undefined, lifeline);
        isOver = true;
        yield* readAnswers(generations, request, built);
      } finally {
        // By itself it goes after 20 minutes; nobody waits for the word on that.
        if (!isOver) void cancel(id, new AbortController().signal).catch(() => undefined);
      }
    });

  const findUser = (lifeline: Lifeline) => http.get(`${base}/find_user`, lifeline);

  return {
    generate: withThoughtsApart(row, { known }, generate),
    cancel,
    models: (signal) =>
      errand(signal, clock, async (lifeline) => {
        // The lists are open to everyone: a bad key shows here.
        await findUser(lifeline);
        const [models, workers] = await Promise.all([
          http.get(`${base}/status/models?type=text&model_state=all`, lifeline),
          // Large, and the models are good without it.
          http.get(`${base}/workers?type=text`, lifeline).catch(() => undefined),
        ]);
        return readHordeModels(models, workers);
      }),
    status: (signal) =>
      errand(signal, clock, async (lifeline) => {
        const read = v.safeParse(userSchema, await findUser(lifeline));
        if (!read.success) throw backendError('malformed', 'AI Horde sent a user that is none.');
        const { id, kudos } = read.output;
        return id === anonymousId ? undefined : { type: 'kudos', kudos };
      }),
  };
}

function progressOf({ processing, queue_position: position, wait_time: seconds }: Status): Progress {
  return {
    type: 'progress',
    stage: position === 0 && processing > 0 ? 'processing' : 'queued',
    ...(position > 0 && { position }),
    ...(seconds > 0 && { seconds }),
  };
}

function* readAnswers(
  generations: readonly Generation[],
  { model, outputs = 1 }: GenerateRequest,
  { stop, warnings, isContinued, inputTokens }: HordeRequest,
): Generator<StreamPart, void, undefined> {
  const answers = generations.slice(0, outputs);
  const [first] = answers;
  if (!first) throw backendError('server', 'The volunteers sent no answer.');
  if (answers.every(isRefused)) throw backendError('content-policy', 'The answer was withheld.', { detail: first.state });
  yield { type: 'start', model: first.model ?? model ?? anyModel, warnings };
  const finishes: StreamPart[] = [];
  let outputTokens = 0;
  for (const [index, answer] of answers.entries()) {
    const output = index > 0 ? { output: index } : {};
    if (isRefused(answer)) {
      finishes.push({ type: 'finish', reason: 'content-filter', rawReason: answer.state, ...output });
      continue;
    }
    const cutter = createStopCutter(stop);
    const said = cutter.push(answer.text) + cutter.end();
    // The blank between the opening of the answer and its first word belongs to the format.
    const text = isContinued ? said : said.replace(/^ /, '');
    outputTokens += tokensOfText(text);
    if (text !== '') yield { type: 'text-delta', text, ...output };
    // It does not say why it ended.
    finishes.push({ type: 'finish', reason: cutter.stopped ? 'stop' : 'other', ...output });
  }
  yield { type: 'usage', usage: { inputTokens, outputTokens: Math.ceil(outputTokens), estimated: true } };
  yield* finishes;
}

/** `censored` or `csam`; the text is then no answer. */
const isRefused = ({ state }: Generation): boolean => state !== 'ok';
