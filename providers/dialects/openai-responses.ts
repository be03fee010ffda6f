/** Owns the dialect of OpenAI's Responses API: one request up, a stream of named events down. */

import { AiError, backendError } from '../../protocol/errors';
import type { GenerateRequest, StreamPart } from '../../protocol/generate';
import { unsupportedParameter } from '../backend-failure';
import { readJson } from '../body';
import type { Clock } from '../clock';
import { exchange } from '../exchange';
import { type Answer, createHttp } from '../http';
import type { Lifeline } from '../lifeline';
import { baseUrlOf } from '../place';
import type { CatalogRow, Provider, ProviderContext } from '../provider';
import { repeatOutputs } from '../repeat-outputs';
import { readSse } from '../sse';
import { createResponsesAnswer, type ResponsesAnswer } from './openai-responses-answer';
import { buildResponsesRequest, canLeaveOut, type ResponsesRequest } from './openai-responses-request';

/** The completions of `POST {base}/responses` (OpenAI API reference, Responses). Its models stand in the list of Chat Completions. */
export function createOpenAiResponses(row: CatalogRow, context: ProviderContext, clock: Clock): Pick<Provider, 'generate'> {
  const http = createHttp({ fetch: context.fetch, clock, isLocal: false, headers: row.headers ?? {} });
  const url = `${baseUrlOf(row, context.connection)}/responses`;

  /** Once more without the one parameter that this model refuses: nothing was delivered yet. */
  async function ask(request: GenerateRequest, lifeline: Lifeline): Promise<{ built: ResponsesRequest; answer: Answer }> {
    const built = buildResponsesRequest(request);
    try {
      return { built, answer: await http.post(url, built.body, lifeline) };
    } catch (error) {
      const refused = error instanceof AiError ? unsupportedParameter(error) : undefined;
      if (refused === undefined || !canLeaveOut(refused, built.body)) throw error;
      const rebuilt = buildResponsesRequest(request, refused);
      return { built: rebuilt, answer: await http.post(url, rebuilt.body, lifeline) };
    }
  }

  const generateOnce: Provider['generate'] = (request, signal) =>
    exchange(signal, clock, async function* (lifeline) {
      const { built, answer } = await ask(request, lifeline);
      const { model = '', stop = [] } = request;
      const reader = createResponsesAnswer({ model, warnings: built.warnings, cutStops: stop, most: built.most });
      try {
        if (answer.kind === 'sse') yield* readStream(answer, reader);
        else yield* reader.takeWhole(await readJson(answer.body));
        yield* reader.end();
      } finally {
        answer.body.cancel();
      }
    });

  return { generate: (request, signal) => repeatOutputs(generateOnce, request, signal) };
}

/** Events until the one that ends the answer; there is no `[DONE]`. */
async function* readStream({ body }: Answer, reader: ResponsesAnswer): AsyncGenerator<StreamPart, void, undefined> {
  for await (const { data, complete } of readSse(body.read)) {
    body.progressed();
    if (data.trim() === '') continue;
    yield* reader.take(parseEvent(data, complete));
    if (reader.isFinished) return;
  }
}

function parseEvent(data: string, complete: boolean): unknown {
  try {
    return JSON.parse(data);
  } catch (error) {
    if (!complete) throw backendError('interrupted', 'The answer broke off.', { cause: error });
    throw backendError('malformed', 'The backend sent broken JSON.', { cause: error });
  }
}
