/**
 * The public JSON of the model hub: searches for repositories with GGUF files, and lists the files of one.
 * https://huggingface.co/docs/hub/api, `GET /api/models` and `GET /api/models/{repository}/tree/{revision}`.
 */

import * as v from 'valibot';
import type { HubFile, HubRepository } from '../protocol/device-messages';
import { backendError } from '../protocol/errors';
import { partsOf } from '../protocol/model-parts';

export interface ModelHub {
  /** The most used first. @throws AiError */
  search(query: string, signal: AbortSignal): Promise<readonly HubRepository[]>;
  /** The files that the engine can take, the smallest first. @throws AiError */
  files(repository: string, signal: AbortSignal): Promise<readonly HubFile[]>;
}

const mostResults = 20;
/** The engine addresses its memory with 32 bits, and the model's context needs some of it. */
const mostBytes = 3_500_000_000;
/** A projector is only a part of a model that sees. */
const isNoModel = /mmproj|imatrix/i;

const repositories = v.array(
  v.object({
    id: v.string(),
    downloads: v.optional(v.number()),
    tags: v.optional(v.array(v.string()), []),
    private: v.optional(v.boolean()),
    /** The owner lets in only whom they know, and Oriel has no account there. */
    gated: v.optional(v.unknown()),
  }),
);
const tree = v.array(
  v.object({
    type: v.string(),
    path: v.string(),
    size: v.number(),
    lfs: v.optional(v.object({ oid: v.string(), size: v.number() })),
  }),
);

/** @param origin of the hub, without a slash at its end */
export function createModelHub(origin: string, ask: (url: string, signal: AbortSignal) => Promise<Response>): ModelHub {
  async function read<Schema extends v.GenericSchema>(
    path: string,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<v.InferOutput<Schema>> {
    const response = await ask(`${origin}${path}`, signal).catch((cause) => {
      throw signal.aborted ? signal.reason : backendError('network', 'The model hub does not answer.', { cause });
    });
    if (!response.ok) {
      await response.body?.cancel();
      const fault = response.status === 429 ? 'rate-limit' : 'server';
      throw backendError(fault, 'The model hub refused.', { status: response.status });
    }
    const parsed = v.safeParse(schema, await response.json().catch(() => undefined));
    if (!parsed.success) throw backendError('malformed', 'The model hub answered something else.');
    return parsed.output;
  }

  return {
    async search(query, signal) {
      const asked = new URLSearchParams({
        search: query,
        filter: 'gguf',
        sort: 'downloads',
        direction: '-1',
        limit: String(mostResults),
      });
      const found = await read(`/api/models?${asked}`, repositories, signal);
      return found
        .filter(({ gated, private: isPrivate }) => !gated && !isPrivate)
        .map(({ id, downloads, tags }) => {
          const licence = tags.find((tag) => tag.startsWith('license:'))?.slice('license:'.length);
          return { id, ...(downloads !== undefined && { downloads }), ...(licence !== undefined && { licence }) };
        });
    },

    async files(repository, signal) {
      const entries = await read(`/api/models/${repository}/tree/main`, tree, signal);
      return entries
        .filter(({ type, path }) => type === 'file' && path.endsWith('.gguf') && !isNoModel.test(path))
        .map(({ path, size, lfs }) => ({
          name: path,
          url: `${origin}/${repository}/resolve/main/${path.split('/').map(encodeURIComponent).join('/')}`,
          bytes: lfs?.size ?? size,
          ...(lfs && /^[0-9a-f]{64}$/.test(lfs.oid) && { sha256: lfs.oid }),
        }))
        .flatMap(joined)
        .filter(({ bytes }) => bytes <= mostBytes)
        .sort((left, right) => left.bytes - right.bytes);
    },
  };
}

/** Parts that belong together are one model, in the place of the first; where one is missing, all are useless. */
function joined(file: HubFile, _index: number, files: readonly HubFile[]): HubFile[] {
  const known = partsOf(file.name);
  if (!known) return [file];
  const parts = known.names.flatMap((name) => files.filter((one) => one.name === name)).map(({ name: _name, ...part }) => part);
  if (file.name !== known.names[0] || parts.length !== known.names.length) return [];
  return [{ name: known.whole, url: file.url, bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0), parts }];
}
