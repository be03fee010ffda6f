/** Owns the reading of Google's model list, page by page. What it does not say stays absent. */

import * as v from 'valibot';
import { backendError } from '../../protocol/errors';
import type { ModelInfo } from '../../protocol/generate';
import { limits } from '../../protocol/limits';

const text = v.fallback(v.nullish(v.string()), undefined);
const count = v.fallback(v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1))), undefined);
const modelSchema = v.object({
  name: v.pipe(v.string(), v.startsWith('models/'), v.minLength(8), v.maxLength(limits.modelChars)),
  displayName: text,
  inputTokenLimit: count,
  outputTokenLimit: count,
  supportedGenerationMethods: v.array(v.string()),
  thinking: v.fallback(v.nullish(v.boolean()), undefined),
});
const pageSchema = v.object({ models: v.nullish(v.array(v.unknown())), nextPageToken: text });

export interface ModelPage {
  readonly models: readonly ModelInfo[];
  /** The token of the next page. */
  readonly next: string | undefined;
}

/**
 * One page of `GET {base}/models` (Gemini API reference, Models). Those that do not generate content are left out. Throws AiError `malformed`.
 * @param notChat ids to leave out: what draws or speaks generates content too
 */
export function parseGeminiModels(json: unknown, notChat?: RegExp): ModelPage {
  const page = v.safeParse(pageSchema, json);
  if (!page.success || Array.isArray(json)) throw backendError('malformed', 'The backend sent a model list that is none.');
  const models = (page.output.models ?? []).flatMap((item) => {
    const parsed = v.safeParse(modelSchema, item);
    return parsed.success && parsed.output.supportedGenerationMethods.includes('generateContent') ? [toModel(parsed.output)] : [];
  });
  return { models: models.filter(({ id }) => !notChat?.test(id)), next: page.output.nextPageToken || undefined };
}

function toModel({
  name,
  displayName,
  inputTokenLimit,
  outputTokenLimit,
  thinking,
}: v.InferOutput<typeof modelSchema>): ModelInfo {
  const id = name.slice('models/'.length);
  // The list does not say it, but every Gemini since 1.5 sees, hears, calls tools and follows schemas; Gemma models differ.
  const known = id.startsWith('gemini-');
  return {
    id,
    name: displayName || id,
    ...(inputTokenLimit != null && { contextTokens: inputTokenLimit }),
    ...(outputTokenLimit != null && { maxOutputTokens: outputTokenLimit }),
    ...(known && {
      inputs: ['text', 'image', 'audio'],
      capabilities: ['tools', 'json-schema', ...(thinking ? (['reasoning'] as const) : [])],
    }),
  };
}
