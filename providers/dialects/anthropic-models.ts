/** Owns the reading of Anthropic's model list, page by page. What it does not say stays absent. */

import * as v from 'valibot';
import { backendError } from '../../protocol/errors';
import type { Capability, ModelInfo } from '../../protocol/generate';
import { limits } from '../../protocol/limits';

const text = v.fallback(v.nullish(v.string()), undefined);
const count = v.fallback(v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1))), undefined);
const ability = v.fallback(v.nullish(v.object({ supported: v.boolean() })), undefined);
const modelSchema = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(limits.modelChars)),
  display_name: text,
  max_input_tokens: count,
  max_tokens: count,
  capabilities: v.fallback(
    v.nullish(v.object({ image_input: ability, structured_outputs: ability, thinking: ability })),
    undefined,
  ),
});
const pageSchema = v.object({
  data: v.array(v.unknown()),
  has_more: v.fallback(v.nullish(v.boolean()), undefined),
  last_id: text,
});

export interface ModelPage {
  readonly models: readonly ModelInfo[];
  /** The id after which the next page begins. */
  readonly next: string | undefined;
}

/** One page of `GET {base}/models` (Anthropic API reference, List models). Throws AiError `malformed`. */
export function parseClaudeModels(json: unknown): ModelPage {
  const page = v.safeParse(pageSchema, json);
  if (!page.success) throw backendError('malformed', 'The backend sent a model list that is none.');
  const { data, has_more, last_id } = page.output;
  return {
    models: data.flatMap((item) => {
      const parsed = v.safeParse(modelSchema, item);
      return parsed.success ? [toModel(parsed.output)] : [];
    }),
    next: (has_more && last_id) || undefined,
  };
}

function toModel({ id, display_name, max_input_tokens, max_tokens, capabilities }: v.InferOutput<typeof modelSchema>): ModelInfo {
  return {
    id,
    name: display_name || id,
    ...(max_input_tokens != null && { contextTokens: max_input_tokens }),
    ...(max_tokens != null && { maxOutputTokens: max_tokens }),
    ...(capabilities != null && {
      inputs: capabilities.image_input?.supported ? ['text', 'image'] : ['text'],
      capabilities: toCapabilities(capabilities),
    }),
  };
}

/** The list does not name tools: every model has them. */
function toCapabilities(wire: NonNullable<v.InferOutput<typeof modelSchema>['capabilities']>): Capability[] {
  return [
    'tools',
    ...(wire.structured_outputs?.supported ? (['json-schema'] as const) : []),
    ...(wire.thinking?.supported ? (['reasoning'] as const) : []),
  ];
}
