/** Owns the dialect of KoboldCPP's own API: a stream under a key of ours, by which the generation is also stopped. */

import * as v from 'valibot';
import { type AiError, backendError } from '../../protocol/errors';
import type { GenerateRequest, StreamPart } from '../../protocol/generate';
import { limits } from '../../protocol/limits';
import { settingsOf } from '../../protocol/model-settings';
import { readJson } from '../body';
import type { Clock } from '../clock';
import { askForJson, embedAll, readOpenAiEmbeddings } from '../embeddings';
import { errand, exchange } from '../exchange';
import type { Answer } from '../http';
import type { Lifeline } from '../lifeline';
import type { CatalogRow, Provider, ProviderContext } from '../provider';
import { repeatOutputs } from '../repeat-outputs';
import { readSse } from '../sse';
import { createStopCutter } from '../stop-sequences';
import { estimateTokens } from '../templates/write-chat';
import { withThoughtsApart } from '../thoughts';
import { createKoboldServer, createLeadTrimmer, ifKnown, isAtLeast, readResult, readValue, whenFree } from './kobold';
import { type Perf, type Piece, readPerf, readToken, readWhole, reasonOf, usageOf } from './koboldcpp-answer';
import { buildKoboldCppRequest, type KoboldCppServer } from './koboldcpp-request';
import { answerWithTools, hasTools, usesTools } from './koboldcpp-tools';

const versionSchema = v.object({
  version: v.fallback(v.string(), '1.0'),
  protected: v.fallback(v.optional(v.boolean(), false), false),
  vision: v.fallback(v.optional(v.boolean(), false), false),
});
const propsSchema = v.object({ chat_template: v.string() });
const grammarSchema = v.object({ result: v.pipe(v.string(), v.minLength(1)), success: v.literal(true) });
/** What a version without the route, or without its dependencies, answers. */
const unknownRoute = [400, 404, 405, 500, 501];

