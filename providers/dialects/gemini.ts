/** Owns the dialect of Google's Gemini API: one request up, a stream of chunks down, and the same again where the answer comes in parts. */

import { backendError } from '../../protocol/errors';
import type { ModelInfo, StreamPart } from '../../protocol/generate';
import { limits } from '../../protocol/limits';
import { readJson } from '../body';
import type { Clock } from '../clock';
import { askForJson, embedAll, readGeminiEmbeddings } from '../embeddings';
import { readToEnd } from '../ending';
import { errand, exchange } from '../exchange';
import { type Answer, createHttp } from '../http';
import { readJsonEvents } from '../json-events';
import { addressOf, isNear } from '../place';
import type { CatalogRow, Provider, ProviderContext } from '../provider';
import { repeatOutputs } from '../repeat-outputs';
import { createGeminiAnswer, type GeminiAnswer } from './gemini-answer';
import { parseGeminiModels } from './gemini-models';
import { buildGeminiRequest } from './gemini-request';

/** A provider for `POST {base}/models/{model}:streamGenerateContent` and `GET {base}/models` (Gemini API reference, v1beta). */
export function createGemini(row: CatalogRow, context: ProviderContext, clock: Clock): Provider {
  const isLocal = isNear(row, context.connection);
  const http = createHttp({ fetch: context.fetch, clock, isLocal, headers: row.headers ?? {} });
  const base = (): string => addressOf(row, context.connection);

  const generateOnce: Provider['generate'] = (request, signal) =>
    exchange(signal, clock, async function* (lifeline) {
      const model = request.model ?? '';
      const { body, ...built } = buildGeminiRequest(request);
      // Without `alt=sse` the stream is one JSON array that grows.
      const url = `${base()}/models/${encodeURIComponent(model)}:streamGenerateContent?alt=sse`;
      const gemini = createGeminiAnswer({ ...built, model, isLocal });
      let continuationToken: string | undefined;
      for (let round = 0; round === 0 || continuationToken !== undefined; round++) {
        if (round > limits.continuations) throw backendError('too-large', 'The answer comes in more parts than Oriel takes.');
        const answer = await http.post(url, { ...body, ...(continuationToken !== undefined && { continuationToken }) }, lifeline);
        try {
          if (answer.kind === 'sse') yield* readStream(answer, gemini);
          else yield* gemini.take(await readJson(answer.body));
        } finally {
          answer.body.cancel();
        }
        continuationToken = gemini.next();
      }
      yield* gemini.end();
    });

  return {
    models: (signal) =>
      errand(signal, clock, async (lifeline) => {
        const models = new Map<string, ModelInfo>();
        const asked = new Set<string | undefined>();
        // A page that was read already ends a list that goes in a circle.
        for (let token: string | undefined; !asked.has(token); ) {
          asked.add(token);
          const query = token === undefined ? '' : `&pageToken=${encodeURIComponent(token)}`;
          const page = parseGeminiModels(await http.get(`${base()}/models?pageSize=1000${query}`, lifeline), row.quirks.notChat);
          for (const model of page.models) models.set(model.id, model);
          token = page.next;
        }
        return [...models.values()];
      }),
    embed: (request, signal) =>
      embedAll(request, signal, clock, {
        most: embedBatch,
        ask: async (texts, lifeline) => {
          const { model = '', dimensions } = request;
          const size = dimensions === undefined ? {} : { outputDimensionality: dimensions };
          const requests = texts.map((text) => ({ model: `models/${model}`, content: { parts: [{ text }] }, ...size }));
          const url = `${base()}/models/${encodeURIComponent(model)}:batchEmbedContents`;
          return readGeminiEmbeddings(await askForJson(http, url, { requests }, isLocal, lifeline));
        },
      }),
    generate: (request, signal) => repeatOutputs(generateOnce, request, signal),
  };
}

/** The API takes so many texts at once. */
const embedBatch = 100;

/** Chunks until the end of the body: there is no end mark, and what comes last holds the counts. */
async function* readStream({ body }: Answer, gemini: GeminiAnswer): AsyncGenerator<StreamPart, void, undefined> {
  for await (const json of readToEnd(readJsonEvents(body), body, () => gemini.isFinished)) {
    yield* gemini.take(json);
    if (gemini.isCut) return;
  }
}
