/**
 * Owns what text-generation-webui has beside Chat Completions (its docs, "OpenAI-compatible API"; backends/local.md 5.2): it ignores the model
 * that a request names, so that somebody must see to it that this one is loaded.
 */

import * as v from 'valibot';
import { AiError, backendError } from '../../protocol/errors';
import type { ModelInfo, StreamPart } from '../../protocol/generate';
import { limits } from '../../protocol/limits';
import type { Http } from '../http';
import type { Lifeline } from '../lifeline';

const nameSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(limits.modelChars));
const infoSchema = v.object({ model_name: nameSchema });
const listSchema = v.object({ model_names: v.array(v.unknown()) });

/** The loaded model first, then what lies on its disk where the key is an administrator's. `/v1/models` of older versions invents names. */
export async function webUiModels(http: Http, base: string, lifeline: Lifeline): Promise<readonly ModelInfo[]> {
  const loaded = await loadedModel(http, base, lifeline);
  const onDisk = await modelsOnDisk(http, base, lifeline);
  if (loaded === undefined && onDisk.length === 0) throw noModel();
  const names = new Set([...(loaded === undefined ? [] : [loaded]), ...onDisk]);
  return [...names].map((id) => ({ id, name: id.replace(/\.gguf$/i, ''), loaded: id === loaded }));
}

/**
 * Loads the model that was asked for, where it lies on the server's disk and is not the loaded one. Whatever else was asked for, the loaded
 * model answers. Throws AiError `no-model` where there is none.
 * @param contextTokens the context to load it with; the server decides where absent
 */
export async function* loadModel(
  { http, base, lifeline }: { readonly http: Http; readonly base: string; readonly lifeline: Lifeline },
  model: string,
  contextTokens: number | undefined,
): AsyncGenerator<StreamPart, void, undefined> {
  const loaded = await loadedModel(http, base, lifeline);
  if (loaded === model) return;
  if (!(await modelsOnDisk(http, base, lifeline)).includes(model)) {
    if (loaded === undefined) throw noModel();
    return;
  }
  yield { type: 'progress', stage: 'loading' };
  const args = contextTokens === undefined ? {} : { args: { ctx_size: contextTokens } };
  await http.call('POST', `${base}/internal/model/load`, { model_name: model, ...args }, lifeline, limits.headersTimeout.local);
}

const noModel = (): AiError => backendError('no-model', 'The server has no model loaded.');

/** Undefined where nothing is loaded: it says so with the word `None`. */
async function loadedModel(http: Http, base: string, lifeline: Lifeline): Promise<string | undefined> {
  const info = v.safeParse(infoSchema, await http.get(`${base}/internal/model/info`, lifeline));
  if (!info.success) throw backendError('malformed', 'The backend does not say which model is loaded.');
  return info.output.model_name === 'None' ? undefined : info.output.model_name;
}

/** Nothing where the key is not an administrator's. */
async function modelsOnDisk(http: Http, base: string, lifeline: Lifeline): Promise<readonly string[]> {
  try {
    const list = v.safeParse(listSchema, await http.get(`${base}/internal/model/list`, lifeline));
    const names = list.success ? list.output.model_names : [];
    return names.filter((name) => v.is(nameSchema, name) && name !== 'None') as readonly string[];
  } catch (error) {
    const isRefused = error instanceof AiError && error.fault !== 'timeout' && !lifeline.signal.aborted;
    if (isRefused) return [];
    throw error;
  }
}
