/** Owns the choice between NovelAI's two APIs, its list of models, and the waiting for its one generation at a time. */

import * as v from 'valibot';
import { AiError, backendError } from '../../protocol/errors';
import type { GenerateRequest, ModelInfo, StreamPart } from '../../protocol/generate';
import { settingsOf } from '../../protocol/model-settings';
import type { Clock } from '../clock';
import { errand, exchange } from '../exchange';
import { type Answer, createHttp, type Http } from '../http';
import type { Lifeline } from '../lifeline';
import { parseModelList } from '../models';
import type { CatalogRow, Provider, ProviderContext } from '../provider';
import { repeatOutputs } from '../repeat-outputs';
import { thinksAloud } from '../thoughts';
import { buildNovelAiChat, readNovelAiChat } from './novelai-chat';
import { buildStory, isStoryteller, readStory, storytellers } from './novelai-story';

const account = 'https://api.novelai.net';
const text = 'https://text.novelai.net';

/** Milliseconds to wait for an account that is busy: a generation that was broken off keeps its slot for some seconds. */
const lockedDelays = [2_000, 5_000, 10_000, 20_000, 30_000];

const subscriptionSchema = v.object({ tier: v.pipe(v.number(), v.integer()), active: v.optional(v.boolean(), true) });

/** A provider for NovelAI: its OpenAI-style API for the newer models, `/ai/generate-stream` for its storytellers (backends/cloud.md §1). */
export function createNovelAi(row: CatalogRow, context: ProviderContext, clock: Clock): Provider {
  const { connection, fetch } = context;
  const http = createHttp({ fetch, clock, isLocal: false, headers: {} });

  async function* unlocked(
    ask: () => Promise<Answer>,
    lifeline: Lifeline,
    read: (answer: Answer) => AsyncIterable<StreamPart>,
  ): AsyncIterable<StreamPart> {
    for (let attempt = 0; ; attempt++) {
      let answer: Answer | undefined;
      try {
        answer = await ask();
        return yield* read(answer);
      } catch (error) {
        const wait = lockedDelays[attempt];
        // Once it was open it has begun: whatever happens then is no lock.
        if (answer !== undefined || !isLocked(error) || wait === undefined) throw error;
        yield { type: 'progress', stage: 'queued', seconds: wait / 1000 };
        await lifeline.sleep(wait);
      } finally {
        answer?.body.cancel();
      }
    }
  }

  const generateOnce: Provider['generate'] = (request, signal) =>
    exchange(signal, clock, async function* (lifeline) {
      const settings = settingsOf(connection, request.model ?? '');
      if (isStoryteller(request.model)) {
        const story = await buildStory(request, settings);
        yield* unlocked(
          () => http.post(story.url, story.body, lifeline, isNotLocked),
          lifeline,
          (answer) => readStory(answer, story),
        );
      } else {
        const chat = buildNovelAiChat(request);
        const url = `${text}/oa/v1/chat/completions`;
        yield* unlocked(
          () => http.post(url, chat.body, lifeline, isNotLocked),
          lifeline,
          (answer) => readNovelAiChat(answer, chat, thinksAloud(row, context, request)),
        );
      }
    });

  return {
    models: (signal) => errand(signal, clock, (lifeline) => listModels(http, lifeline)),
    async *generate(request, signal) {
      refuseUnsupported(request);
      yield* repeatOutputs(generateOnce, request, signal);
    },
  };
}

/** The account's tier says what its models may take; there is no list of the older ones. */
async function listModels(http: Http, lifeline: Lifeline): Promise<readonly ModelInfo[]> {
  const read = v.safeParse(subscriptionSchema, await http.get(`${account}/user/subscription`, lifeline));
  if (!read.success) throw backendError('malformed', 'The backend sent a subscription that is none.');
  const { tier, active } = read.output;
  if (!active) throw backendError('payment', 'The subscription is not active.');
  const newer = parseModelList(await http.get(`${text}/oa/v1/models`, lifeline));
  return [...newer.map((model) => ({ ...model, inputs: ['text' as const] })), ...storytellers(tier)];
}

/** A second generation of the same account, wherever it was started. */
const isLocked = (error: unknown): boolean =>
  error instanceof AiError && (error.status === 409 || (error.status === 429 && /locked/i.test(error.detail ?? '')));

/** The lock has delays of its own, and whoever waits hears of it. */
const isNotLocked = (error: AiError): boolean => !isLocked(error);

function refuseUnsupported({ tools = [], responseFormat }: GenerateRequest): void {
  const field = tools.length > 0 ? 'tools' : responseFormat?.type === 'json-schema' && 'responseFormat';
  if (field) throw backendError('not-supported', 'NovelAI takes text only.', { field });
}
