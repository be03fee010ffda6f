/** Owns embeddings: texts up, vectors down, in as many requests as the API needs for them. */

import * as v from 'valibot';
import { backendError, toAiError } from '../protocol/errors';
import type { Embeddings, EmbedRequest } from '../protocol/generate';
import { limits } from '../protocol/limits';
import { toBackendError } from './backend-failure';
import { readJson } from './body';
import type { Clock } from './clock';
import { complaintOf, type Http } from './http';
import { createLifeline, type Lifeline } from './lifeline';

type Batch = Pick<Embeddings, 'vectors' | 'inputTokens'>;

/** How one API is asked. */
export interface EmbedRoute {
  /** Texts that it takes at once. */
  readonly most: number;
  /** Throws AiError. */
  ask(texts: readonly string[], lifeline: Lifeline): Promise<Batch>;
}

/** One vector for each text, in their order. Throws AiError as `exchange` does. */
export async function embedAll(
  { input, model = '' }: EmbedRequest,
  signal: AbortSignal,
  clock: Clock,
  { most, ask }: EmbedRoute,
): Promise<Embeddings> {
  const lifeline = createLifeline(signal, clock, limits.requestTimeout);
  const batches: Batch[] = [];
  try {
    for (let from = 0; from < input.length; from += most) {
      const texts = input.slice(from, from + most);
      const batch = await ask(texts, lifeline);
      if (batch.vectors.length !== texts.length) throw malformed();
      batches.push(batch);
    }
  } catch (error) {
    throw lifeline.signal.aborted ? lifeline.signal.reason : toAiError(error);
  } finally {
    lifeline.close();
  }
  const counts = batches.map(({ inputTokens }) => inputTokens);
  const isCounted = counts.every((count) => count !== undefined);
  return {
    model,
    vectors: batches.flatMap(({ vectors }) => vectors),
    ...(isCounted && { inputTokens: counts.reduce((sum, count) => sum + count, 0) }),
  };
}

const malformed = () => backendError('malformed', 'The backend sent embeddings that are none.');

/** POST of JSON and the one document that answers it, which may be as long as an answer is. Throws AiError. */
export async function askForJson(http: Http, url: string, body: object, isLocal: boolean, lifeline: Lifeline): Promise<unknown> {
  const answer = await http.post(url, { ...body }, lifeline);
  try {
    const json = await readJson(answer.body);
    const complaint = complaintOf(json);
    if (complaint !== undefined) throw toBackendError(complaint, { isLocal });
    return json;
  } finally {
    answer.body.cancel();
  }
}

const vectorSchema = v.array(v.number());
const tokenCount = v.fallback(v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))), undefined);

const openAiSchema = v.object({
  data: v.array(v.object({ embedding: vectorSchema, index: v.optional(v.number()) })),
  usage: v.fallback(v.nullish(v.object({ prompt_tokens: tokenCount })), undefined),
});

/** The answer of `POST /embeddings` (OpenAI API reference). @throws AiError `malformed` */
export function readOpenAiEmbeddings(json: unknown): Batch {
  const read = v.safeParse(openAiSchema, json);
  if (!read.success) throw malformed();
  const { data, usage } = read.output;
  const inOrder = data
    .map((entry, place) => ({ ...entry, place: entry.index ?? place }))
    .sort((one, other) => one.place - other.place);
  return { vectors: inOrder.map(({ embedding }) => embedding), inputTokens: usage?.prompt_tokens ?? undefined };
}

const ollamaSchema = v.object({ embeddings: v.array(vectorSchema), prompt_eval_count: tokenCount });

/** The answer of Ollama's `POST /api/embed`. @throws AiError `malformed` */
export function readOllamaEmbeddings(json: unknown): Batch {
  const read = v.safeParse(ollamaSchema, json);
  if (!read.success) throw malformed();
  return { vectors: read.output.embeddings, inputTokens: read.output.prompt_eval_count ?? undefined };
}

const geminiSchema = v.object({ embeddings: v.array(v.object({ values: vectorSchema })) });

/** The answer of Gemini's `:batchEmbedContents`, which counts nothing. @throws AiError `malformed` */
export function readGeminiEmbeddings(json: unknown): Batch {
  const read = v.safeParse(geminiSchema, json);
  if (!read.success) throw malformed();
  return { vectors: read.output.embeddings.map(({ values }) => values) };
}
