/** Translates a neutral request into what the engine's OpenAI-shaped chat takes; pure, and refuses what would change the meaning. */

import type { DeviceModel } from '../protocol/engine';
import { backendError } from '../protocol/errors';
import type { GenerateRequest, Message, Tool } from '../protocol/generate';
import { type EngineSampler, llamaCppNames } from '../protocol/model-settings';

/** One message as the model's own chat template reads it. */
export type ChatMessage =
  | {
      readonly role: 'system' | 'user' | 'assistant';
      readonly content: string;
      readonly tool_calls?: readonly { readonly id: string; readonly type: 'function'; readonly function: object }[];
    }
  | { readonly role: 'tool'; readonly content: string; readonly tool_call_id: string; readonly name: string };

/** What a model writes that must call a tool. */
export interface ToolCallJson {
  readonly name: string;
  readonly arguments: unknown;
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
  /** The engine writes them as the template does. */
  readonly tools?: readonly { readonly type: 'function'; readonly function: Tool }[];
  /** `auto`: the engine reads the model's calls of them. `none`: its whole answer has the form of a call, `ToolCallJson`. */
  readonly tool_choice?: 'auto' | 'none';
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

/**
 * Throws `not-supported` for images, sound, patterns and several answers, and for tools where the model's template has no place for them.
 * A schema, and a call that must be made, the engine enforces by a grammar.
 */
export function toChatOptions(
  request: GenerateRequest,
  { takesTools = false }: Pick<DeviceModel, 'takesTools'> = {},
): ChatOptions {
  const tools = toolsOf(request);
  const mustCall = tools.length > 0 && request.toolChoice !== undefined && request.toolChoice !== 'auto';
  const format = mustCall ? callFormat(tools) : request.responseFormat;
  if (tools.length > 0 && !takesTools) throw unsupported('tools', 'use tools');
  if (request.responseFormat?.type === 'regexp') throw unsupported('responseFormat', 'follow a regular expression');
  if ((request.outputs ?? 1) > 1) throw unsupported('outputs', 'give several answers at once');
  const samplers = ownSamplers(request);
  const asked = [request.temperature, request.topP, request.topK, request.minP, ...Object.values(samplers)];
  const asksForSampling = asked.some((value) => value !== undefined);
  const { temperature, topP, repetitionPenalty } = asksForSampling ? request : steadySampling;
  return {
    ...samplers,
    messages: toChatMessages(request.messages, takesTools),
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
    ...(format?.type === 'json-schema' && {
      response_format: { type: 'json_schema', json_schema: { name: format.name ?? 'answer', schema: format.schema } },
    }),
    ...(tools.length > 0 && {
      tools: tools.map((tool) => ({ type: 'function', function: tool })),
      tool_choice: mustCall ? 'none' : 'auto',
    }),
    // A small model that thinks keeps a person waiting for minutes: only where somebody asked for it. Templates that do not know it ignore it.
    chat_template_kwargs: { enable_thinking: !['none', undefined].includes(request.reasoningEffort) },
  };
}

function ownSamplers({ samplers = {} }: GenerateRequest): Readonly<Record<string, number>> {
  const given = Object.entries(samplers) as [EngineSampler, number][];
  return Object.fromEntries(given.flatMap(([name, value]) => (llamaCppNames[name] ? [[llamaCppNames[name], value]] : [])));
}

/** Of a tool that is named, that one alone is told. */
function toolsOf({ tools = [], toolChoice }: GenerateRequest): readonly Tool[] {
  if (toolChoice === 'none') return [];
  return typeof toolChoice === 'object' ? tools.filter(({ name }) => name === toolChoice.name) : tools;
}

/**
 * The form of a call of one of them. With a choice of its own the engine would let the model talk before it calls, and a small one then talks
 * until its limit.
 */
function callFormat(tools: readonly Tool[]): { type: 'json-schema'; name: string; schema: object } {
  const calls = tools.map(({ name }, index) => ({
    type: 'object',
    properties: { name: { const: name }, arguments: { $ref: `#/$defs/${index}` } },
    required: ['name', 'arguments'],
    additionalProperties: false,
  }));
  // A schema refers to its parts from its own root, which is no longer the root here.
  const moved = tools.map(({ parameters }, index) =>
    JSON.parse(JSON.stringify(parameters), (key, value: unknown) =>
      key === '$ref' && typeof value === 'string' && value.startsWith('#') ? `#/$defs/${index}${value.slice(1)}` : value,
    ),
  );
  return { type: 'json-schema', name: 'call', schema: { anyOf: calls, $defs: { ...moved } } };
}

/** Each result of a tool becomes a message of its own, which names the tool: only the call knows its name. */
function toChatMessages(messages: readonly Message[], takesTools: boolean): readonly ChatMessage[] {
  const names = new Map<string, string>();
  return messages.flatMap(({ role, content }) => {
    const texts: string[] = [];
    const calls: { id: string; type: 'function'; function: object }[] = [];
    const results: ChatMessage[] = [];
    for (const part of content) {
      if (part.type === 'image' || part.type === 'audio') throw unsupported('messages', `take ${part.type}`);
      if (part.type.startsWith('tool') && !takesTools) throw unsupported('messages', 'use tools');
      // Earlier thinking is not part of what was said; chat templates leave it out as well.
      if (part.type === 'text') texts.push(part.text);
      if (part.type === 'tool-result')
        results.push({ role: 'tool', content: part.result, tool_call_id: part.id, name: names.get(part.id) ?? '' });
      if (part.type !== 'tool-call') continue;
      names.set(part.id, part.name);
      calls.push({ id: part.id, type: 'function', function: { name: part.name, arguments: part.arguments } });
    }
    if (role === 'tool') return results;
    return [...results, { role, content: texts.join(''), ...(calls.length > 0 && { tool_calls: calls }) }];
  });
}

function unsupported(field: string, what: string) {
  return backendError('not-supported', `The model on this device cannot ${what}.`, { field });
}
