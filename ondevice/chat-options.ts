/** Translates a neutral request into what the engine's OpenAI-shaped chat takes; pure, and refuses what would change the meaning. */

import { backendError } from '../protocol/errors';
import type { GenerateRequest, Message } from '../protocol/generate';
import { type EngineSampler, llamaCppNames } from '../protocol/model-settings';

/** One message as the model's own chat template reads it. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** llama.cpp's names; what is undefined is left to the engine's default. */
export interface ChatOptions {
  readonly messages: readonly ChatMessage[];
  readonly temperature?: number | undefined;
  readonly top_p?: number | undefined;
  readonly top_k?: number | undefined;
  readonly min_p?: number | undefined;
  readonly seed?: number | undefined;
  readonly presence_penalty?: number | undefined;
  readonly frequency_penalty?: number | undefined;
  readonly repeat_penalty?: number | undefined;
  readonly max_tokens?: number | undefined;
  readonly stop?: readonly string[] | undefined;
  readonly response_format?: {
    readonly type: 'json_schema';
    readonly json_schema: { readonly name: string; readonly schema: unknown };
  };
  readonly chat_template_kwargs: { readonly enable_thinking: boolean };
  /** The person's own samplers, as `llamaCppNames` names them. */
  readonly [sampler: string]: unknown;
}

/**
 * Used where nobody asks for any sampling. SmolLM2-135M, asked for the capital of France, answered about half of the
 * time in another language, wrongly or without end, at llama.cpp's own temperature of 0.8 and at 0.2 alike; at 0 it always said Paris.
 */
const steadySampling = { temperature: 0, topP: undefined, repetitionPenalty: 1.1 };

/** A small model may repeat itself until its context is full, and the next one in the queue waits for it. */
const defaultOutputTokens = 1024;

/** Throws `not-supported` for tools, images, sound, patterns and several answers. A schema the engine enforces by a grammar. */
export function toChatOptions(request: GenerateRequest): ChatOptions {
  if (request.tools?.length && request.toolChoice !== 'none') throw unsupported('tools', 'use tools');
  if (request.responseFormat?.type === 'regexp') throw unsupported('responseFormat', 'follow a regular expression');
  if ((request.outputs ?? 1) > 1) throw unsupported('outputs', 'give several answers at once');
  const samplers = ownSamplers(request);
  const asked = [request.temperature, request.topP, request.topK, request.minP, ...Object.values(samplers)];
  const asksForSampling = asked.some((value) => value !== undefined);
  const { temperature, topP, repetitionPenalty } = asksForSampling ? request : steadySampling;
  return {
    ...samplers,
    messages: request.messages.map(toChatMessage),
    temperature,
    top_p: topP,
    top_k: request.topK,
    min_p: request.minP,
    seed: request.seed,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
    repeat_penalty: request.repetitionPenalty ?? repetitionPenalty,
    max_tokens: request.maxOutputTokens ?? defaultOutputTokens,
    stop: request.stop,
    ...(request.responseFormat?.type === 'json-schema' && {
      response_format: {
        type: 'json_schema',
        json_schema: { name: request.responseFormat.name ?? 'answer', schema: request.responseFormat.schema },
      },
    }),
    // A small model that thinks keeps a person waiting for minutes: only where somebody asked for it. Templates that do not know it ignore it.
    chat_template_kwargs: { enable_thinking: !['none', undefined].includes(request.reasoningEffort) },
  };
}

function ownSamplers({ samplers = {} }: GenerateRequest): Readonly<Record<string, number>> {
  const given = Object.entries(samplers) as [EngineSampler, number][];
  return Object.fromEntries(given.flatMap(([name, value]) => (llamaCppNames[name] ? [[llamaCppNames[name], value]] : [])));
}

function toChatMessage({ role, content }: Message): ChatMessage {
  if (role === 'tool') throw unsupported('messages', 'use tools');
  const texts = content.map((part) => {
    // Earlier thinking is not part of what was said; chat templates leave it out as well.
    if (part.type === 'reasoning') return '';
    if (part.type === 'text') return part.text;
    throw unsupported('messages', part.type === 'image' || part.type === 'audio' ? `take ${part.type}` : 'use tools');
  });
  return { role, content: texts.join('') };
}

function unsupported(field: string, what: string) {
  return backendError('not-supported', `The model on this device cannot ${what}.`, { field });
}
