/** The endpoints of OpenAI's API that pages may call: each turns a body into a call of the page's own table, and what answers it back. Nothing here is allowed anything that `window.ai` is not. */

import type { Reply } from '../../protocol/channel';
import type { PageCall, parsePageCall } from '../../protocol/page-messages';
import { createChatAnswer, createCompletionAnswer } from './chat-answer';
import { type ReadRequest, readChat, readCompletion } from './chat-request';
import { answerEmbeddings } from './embeddings';
import { type Fields, fieldsAt } from './fields';
import { listModels, oneModel } from './models-list';
import { createResponsesAnswer } from './responses-answer';
import { readResponses } from './responses-request';
import type { AnswerWriter, Identity } from './wire-answer';
import { failedAnswer, jsonAnswer, type WireAnswer, WireError, wireErrorOf } from './wire-error';

export type OpenAiCall = Extract<PageCall, { type: 'openai' }>;

export interface OpenAiDeps {
  /** The page's schema. */
  readonly parse: typeof parsePageCall;
  /** Serves a call of the page's table. */
  readonly serve: (call: PageCall, reply: Reply) => Promise<unknown>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface Read extends ReadRequest {
  readonly write: (identity: Identity) => AnswerWriter;
}

/** How each endpoint that generates reads a body, and writes the answer to it. */
const dialects: ReadonlyMap<string, (body: Fields) => Read> = new Map([
  [
    'POST /chat/completions',
    (body: Fields) => {
      const read = readChat(body);
      return { ...read, write: (identity: Identity) => createChatAnswer({ ...read, ...identity }) };
    },
  ],
  [
    'POST /completions',
    (body: Fields) => {
      const read = readCompletion(body);
      return { ...read, write: (identity: Identity) => createCompletionAnswer({ ...read, ...identity }) };
    },
  ],
  [
    'POST /responses',
    (body: Fields) => ({ ...readResponses(body), write: (identity: Identity) => createResponsesAnswer(body, identity) }),
  ],
]);

/**
 * Answers one request. Never throws: what goes wrong is an answer too, or the last event of a stream.
 * @returns the answer as a whole; undefined where it was streamed, as the text of `text-delta` parts
 */
export async function answerOpenAi(
  { endpoint: asked, body }: OpenAiCall,
  reply: Reply,
  deps: OpenAiDeps,
): Promise<WireAnswer | undefined> {
  // Query and fragment say nothing here.
  const endpoint = asked.replace(/\/?(?:[?#].*)?$/s, '');
  try {
    const read = dialects.get(endpoint);
    if (read) return await generate(read(jsonOf(body)), reply, deps);
    if (endpoint === 'POST /embeddings') return await answerEmbeddings(jsonOf(body), (call) => serve(call, reply, deps));
    if (endpoint === 'GET /models') return await listModels((call) => serve(call, reply, deps));
    const [, model] = /^GET \/models\/(.+)$/.exec(endpoint) ?? [];
    if (model !== undefined) return await oneModel(decoded(model), (call) => serve(call, reply, deps));
    throw new WireError('There is no such endpoint here.', undefined, { status: 404, code: 'unknown_url' });
  } catch (error) {
    return failedAnswer(error);
  }
}

async function generate({ request, streams, write }: Read, reply: Reply, deps: OpenAiDeps): Promise<WireAnswer | undefined> {
  const writer = write({ id: crypto.randomUUID().replaceAll('-', ''), created: Math.floor(deps.now() / 1000) });
  let hasBegun = false;

  const send = async (text: string): Promise<void> => {
    if (!streams || text === '') return;
    hasBegun = true;
    await reply.parts([{ type: 'text-delta', text }]);
  };

  try {
    const written: Reply = { ...reply, parts: (parts) => send(parts.map(writer.take).join('')) };
    await serve({ type: 'generate', request }, written, deps);
  } catch (error) {
    if (!hasBegun) throw error;
    await send(writer.failed(wireErrorOf(error)));
    return undefined;
  }
  if (!streams) return jsonAnswer(writer.whole());
  await send(writer.end());
  return undefined;
}

/** What was translated meets the same schema as what a page sends by itself. */
async function serve(
  call: { readonly type: string } & Fields,
  reply: Reply,
  { parse, serve: serveCall }: OpenAiDeps,
): Promise<unknown> {
  const read = parse(call);
  if ('call' in read) return serveCall(read.call, reply);
  const param = wireNames[read.wrong] ?? read.wrong;
  throw new WireError(`'${param}' has a value that is not taken here, or too much of it.`, param);
}

/** What the neutral fields are called on the wire. */
const wireNames: Readonly<Record<string, string>> = {
  topP: 'top_p',
  topK: 'top_k',
  minP: 'min_p',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  repetitionPenalty: 'repetition_penalty',
  maxOutputTokens: 'max_tokens',
  outputs: 'n',
  toolChoice: 'tool_choice',
  responseFormat: 'response_format',
  reasoningEffort: 'reasoning_effort',
};

function jsonOf(body: string): Fields {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw new WireError('The body is not JSON.');
  }
  return fieldsAt(json, 'body');
}

/** A percent sign that begins nothing stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
