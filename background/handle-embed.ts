/** The way of a request for embeddings: that of any other request, with one thing done differently at its end. */

import type { Reply } from '../protocol/channel';
import { AiError } from '../protocol/errors';
import type { Embeddings, EmbedRequest, StreamPart } from '../protocol/generate';
import { rowOf } from '../providers/catalog';
import { allow, textsAsMessages } from './allow';
import { inTurn, type RequestDeps, type Work } from './handle-request';
import type { PageIdentity } from './identity';
import { firstToAnswer } from './router';
import type { Choice } from './scopes';

/** @throws AiError; `not-supported` where who answers makes no embeddings */
export async function handleEmbed(
  request: EmbedRequest,
  page: PageIdentity,
  reply: Reply,
  deps: RequestDeps,
): Promise<Embeddings> {
  const leave = deps.admission.enter(page);
  const { choices, messages, isRevoked } = await allow({ type: 'embed', request }, page, reply, deps).finally(leave);
  // As the person edited them.
  const edited = messages?.flatMap(({ content }) => content.flatMap((part) => (part.type === 'text' ? [part.text] : [])));
  const input = edited ?? request.input;
  let made: Embeddings | undefined;

  const embed: Work = async function* ({ embed: ask }, { model = '' }, signal): AsyncGenerator<StreamPart> {
    if (!ask) throw makesNone();
    made = await ask({ ...request, input, model }, signal);
    yield { type: 'start', model, warnings: [] };
    yield { type: 'usage', usage: { inputTokens: made.inputTokens, outputTokens: 0, estimated: made.inputTokens === undefined } };
    yield { type: 'finish', reason: 'stop' };
  };
  // Nothing is generated, so that nothing is held back for it.
  const counted = { messages: textsAsMessages(input), maxOutputTokens: 0 };
  const unread: Reply = { ...reply, parts: async () => undefined };
  await firstToAnswer(choices, async (choice) =>
    inTurn(counted, await withModel(choice, request.model, deps), page, unread, isRevoked, deps, embed),
  );
  // Whoever answered has made them.
  return made as Embeddings;
}

const makesNone = () => new AiError('not-supported', 'This backend makes no embeddings.');

/** Models that chat make no good embeddings, so that a provider's own take their place: the one that is asked for, or the first. */
async function withModel(choice: Choice, asked: string | undefined, { connections }: RequestDeps): Promise<Choice> {
  const connection = (await connections.list()).find(({ id }) => id === choice.connection);
  const models = connection && rowOf(connection.providerId)?.embedModels;
  if (!models) throw makesNone();
  return { ...choice, model: models.find((model) => model === asked) ?? models[0] ?? choice.model };
}
