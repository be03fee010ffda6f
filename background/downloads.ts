/** Brings model files onto this device, one download a model, with progress, and can be stopped. */

import type { DeviceModel, DeviceModelState, ModelStore } from '../protocol/engine';
import { AiError, backendError, type PersonError, toAiError, toPersonError } from '../protocol/errors';
import type { DeviceModelView } from '../protocol/ui-messages';
import type { Egress } from './egress';
import type { KeepAlive } from './keep-alive';

export interface Downloads {
  views(): Promise<readonly DeviceModelView[]>;
  /** Resolves when the model is on this device; a second call joins the first. @throws AiError */
  download(modelId: string): Promise<void>;
  cancel(modelId: string): void;
  remove(modelId: string): Promise<void>;
}

interface DownloadDeps {
  readonly models: readonly DeviceModel[];
  readonly store: ModelStore;
  readonly egress: Pick<Egress, 'download'>;
  readonly keepAlive: KeepAlive;
  readonly now: () => number;
  readonly onChange: () => void;
}

/** Each chunk would be a snapshot for every open page. */
const progressInterval = 250;

interface Active {
  receivedBytes: number;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

export function createDownloads({ models, store, egress, keepAlive, now, onChange }: DownloadDeps): Downloads {
  const active = new Map<string, Active>();
  const failures = new Map<string, PersonError>();
  /** What the file system said: each overview asks, and only a download or a removal here changes it. */
  const stored = new Map<string, Promise<boolean>>();

  const isStored = (model: DeviceModel) => {
    const known = stored.get(model.id) ?? store.has(model);
    stored.set(model.id, known);
    known.catch(() => stored.delete(model.id));
    return known;
  };

  const find = (modelId: string) => {
    const model = models.find(({ id }) => id === modelId);
    if (!model) throw new AiError('invalid-request', 'There is no such model.', { field: 'modelId' });
    return model;
  };

  const fetchModel = async (model: DeviceModel, abort: AbortController, onProgress: (bytes: number) => void) => {
    const release = keepAlive.hold();
    try {
      const response = await egress.download(model.url, abort.signal).catch((cause) => {
        throw abort.signal.aborted ? abort.signal.reason : backendError('network', 'The model hub does not answer.', { cause });
      });
      if (!response.ok || !response.body)
        throw backendError('server', 'The model hub did not send the file.', { status: response.status });
      await store.write(model, response.body, onProgress, abort.signal);
    } finally {
      release();
    }
  };

  const stateOf = async (model: DeviceModel): Promise<DeviceModelState | { type: 'failed'; error: PersonError }> => {
    const running = active.get(model.id);
    if (running) return { type: 'downloading', receivedBytes: running.receivedBytes };
    if (await isStored(model)) return { type: 'ready' };
    const error = failures.get(model.id);
    return error ? { type: 'failed', error } : { type: 'absent' };
  };

  const cancel = (modelId: string) =>
    active.get(modelId)?.abort.abort(new AiError('aborted', 'The person stopped the download.'));

  return {
    views: () => Promise.all(models.map(async (model) => ({ model, state: await stateOf(model) }))),

    download(modelId) {
      const model = find(modelId);
      const running = active.get(modelId);
      if (running) return running.done;
      const abort = new AbortController();
      failures.delete(modelId);
      let shownAt = 0;
      const onProgress = (receivedBytes: number) => {
        entry.receivedBytes = receivedBytes;
        if (now() - shownAt < progressInterval) return;
        shownAt = now();
        onChange();
      };
      const done = fetchModel(model, abort, onProgress)
        .catch((caught: unknown) => {
          const error = toAiError(caught);
          if (error.code !== 'aborted') failures.set(modelId, toPersonError(error));
          throw error;
        })
        .finally(() => {
          active.delete(modelId);
          stored.delete(modelId);
          onChange();
        });
      const entry: Active = { receivedBytes: 0, abort, done };
      active.set(modelId, entry);
      onChange();
      return done;
    },

    cancel,

    async remove(modelId) {
      cancel(modelId);
      await active.get(modelId)?.done.catch(() => undefined);
      await store.remove(find(modelId));
      stored.delete(modelId);
      onChange();
    },
  };
}
