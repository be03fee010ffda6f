/** Owns the dialect of OpenAI's Chat Completions, which most servers of the world speak: one request up, a stream of chunks down. */

import { addPart } from '../../protocol/deltas';
import { AiError, backendError } from '../../protocol/errors';
import type { Connection, GenerateRequest, StreamPart } from '../../protocol/generate';
import { limits } from '../../protocol/limits';
import { settingsOf } from '../../protocol/model-settings';
import { isLoadingModel, unsupportedParameter } from '../backend-failure';
import { readJson } from '../body';
import type { Clock } from '../clock';
import { askForJson, embedAll, readOpenAiEmbeddings } from '../embeddings';
import { readToEnd } from '../ending';
import { errand, exchange } from '../exchange';
import { type Answer, createHttp } from '../http';
import type { Lifeline } from '../lifeline';
import { addressOf, isNear } from '../place';
import type { CatalogRow, Provider, ProviderContext } from '../provider';
import { repeatOutputs } from '../repeat-outputs';
import { feedSse, type SseEvent } from '../sse';
import { beginsInside, thinksAloud } from '../thoughts';
import { type ChatAnswer, createChatAnswer, onlyText } from './openai-chat-answer';
import { findModels } from './openai-chat-models';
import { createRepeats } from './openai-chat-repeats';
import { buildChatRequest, type ChatRequest, canLeaveOut } from './openai-chat-request';
import { loadModel } from './openai-chat-webui';
import { isReasoningModel } from './openai-reasoning';
import { routingFields } from './openrouter-routing';
import { balanceReaders } from './vendor-balances';

/** A provider for `POST {base}/chat/completions` and `GET {base}/models` (OpenAI API reference; deviations by the row's quirks). */
export function createOpenAiChat(row: CatalogRow, context: ProviderContext, clock: Clock): Provider {
  const { quirks } = row;
  const isLocal = isNear(row, context.connection);
  const readBalance = quirks.balance && balanceReaders[quirks.balance];
  const http = createHttp({ fetch: context.fetch, clock, isLocal, headers: row.headers ?? {} });
  const base = (): string => addressOf(row, context.connection);

  /** Waits for a model that is being loaded; asks once more without the one parameter that it refuses: nothing was delivered yet. */
  async function* ask(
    request: GenerateRequest,
    lifeline: Lifeline,
  ): AsyncGenerator<StreamPart, { built: ChatRequest; answer: Answer }, undefined> {
    const own = ownFields(row, context.connection, request.model ?? '');
    let refused: string | undefined;
    for (let waits = 0; ; ) {
      const built = buildChatRequest(request, quirks, refused, own);
      try {
        return { built, answer: await http.post(`${base()}/chat/completions`, built.body, lifeline) };
      } catch (error) {
        if (isLoadingModel(error)) {
          if (waits++ === 0) yield { type: 'progress', stage: 'loading' };
          await lifeline.sleep(clock.random() * limits.retryMax);
          continue;
        }
        const parameter = error instanceof AiError && refused === undefined ? unsupportedParameter(error) : undefined;
        if (parameter === undefined || !canLeaveOut(parameter, built.body)) throw error;
        refused = parameter;
      }
    }
  }

  /** llama-cpp-python opens its stream before it looks at the request, and closes it without a word: asked for the whole answer it says why. */
  async function* askWhole(
    { stream_options: _, ...body }: ChatRequest['body'],
    chat: ChatAnswer,
    lifeline: Lifeline,
  ): AsyncGenerator<StreamPart, void, undefined> {
    const answer = await http.post(`${base()}/chat/completions`, { ...body, stream: false }, lifeline);
    try {
      if (answer.kind === 'json') yield* readWhole(await readJson(answer.body), chat);
    } finally {
      answer.body.cancel();
    }
  }

  const generateOnce: Provider['generate'] = (request, signal) =>
    exchange(signal, clock, async function* (lifeline) {
      const model = request.model ?? '';
      if (quirks.server === 'text-generation-webui')
        yield* loadModel({ http, base: base(), lifeline }, model, settingsOf(context.connection, model).contextTokens);
      const { built, answer } = yield* ask(request, lifeline);
      const chat = createChatAnswer({
        model,
        warnings: built.warnings,
        outputs: request.outputs ?? 1,
        cutStops: built.cutStops,
        isLocal,
        usage: quirks,
        thinksAloud: thinksAloud(row, context, request),
        beginsInside: beginsInside(request),
      });
      try {
        if (answer.kind === 'sse') yield* readStream(answer, chat);
        else yield* readWhole(await readJson(answer.body), chat);
        if (isLocal && answer.kind === 'sse' && !chat.hasStarted) yield* askWhole(built.body, chat, lifeline);
        yield* chat.end();
      } finally {
        answer.body.cancel();
      }
    });

  return {
    ...(readBalance && { status: (signal) => errand(signal, clock, (lifeline) => readBalance(http, base(), lifeline)) }),
    models: (signal) =>
      errand(signal, clock, async (lifeline) =>
        findModels({ row, connection: context.connection, http, base: base() }, lifeline),
      ),
    embed: (request, signal) =>
      embedAll(request, signal, clock, {
        most: embedBatch,
        ask: async (input, lifeline) => {
          const { model, dimensions } = request;
          const body = { model, input, encoding_format: 'float', ...(dimensions !== undefined && { dimensions }) };
          return readOpenAiEmbeddings(await askForJson(http, `${base()}/embeddings`, body, isLocal, lifeline));
        },
      }),
    generate(request, signal) {
      const isOne = (request.outputs ?? 1) === 1;
      const takesMany = quirks.manyOutputs === true && !(quirks.reasoningRules && isReasoningModel(request.model ?? ''));
      return isOne || takesMany ? generateOnce(request, signal) : repeatOutputs(generateOnce, request, signal);
    },
  };
}

