/** Owns the finding of a connection's models: the vendor's list wherever it lies, the person's typed name where there is none, and what is loaded. */

import * as v from 'valibot';
import { AiError, backendError, type Fault } from '../../protocol/errors';
import type { Connection, ModelInfo } from '../../protocol/generate';
import { limits } from '../../protocol/limits';
import type { Http } from '../http';
import type { Lifeline } from '../lifeline';
import { parseModelList } from '../models';
import { rootOf } from '../place';
import type { CatalogRow } from '../provider';
import { webUiModels } from './openai-chat-webui';

export interface Asking {
  readonly row: CatalogRow;
  readonly connection: Connection;
  readonly http: Http;
  readonly base: string;
}

/** Throws AiError with the fault that a **Test** shows. */
export async function findModels(asking: Asking, lifeline: Lifeline): Promise<readonly ModelInfo[]> {
  const { row, connection, http, base } = asking;
  const { keyCheck, models, server } = row.quirks;
  const typed = connection.defaultModel === undefined ? [] : [{ id: connection.defaultModel, name: connection.defaultModel }];
  if (server === 'text-generation-webui') return webUiModels(http, base, lifeline);
  if (models === 'typed') {
    // What is listed there is what could be deployed, not what is; but the list answers only to a good key.
    await http.get(`${base}/models`, lifeline);
    return typed;
  }
  if (models !== undefined) {
    await checkKey(http, `${base}/chat/completions`, lifeline);
    return models;
  }
  if (keyCheck !== undefined) await http.get(base + keyCheck, lifeline);
  try {
    const listed = await firstList(asking, lifeline);
    if (server === 'llama-cpp') return await withProps(listed, asking, lifeline);
    return server === 'tabby' ? await withLoaded(listed, asking, lifeline) : listed;
  } catch (error) {
    // A server without a list can be used all the same, if the person knows the name of its model.
    const hasNoList = error instanceof AiError && error.status !== undefined && [404, 405, 501].includes(error.status);
    if (hasNoList && row.address.type === 'asked' && typed.length > 0) return typed;
    throw error;
  }
}

/** Where these say no, the next address would say the same. */
const final: ReadonlySet<Fault | undefined> = new Set<Fault | undefined>([
  'network',
  'site-access',
  'timeout',
  'redirect',
  'secret-missing',
]);

async function firstList({ row, http, base }: Asking, lifeline: Lifeline): Promise<readonly ModelInfo[]> {
  const { lists, notChat, listShape } = row.quirks;
  const urls = lists?.(base) ?? [`${base}/models`];
  for (const url of urls.slice(0, -1)) {
    try {
      return parseModelList(await http.get(url, lifeline), notChat, listShape);
    } catch (error) {
      if (!(error instanceof AiError) || final.has(error.fault) || lifeline.signal.aborted) throw error;
    }
  }
  return parseModelList(await http.get(urls.at(-1) ?? '', lifeline), notChat, listShape);
}

/** A request without messages costs nothing, and a key that is no good is refused before that is noticed. */
async function checkKey(http: Http, url: string, lifeline: Lifeline): Promise<void> {
  try {
    await http.call('POST', url, {}, lifeline);
  } catch (error) {
    if (!(error instanceof AiError) || error.fault !== 'invalid-request') throw error;
  }
}

const count = v.fallback(v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1))), undefined);
const flag = v.fallback(v.nullish(v.boolean()), undefined);
const propsSchema = v.object({
  default_generation_settings: v.fallback(v.nullish(v.object({ n_ctx: count })), undefined),
  modalities: v.fallback(v.nullish(v.object({ vision: flag, audio: flag })), undefined),
});

/**
 * llama.cpp tells the context of its slots in `/props` (its list has only what the model was trained with). The list is open to everyone and
 * `/props` is not, so that this also tells whether the key is good. A router has one for each loaded model.
 */
async function withProps(
  listed: readonly ModelInfo[],
  { http, base }: Asking,
  lifeline: Lifeline,
): Promise<readonly ModelInfo[]> {
  const propsOf = async (model: ModelInfo, query: string): Promise<ModelInfo> => {
    const json = await optional(http.get(`${rootOf(base)}/props${query}`, lifeline));
    const props = v.safeParse(propsSchema, json);
    if (!props.success) return model;
    const { default_generation_settings, modalities } = props.output;
    const contextTokens = default_generation_settings?.n_ctx ?? undefined;
    return {
      ...model,
      ...(contextTokens !== undefined && { contextTokens }),
      ...(modalities != null && {
        inputs: [
          'text' as const,
          ...(modalities.vision ? ['image' as const] : []),
          ...(modalities.audio ? ['audio' as const] : []),
        ],
      }),
    };
  };
  const isRouter = listed.some(({ loaded }) => loaded !== undefined);
  if (!isRouter) return Promise.all(listed.map((model) => propsOf(model, '')));
  return Promise.all(listed.map((model) => (model.loaded ? propsOf(model, `?model=${encodeURIComponent(model.id)}`) : model)));
}

const loadedSchema = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(limits.modelChars)),
  parameters: v.fallback(v.nullish(v.object({ max_seq_len: count })), undefined),
});

/** TabbyAPI names what is loaded, and its context, in `/model`; without an admin's key its list holds nothing else. */
async function withLoaded(
  listed: readonly ModelInfo[],
  { http, base }: Asking,
  lifeline: Lifeline,
): Promise<readonly ModelInfo[]> {
  const current = v.safeParse(loadedSchema, await optional(http.get(`${base}/model`, lifeline)));
  if (!current.success && listed.length === 0) throw backendError('no-model', 'The server has no model loaded.');
  const loaded = current.success ? current.output : undefined;
  const contextTokens = loaded?.parameters?.max_seq_len ?? undefined;
  return listed.map((model) =>
    model.id === loaded?.id
      ? { ...model, loaded: true, ...(contextTokens !== undefined && { contextTokens }) }
      : { ...model, loaded: false },
  );
}

/** Undefined where the server has no such route; a refused key is a refused key. */
async function optional(question: Promise<unknown>): Promise<unknown> {
  try {
    return await question;
  } catch (error) {
    if (error instanceof AiError && error.fault !== undefined && !['auth', 'forbidden', 'timeout'].includes(error.fault))
      return undefined;
    throw error;
  }
}