/** A provider for KoboldCPP's native API (its `/api` page; read in 1.77, 1.102 and later). */
export function createKoboldCpp(row: CatalogRow, context: ProviderContext, clock: Clock): Provider {
  const { http, at } = createKoboldServer(row, context, clock);

  async function look(lifeline: Lifeline): Promise<KoboldCppServer & { isProtected: boolean }> {
    const get = (path: string) => http.get(at(path), lifeline);
    const [version, model, size, props] = await Promise.all([
      get('/api/extra/version'),
      get('/api/v1/model').then(readResult),
      ifKnown(get('/api/extra/true_max_context_length')),
      ifKnown(get('/props'), [401, 403, ...unknownRoute]),
    ]);
    const about = v.safeParse(versionSchema, version);
    if (!about.success) throw backendError('malformed', 'The backend sent something else than KoboldCPP does.');
    if (/(^|\/)inactive$/.test(model)) throw backendError('no-model', 'The server has no model loaded.');
    const template = v.safeParse(propsSchema, props);
    return {
      version: about.output.version,
      isProtected: about.output.protected,
      vision: about.output.vision,
      model,
      contextTokens: readValue(size),
      template: template.success ? template.output.chat_template : undefined,
    };
  }

  const post = (path: string, body: Readonly<Record<string, unknown>>, lifeline: Lifeline) =>
    http.call('POST', at(path), body, lifeline);

  async function countTokens(text: string, lifeline: Lifeline): Promise<number> {
    const answer = await ifKnown(post('/api/extra/tokencount', { prompt: text, special: true }, lifeline), unknownRoute);
    return readValue(answer) ?? estimateTokens(text);
  }

  async function grammarOf(schema: Readonly<Record<string, unknown>>, lifeline: Lifeline): Promise<string> {
    const answer = v.safeParse(
      grammarSchema,
      await ifKnown(post('/api/extra/json_to_grammar', { schema }, lifeline), unknownRoute),
    );
    if (answer.success) return answer.output.result;
    throw backendError('not-supported', 'This server cannot hold its model to this schema.', { field: 'responseFormat' });
  }

  /** Statistics are worth a question, never an answer: without them it is estimated. */
  async function askPerf(lifeline: Lifeline): Promise<Perf | undefined> {
    try {
      return readPerf(await http.get(at('/api/extra/perf'), lifeline));
    } catch (error) {
      if (lifeline.signal.aborted) throw error;
      return undefined;
    }
  }

  /** The call whose generation this is has ended, so that it has a lifeline of its own. Nobody waits for it. */
  function stop(genkey: string): void {
    errand(new AbortController().signal, clock, (lifeline) => post('/api/extra/abort', { genkey }, lifeline)).catch(() => {
      // A server that is gone, or too old to be stopped, generates for nobody; the socket is closed in any case.
    });
  }

  const generateOnce: Provider['generate'] = (request, signal) =>
    exchange(signal, clock, async function* (lifeline): AsyncGenerator<StreamPart> {
      const server = await look(lifeline);
      const built = await buildKoboldCppRequest(request, server, settingsOf(context.connection, request.model ?? server.model), {
        countTokens: (text) => countTokens(text, lifeline),
        grammarOf: (schema) => grammarOf(schema, lifeline),
        random: clock.random,
      });
      const before = await askPerf(lifeline);
      yield progressOf(before);

      // Older ones answer the same question as a whole.
      const path = isAtLeast(server.version, [1, 30]) ? '/api/extra/generate/stream' : '/api/v1/generate';
      let isRunning = false;
      const ask = async (retries: (error: AiError) => boolean): Promise<Answer> => {
        isRunning = true;
        try {
          return await http.post(at(path), built.body, lifeline, retries);
        } catch (error) {
          // What the server refused does not run; what we gave up may.
          isRunning = lifeline.signal.aborted;
          throw error;
        }
      };
      try {
        const answer = yield* whenFree(ask, lifeline, clock);
        yield { type: 'start', model: server.model, warnings: built.warnings };
        // A whole answer begins when it is done.
        isRunning = answer.kind === 'sse';
        const shown = createText(request, built.stops);
        let last: Piece | undefined;
        for await (const piece of readPieces(answer)) {
          yield* textPart(shown.take(piece.text));
          last = piece;
          if (shown.isCut || piece.reason !== undefined) break;
        }
        if (last?.reason === undefined && !shown.isCut) throw backendError('interrupted', 'The answer broke off.');
        if (last?.reason !== undefined) isRunning = false;
        yield* textPart(shown.end());
        if (shown.isCut || last === undefined) {
          yield { type: 'usage', usage: usageOf({ text: '' }, shown.said, built, undefined) };
          yield { type: 'finish', reason: 'stop' };
          return;
        }
        const perf = await askPerf(lifeline);
        const ours = perf?.seed === built.seed ? perf : undefined;
        const reason = reasonOf(last, shown.said, built, ours);
        yield { type: 'usage', usage: usageOf(last, shown.said, built, ours) };
        yield { type: 'finish', reason, ...(last.reason && { rawReason: last.reason }) };
      } finally {
        if (isRunning) stop(built.genkey);
      }
    });

  const generateWithTools: Provider['generate'] = async function* (request, signal) {
    const server = await errand(signal, clock, look);
    yield* answerWithTools(request, signal, server, { row, context, clock, stop });
  };

  return {
    models: (signal) =>
      errand(signal, clock, async (lifeline) => {
        const { model, contextTokens, vision, isProtected, version } = await look(lifeline);
        // Every GET is open to everyone: only a POST tells whether the password is right.
        if (isProtected) await countTokens('a', lifeline);
        return [
          {
            id: model,
            name: model.replace(/^koboldcpp\//, ''),
            ...(contextTokens !== undefined && { contextTokens }),
            inputs: vision ? ['text', 'image'] : ['text'],
            ...(isAtLeast(version, [1, 44]) && {
              capabilities: hasTools(version) ? ['json-schema' as const, 'tools' as const] : ['json-schema' as const],
            }),
            loaded: true,
          },
        ];
      }),
    // The model for it is one of its own, which the server was started with, or has not.
    embed: (request, signal) =>
      embedAll(request, signal, clock, {
        most: limits.embedTexts,
        ask: async (input, lifeline) =>
          readOpenAiEmbeddings(await askForJson(http, at('/v1/embeddings'), { model: request.model, input }, true, lifeline)),
      }),
    generate: withThoughtsApart(row, context, (request, signal) =>
      repeatOutputs(usesTools(request) ? generateWithTools : generateOnce, request, signal),
    ),
  };
}

const progressOf = (perf: Perf | undefined): StreamPart =>
  perf && perf.position > 0
    ? { type: 'progress', stage: 'queued', position: perf.position }
    : { type: 'progress', stage: 'processing' };

const textPart = (text: string): StreamPart[] => (text === '' ? [] : [{ type: 'text-delta', text }]);

/** The text as it is shown: without the space before it, and cut at stop sequences that an old server leaves in it. */
function createText({ messages }: GenerateRequest, stops: readonly string[]) {
  const trim = messages.at(-1)?.role === 'assistant' ? (text: string) => text : createLeadTrimmer();
  const cutter = createStopCutter(stops);
  let said = '';
  return {
    take(text: string): string {
      said += text;
      return cutter.push(trim(text));
    },
    end: () => cutter.end(),
    get isCut() {
      return cutter.stopped;
    },
    /** All that was generated. */
    get said() {
      return said;
    },
  };
}

async function* readPieces({ kind, body }: Answer): AsyncGenerator<Piece, void, undefined> {
  try {
    if (kind !== 'sse') return yield readWhole(await readJson(body));
    for await (const event of readSse(body.read)) {
      body.progressed();
      const piece = readToken(event);
      if (piece !== undefined) yield piece;
    }
  } finally {
    body.cancel();
  }
}
