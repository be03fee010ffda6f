/** Owns NovelAI's OpenAI-style API: only streams bring text, and usage is what the chunks' tokens add up to. */

import * as v from 'valibot';
import { backendError } from '../../protocol/errors';
import type { GenerateRequest, Message, StreamPart, Warning } from '../../protocol/generate';
import { readToEnd } from '../ending';
import type { Answer } from '../http';
import { type SamplerNames, toWireSamplers } from '../samplers';
import { readSse } from '../sse';
import { createChatAnswer } from './openai-chat-answer';

export interface NovelAiChat {
  readonly model: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly warnings: readonly Warning[];
}

const samplerNames: SamplerNames = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  minP: 'min_p',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  seed: 'seed',
};

export function buildNovelAiChat(request: GenerateRequest): NovelAiChat {
  const { model = '', maxOutputTokens, stop = [], reasoningEffort } = request;
  const samplers = toWireSamplers(request, samplerNames);
  return {
    model,
    body: {
      model,
      messages: request.messages.map(toWireMessage),
      stream: true,
      ...samplers.fields,
      ...(maxOutputTokens !== undefined && { max_tokens: maxOutputTokens }),
      ...(stop.length > 0 && { stop }),
      ...(reasoningEffort !== undefined && { enable_thinking: reasoningEffort !== 'none' }),
    },
    warnings: samplers.warnings,
  };
}

function toWireMessage({ role, content }: Message): object {
  const odd = content.find(({ type }) => type !== 'text' && type !== 'reasoning');
  if (odd) throw backendError('not-supported', 'NovelAI takes text only.', { field: 'messages' });
  return { role, content: content.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n') };
}

const tokensSchema = v.object({ choices: v.array(v.object({ token_ids: v.nullish(v.array(v.unknown())) })) });

export async function* readNovelAiChat(
  { body }: Answer,
  { model, warnings }: NovelAiChat,
  thinksAloud: boolean,
): AsyncIterable<StreamPart> {
  const chat = createChatAnswer({ model, warnings, outputs: 1, cutStops: [], isLocal: false, usage: {}, thinksAloud });
  let outputTokens = 0;
  for await (const { data, complete } of readToEnd(readSse(body.read), body, () => chat.isFinished)) {
    body.progressed();
    if (data === '[DONE]') break;
    const json = parseChunk(data, complete);
    const tokens = v.safeParse(tokensSchema, json);
    if (tokens.success) outputTokens += tokens.output.choices[0]?.token_ids?.length ?? 0;
    yield* chat.take(json);
  }
  for (const part of chat.end()) {
    if (part.type === 'finish' && outputTokens > 0) yield { type: 'usage', usage: { outputTokens, estimated: false } };
    yield part;
  }
}

/** @throws AiError `malformed`, or `interrupted` for half a chunk at the end */
export function parseChunk(data: string, complete: boolean): unknown {
  try {
    return JSON.parse(data);
  } catch {
    if (!complete) throw backendError('interrupted', 'The answer broke off.');
    throw backendError('malformed', 'The backend sent broken JSON.');
  }
}