/** Every API of the kind takes so many texts, and the answer stays far below what one may be. */
const embedBatch = 100;

/** What the person set for the connection and this API has a field for. */
function ownFields({ quirks }: CatalogRow, connection: Connection, model: string): object {
  const { contextField, vendorFields = {} } = quirks;
  const { contextTokens } = settingsOf(connection, model);
  const chosen = Object.entries(vendorFields).map(([name, field]) => [field, connection.options?.vendor?.[name]] as const);
  return {
    ...(quirks.openRouter && routingFields(connection.options?.vendor)),
    ...(contextField !== undefined && contextTokens !== undefined && { [contextField]: contextTokens }),
    ...Object.fromEntries(chosen.filter(([, value]) => value !== undefined)),
  };
}

/** A server that does not stream answers with one document. */
function readWhole(json: unknown, chat: ChatAnswer): StreamPart[] {
  const parts = chat.take(json);
  if (!chat.isFinished) throw backendError('malformed', 'The backend sent an answer without a choice.');
  return parts;
}

async function* readStream({ body }: Answer, chat: ChatAnswer): AsyncGenerator<StreamPart, void, undefined> {
  for await (const parts of readToEnd(readBatches(body, chat), body, () => chat.isFinished)) yield* parts;
}

/**
 * What one network read brought, deltas joined, until `[DONE]`, the end of the body, or the moment when nothing more is wanted. Where an event
 * fails, what came before it comes first.
 */
async function* readBatches(body: Answer['body'], chat: ChatAnswer): AsyncGenerator<readonly StreamPart[], void, undefined> {
  let parts: StreamPart[] = [];
  let text = '';
  let isOver = false;
  const repeats = chat.isOne ? createRepeats(onlyText) : undefined;
  const add = (added: readonly StreamPart[]) => {
    for (const part of added) addPart(parts, part);
    isOver = chat.isCut;
  };
  const addText = () => {
    if (text !== '') add(chat.takeText(text));
    text = '';
  };
  const skim = (stream: string) => {
    const known = isOver ? undefined : repeats?.skim(stream);
    text += known?.text ?? '';
    return known?.length ?? 0;
  };
  const take = ({ event, data, complete }: SseEvent) => {
    if (isOver) return;
    const more = event === undefined ? repeats?.textOf(data) : undefined;
    if (more !== undefined) {
      text += more;
      return;
    }
    addText();
    isOver ||= data === '[DONE]';
    const json = isOver ? undefined : parseEvent(data, event, complete);
    if (json === undefined) return;
    add(chat.take(json));
    if (event === undefined) repeats?.learn(data);
  };
  try {
    for await (const _ of feedSse(body.read, take, skim)) {
      body.progressed();
      addText();
      yield parts;
      if (isOver) return;
      parts = [];
    }
  } catch (error) {
    addText();
    yield parts;
    throw error;
  }
}

const chunkEvents = [undefined, 'message', 'error'];

/** Undefined for what carries no chunk. Throws AiError `malformed`, or `interrupted` for half an event at the end. */
function parseEvent(data: string, event: string | undefined, complete: boolean): unknown {
  if (data.trim() === '') return undefined;
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    // Events with names of their own, pings for example, need not be JSON.
    if (!chunkEvents.includes(event)) return undefined;
    if (!complete) throw backendError('interrupted', 'The answer broke off.');
    throw backendError('malformed', 'The backend sent broken JSON.');
  }
  return event === 'error' && typeof json === 'object' && json !== null && !('error' in json) ? { error: json } : json;
}
