/** Owns the reading of AI Horde's lists: its models, with what the volunteers who run them take. */

import * as v from 'valibot';
import { backendError } from '../../protocol/errors';
import type { ModelInfo } from '../../protocol/generate';
import { limits } from '../../protocol/limits';
import { anyModel } from './ai-horde-request';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const modelSchema = v.object({
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(limits.modelChars)),
  count,
});
const workerSchema = v.object({
  online: v.literal(true),
  maintenance_mode: v.optional(v.literal(false), false),
  models: v.array(v.string()),
  max_length: count,
  max_context_length: count,
});
type Worker = v.InferOutput<typeof workerSchema>;

/** Entries that are none are left out. */
function readList<Schema extends v.GenericSchema>(json: unknown, schema: Schema): readonly v.InferOutput<Schema>[] {
  const list = v.safeParse(v.array(v.unknown()), json);
  if (!list.success) throw backendError('malformed', 'AI Horde sent a list that is none.');
  return list.output.flatMap((entry) => {
    const read = v.safeParse(schema, entry);
    return read.success ? [read.output] : [];
  });
}

/**
 * The models that somebody runs now, those with the most workers first, and before them whichever is free.
 * @param models `GET /status/models?type=text&model_state=all`
 * @param workers `GET /workers?type=text`; undefined where it could not be had
 * @throws AiError `malformed`
 */
export function readHordeModels(models: unknown, workers: unknown): readonly ModelInfo[] {
  const served = readList(models, modelSchema).filter((model) => model.count > 0);
  const live = workers === undefined ? [] : readList(workers, workerSchema);
  if (served.length === 0) throw backendError('no-model', 'No volunteer runs a text model right now.');
  const byCount = [...served].sort((one, other) => other.count - one.count);
  return [
    { id: anyModel, name: anyModel, inputs: ['text'], ...most(live) },
    ...byCount.map(
      ({ name }): ModelInfo => ({
        id: name,
        name,
        inputs: ['text'],
        ...most(live.filter((worker) => worker.models.includes(name))),
      }),
    ),
  ];
}

/** The most that one of them takes, context and answer together: nobody serves the best of two. */
function most(workers: readonly Worker[]): Pick<ModelInfo, 'contextTokens' | 'maxOutputTokens'> {
  const [best] = [...workers].sort(
    (one, other) => other.max_context_length - one.max_context_length || other.max_length - one.max_length,
  );
  return best ? { contextTokens: best.max_context_length, maxOutputTokens: best.max_length } : {};
}
