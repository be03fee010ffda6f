/**
 * Owns the dialect of KoboldAI, Client and United: one question, and the whole answer when it is done. There is no stream, and nothing that
 * stops a generation: a closed socket leaves the GPU at work, which the next question meets as "busy".
 */

import * as v from 'valibot';
import { AiError, backendError } from '../../protocol/errors';
import type { FinishReason, StreamPart } from '../../protocol/generate';
import { settingsOf } from '../../protocol/model-settings';
import { tokensOfText } from '../../protocol/token-estimate';
import { readJson } from '../body';
import type { Clock } from '../clock';
import { errand, exchange } from '../exchange';
import type { Lifeline } from '../lifeline';
import type { CatalogRow, Provider, ProviderContext } from '../provider';
import { createStopCutter } from '../stop-sequences';
import { withThoughtsApart } from '../thoughts';
import { createKoboldServer, createLeadTrimmer, ifKnown, readResult, readValue, refuseTools, whenFree } from './kobold';
import { bansEnd, buildKoboldAiRequest, type KoboldAiServer, outputsAtOnce } from './koboldai-request';

const resultsSchema = v.object({ results: v.array(v.object({ text: v.string() })) });

/** What a server speaks that has no version to tell: the smallest set of keys, which all of this shape know. */
const oldest = '1.2.1';

/** A provider for KoboldAI's API, versions 1.2.1 (Client) to 1.2.6 (United). Story, memory and sliders of its own page stay as they are. */
export function createKoboldAi(row: CatalogRow, context: ProviderContext, clock: Clock): Provider {
  const { http, at } = createKoboldServer(row, context, clock);

  async function look(lifeline: Lifeline): Promise<KoboldAiServer> {
    const version = await ifKnown(http.get(at('/api/v1/info/version'), lifeline));
    const model = readResult(await http.get(at('/api/v1/model'), lifeline));
    if (model === 'ReadOnly' || model === '') throw backendError('no-model', 'The server has no model loaded.');
    const size = await ifKnown(http.get(at('/api/v1/config/max_context_length'), lifeline));
    return { version: version === undefined ? oldest : readResult(version), model, contextTokens: readValue(size) };
  }

  /** The texts of so many outputs. */
  async function* ask(body: Readonly<Record<string, unknown>>, outputs: number, lifeline: Lifeline) {
    try {
      const post = (retries: (error: AiError) => boolean) => http.post(at('/api/v1/generate'), body, lifeline, retries);
      const answer = yield* whenFree(post, lifeline, clock);
      const parsed = v.safeParse(resultsSchema, await readJson(answer.body));
      if (!parsed.success || parsed.output.results.length < outputs)
        throw backendError('malformed', 'The backend sent an answer without its results.');
      return parsed.output.results.slice(0, outputs).map(({ text }) => text);
    } catch (error) {
      if (!(error instanceof AiError) || error.status !== 501) throw error;
      throw backendError('no-model', 'The server has no model that generates.', {
        status: 501,
        detail: error.detail,
        cause: error,
      });
    }
  }

  return {
    models: (signal) =>
      errand(signal, clock, async (lifeline) => {
        const { model, contextTokens } = await look(lifeline);
        const name = model.split('/').at(-1) || model;
        return [{ id: model, name, ...(contextTokens !== undefined && { contextTokens }), inputs: ['text'], loaded: true }];
      }),

    generate: withThoughtsApart(row, context, (request, signal) =>
      exchange(signal, clock, async function* (lifeline): AsyncGenerator<StreamPart> {
        refuseTools(request);
        if (request.responseFormat?.type === 'json-schema')
          throw backendError('not-supported', 'KoboldAI cannot hold a model to a schema.', { field: 'responseFormat' });
        const server = await look(lifeline);
        const settings = settingsOf(context.connection, request.model ?? server.model);
        const { body, warnings, stops, prompt } = await buildKoboldAiRequest(request, server, settings);
        yield { type: 'progress', stage: 'processing' };
        const outputs = request.outputs ?? 1;
        const continues = request.messages.at(-1)?.role === 'assistant';
        const finishes: StreamPart[] = [];
        let outputTokens = 0;
        while (finishes.length < outputs) {
          const done = finishes.length;
          const n = Math.min(outputsAtOnce, outputs - done);
          const texts = yield* ask({ ...body, n, ...seedFields(request.seed, done) }, n, lifeline);
          if (done === 0) yield { type: 'start', model: server.model, warnings };
          for (const raw of texts) {
            const output = finishes.length > 0 ? { output: finishes.length } : {};
            const { text, isCut } = cut(continues ? raw : createLeadTrimmer()(raw), stops);
            outputTokens += Math.ceil(tokensOfText(raw));
            if (text !== '') yield { type: 'text-delta', text, ...output };
            finishes.push({ type: 'finish', reason: reasonOf(isCut, server.version), ...output });
          }
        }
        const inputTokens = Math.ceil(tokensOfText(prompt));
        yield { type: 'usage', usage: { inputTokens, outputTokens, estimated: true } };
        yield* finishes;
      }),
    ),
  };
}

/** The outputs of one request differ by themselves, those of the next one by its seed. */
const seedFields = (seed: number | undefined, done: number) =>
  seed === undefined ? {} : { sampler_seed: Math.abs(seed) + done, sampler_full_determinism: true };

/** United gives the stop sequence with the text, the Client what comes after it as well. */
function cut(raw: string, stops: readonly string[]): { text: string; isCut: boolean } {
  const cutter = createStopCutter(stops);
  const text = cutter.push(raw) + cutter.end();
  return { text: cutter.stopped ? text.trimEnd() : text, isCut: cutter.stopped };
}

/** The server does not say. */
const reasonOf = (isCut: boolean, version: string): FinishReason => (isCut ? 'stop' : bansEnd(version) ? 'length' : 'other');
