/** Owns the reading of model lists: OpenAI's shape, what OpenRouter and others add to it, and the rest by model-shapes.ts. What a list does not say stays absent. */

import * as v from 'valibot';
import { backendError } from '../protocol/errors';
import type { Capability, Modality, ModelInfo, Pricing } from '../protocol/generate';
import { type MicroUsd, toMicroUsd } from '../protocol/ids';
import { limits } from '../protocol/limits';
import { inCommonShape, type ListShape } from './model-shapes';

const text = v.fallback(v.nullish(v.string()), undefined);
const texts = v.fallback(v.nullish(v.array(v.string())), undefined);
const count = v.fallback(v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1))), undefined);
const dollars = v.fallback(v.nullish(v.pipe(v.number(), v.finite(), v.minValue(0))), undefined);
const loose = <Entries extends v.ObjectEntries>(entries: Entries) => v.fallback(v.nullish(v.object(entries)), undefined);

const listSchema = v.union([
  v.array(v.unknown()),
  v.pipe(
    v.object({ data: v.array(v.unknown()) }),
    v.transform(({ data }) => data),
  ),
  v.pipe(
    v.object({ models: v.array(v.unknown()) }),
    v.transform(({ models }) => models),
  ),
]);
const modelSchema = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(limits.modelChars)),
  name: text,
  context_length: count, // OpenRouter
  max_model_len: count, // vLLM
  context_window: count, // Groq, DeepSeek, Vercel
  max_completion_tokens: count, // Groq
  max_output_tokens: count, // DeepSeek
  active: v.fallback(v.nullish(v.boolean()), undefined), // Groq
  loaded_context_length: count, // LM Studio's own list; its max_context_length is what could be loaded
  top_provider: loose({ context_length: count, max_completion_tokens: count }),
  architecture: loose({ input_modalities: texts, output_modalities: texts }),
  pricing: loose({ prompt: text, completion: text, input_cache_read: text, input_cache_write: text }),
  usd_per_million: loose({ input: dollars, output: dollars, cached: dollars }), // from model-shapes.ts
  supported_parameters: texts,
  type: text,
  state: text, // LM Studio
  status: loose({ value: text }), // llama.cpp's router
});
type WireModel = v.InferOutput<typeof modelSchema>;

/**
 * The models of `{data: [{id, …}]}` (OpenAI API reference, Models; OpenRouter and vLLM add to it), or of a bare list. Entries that are none,
 * or cannot chat, are left out. llama.cpp's `meta.n_ctx_train` is not read: it is not the running context. Throws AiError `malformed`.
 * @param notChat ids to leave out
 */
export function parseModelList(json: unknown, notChat?: RegExp, shape?: ListShape): readonly ModelInfo[] {
  const list = v.safeParse(listSchema, json);
  if (!list.success) throw backendError('malformed', 'The backend sent a model list that is none.');
  const models = new Map<string, ModelInfo>();
  for (const item of inCommonShape(list.output, shape)) {
    const parsed = v.safeParse(modelSchema, item);
    if (parsed.success && canChat(parsed.output) && !notChat?.test(parsed.output.id))
      models.set(parsed.output.id, toModel(parsed.output));
  }
  return [...models.values()];
}

const canChat = ({ type, architecture, active }: WireModel): boolean =>
  type !== 'embeddings' && active !== false && architecture?.output_modalities?.includes('text') !== false;

function toModel(wire: WireModel): ModelInfo {
  const contextTokens =
    wire.loaded_context_length ??
    wire.top_provider?.context_length ??
    wire.context_length ??
    wire.max_model_len ??
    wire.context_window;
  const maxOutputTokens = wire.top_provider?.max_completion_tokens ?? wire.max_completion_tokens ?? wire.max_output_tokens;
  const state = wire.state ?? wire.status?.value;
  const inputs = wire.architecture?.input_modalities?.filter(isModality);
  const pricing = toPricing(wire);
  return {
    id: wire.id,
    name: wire.name || nameOf(wire.id),
    ...(contextTokens != null && { contextTokens }),
    ...(maxOutputTokens != null && { maxOutputTokens }),
    ...(inputs !== undefined && { inputs }),
    ...(wire.supported_parameters != null && { capabilities: toCapabilities(wire.supported_parameters) }),
    ...(pricing !== undefined && { pricing }),
    ...(state != null && { loaded: state === 'loaded' }),
  };
}

/** llama.cpp names a model by the path of its file. */
const nameOf = (id: string): string => /([^/\\]+)\.gguf$/i.exec(id)?.[1] ?? id;

const isModality = (value: string): value is Modality => value === 'text' || value === 'image' || value === 'audio';

function toCapabilities(parameters: readonly string[]): Capability[] {
  const names: readonly (readonly [string, Capability])[] = [
    ['tools', 'tools'],
    ['structured_outputs', 'json-schema'],
    ['reasoning', 'reasoning'],
  ];
  return names.filter(([parameter]) => parameters.includes(parameter)).map(([, capability]) => capability);
}

function toPricing({ pricing: perToken, usd_per_million: perMillion }: WireModel): Pricing | undefined {
  const names = [perToken?.prompt, perToken?.completion, perToken?.input_cache_read, perToken?.input_cache_write];
  const told = perMillion && [perMillion.input, perMillion.output, perMillion.cached].map((price) => price ?? undefined);
  const [input, output, cachedInput, cacheWrite] = told
    ? told.map((price) => (price === undefined ? undefined : toMicroUsd(price)))
    : names.map(toPrice);
  const pricing = {
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    ...(cachedInput !== undefined && { cachedInput }),
    ...(cacheWrite !== undefined && { cacheWrite }),
  };
  return Object.keys(pricing).length > 0 ? pricing : undefined;
}

/** From US dollars per token in a decimal string to micro-dollars per million tokens. -1 means that it varies. */
function toPrice(perToken: string | null | undefined): MicroUsd | undefined {
  const usd = perToken ? Number(perToken) : Number.NaN;
  return Number.isFinite(usd) && usd >= 0 ? toMicroUsd(usd * 1_000_000) : undefined;
}
