/** Brings model files onto this device, one download a model, with progress. One that was paused or broke off goes on where it ended. */

import type { DeviceModelView } from '../protocol/device-messages';
import type { DeviceModel, DeviceSpeed, ModelStore, StoredModel } from '../protocol/engine';
import { AiError, backendError, type PersonError, toAiError, toPersonError } from '../protocol/errors';
import { readRange } from './content-range';
import type { Egress } from './egress';
import type { KeepAlive } from './keep-alive';

export interface Downloads {
  /** The shelf, then what else is here or on its way. */
  views(): Promise<readonly DeviceModelView[]>;
  /** Takes up a model that is not on the shelf, so that it can be downloaded. @throws AiError `invalid-request` */
  add(model: DeviceModel): void;
  /** Resolves when the model is on this device; a second call joins the first. @throws AiError */
  download(modelId: string): Promise<void>;
  /** What is here stays here. */
  pause(modelId: string): void;
  /** Stops a download, and takes away what is here. */
  remove(modelId: string): Promise<void>;
  /** The engine has noted how fast this model is here. */
  measured(modelId: string, speed: DeviceSpeed): Promise<void>;
  /** Files were written by one of Oriel's pages: they are looked at anew. */
  imported(): void;
}

interface DownloadDeps {
  readonly shelf: readonly DeviceModel[];
  readonly store: ModelStore;
  readonly egress: Pick<Egress, 'download'>;
  readonly keepAlive: KeepAlive;
  /** What the browser says of its storage. */
  readonly estimate: () => Promise<StorageEstimate>;
  /** Resolves after so many milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  readonly onChange: () => void;
}

/** Each chunk would be a snapshot for every open page. */
const progressInterval = 250;
/** Between tries at a network that is away, in milliseconds; the last word is the person's. */
const pauses = [1_000, 2_000, 4_000, 8_000];
/** The browser's own files, and the next answer's activity, need room as well. */
const spareBytes = 32 * 1024 * 1024;

interface Active {
  state: DeviceModelView['state'];
  readonly abort: AbortController;
  readonly done: Promise<void>;
  /** Progress that is to be shown soon. */
  shown?: ReturnType<typeof setTimeout> | undefined;
}

export function createDownloads(deps: DownloadDeps): Downloads {
  const { shelf, store, egress, keepAlive, estimate, wait, onChange } = deps;
  const added = new Map<string, DeviceModel>();
  const active = new Map<string, Active>();
  const failures = new Map<string, PersonError>();
  /** What the file system said: each overview asks, and only what is done here changes it. */
  let stored: Promise<readonly StoredModel[]> | undefined;

  const look = () => {
    stored ??= store.list().catch((error) => {
      stored = undefined;
      throw error;
    });
    return stored;
  };

  const changed = () => {
    stored = undefined;
    onChange();
  };

  const find = async (modelId: string): Promise<DeviceModel> => {
    const model =
      [...shelf, ...added.values()].find(({ id }) => id === modelId) ??
      (await look()).find((one) => one.model.id === modelId)?.model;
    if (!model) throw new AiError('invalid-request', 'There is no such model.', { field: 'modelId' });
    return model;
  };

  const ask = async ({ url, start, modelId }: Part, from: StoredModel | undefined, signal: AbortSignal) => {
    const received = (from?.receivedBytes ?? 0) - start;
    const validator = from?.validator;
    const headers =
      received > 0 ? { range: `bytes=${received}-`, ...(validator !== undefined && { 'if-range': validator }) } : {};
    const response = await egress.download(url, signal, headers).catch((cause) => {
      throw signal.aborted
        ? signal.reason
        : backendError('network', 'The model hub does not answer.', { cause, retryable: true });
    });
    const range = readRange(response, received);
    if (!range || !response.body) {
      await response.body?.cancel();
      // What is here is longer than the file there: it is another file now.
      if (response.status === 416) await store.remove(modelId);
      const { status } = response;
      throw backendError('server', 'The model hub did not send the file.', {
        status,
        retryable: status === 416 || status >= 500,
      });
    }
    return { ...range, body: response.body, isAnew: range.start < received };
  };

  const needRoom = async (bytes: number) => {
    const { quota, usage = 0 } = await estimate();
    if (quota === undefined || bytes + spareBytes <= quota - usage) return;
    throw backendError('no-room', 'There is no room for the model on this device.', {
      detail: `${bytes} bytes are needed, ${Math.max(quota - usage, 0)} are free.`,
    });
  };

  /** @returns whether all is here */
  const fetchNext = async (model: DeviceModel, entry: Active, onProgress: (bytes: number) => void): Promise<boolean> => {
    const { signal } = entry.abort;
    const before = await store.find(model.id);
    const received = before?.receivedBytes ?? 0;
    const part = partAt(model, received);
    if (model.bytes !== undefined) {
      if (received === model.bytes) return true;
      await needRoom(model.bytes - received);
    }
    const { start, total, validator, body, isAnew } = await ask(part, before, signal);
    try {
      if (part.bytes !== undefined && total !== undefined && total !== part.bytes) {
        await store.remove(model.id);
        throw backendError('malformed', 'The model hub has another file.', {
          detail: `It has ${total} bytes instead of ${part.bytes}.`,
        });
      }
      if (isAnew) await store.remove(model.id);
      // The parts before this one went with it.
      if (isAnew && part.start > 0) throw backendError('interrupted', 'The model hub has another part.', { retryable: true });
      if (model.parts === undefined && total !== undefined) await needRoom(total - start);
      onProgress(part.start + start);
      const bytes = model.parts ? model.bytes : (total ?? model.bytes);
      await store.append({ ...model, bytes }, body, { validator, onProgress, signal, until: part.end });
      return part.end === undefined || part.end === model.bytes;
    } finally {
      // Nobody reads on where it was refused; of one that was read to its end this changes nothing.
      if (!body.locked) await body.cancel().catch(() => undefined);
    }
  };

  /** A network that went away is waited for a little; as long as bytes come, without an end. */
  const fetchModel = async (model: DeviceModel, entry: Active) => {
    let failed = 0;
    const onProgress = (receivedBytes: number) => {
      failed = 0;
      entry.state = { type: 'downloading', receivedBytes };
      // The last word before a silence is shown too.
      entry.shown ??= setTimeout(() => {
        entry.shown = undefined;
        onChange();
      }, progressInterval);
    };
    for (;;) {
      try {
        if (await fetchNext(model, entry, onProgress)) return;
      } catch (error) {
        const pause = pauses[failed];
        if (entry.abort.signal.aborted || !toAiError(error).retryable || pause === undefined) throw error;
        failed += 1;
        await Promise.race([wait(pause), aborted(entry.abort.signal)]);
        entry.abort.signal.throwIfAborted();
      }
    }
  };

  const bring = async (modelId: string, entry: Active) => {
    const release = keepAlive.hold();
    try {
      const model = await find(modelId);
      await fetchModel(model, entry);
      entry.state = { type: 'checking' };
      onChange();
      await store.complete((await store.find(modelId))?.model ?? model, entry.abort.signal);
    } catch (caught) {
      const error = toAiError(caught);
      if (error.code !== 'aborted') failures.set(modelId, toPersonError(error));
      throw error;
    } finally {
      release();
      clearTimeout(entry.shown);
      active.delete(modelId);
      changed();
    }
  };

  const stateOf = (modelId: string, here: StoredModel | undefined): DeviceModelView['state'] => {
    const running = active.get(modelId);
    if (running) return running.state;
    if (here?.isComplete) return { type: 'ready' };
    const error = failures.get(modelId);
    const receivedBytes = here?.receivedBytes ?? 0;
    if (error) return { type: 'failed', error, receivedBytes };
    return here ? { type: 'paused', receivedBytes } : { type: 'absent' };
  };

  const pause = (modelId: string) => active.get(modelId)?.abort.abort(new AiError('aborted', 'The person stopped the download.'));

  return {
    async views() {
      const here = new Map((await look()).map((one) => [one.model.id, one]));
      const listed = new Map(shelf.map((model) => [model.id, model]));
      const others = [...added.values(), ...[...here.values()].map(({ model }) => model)].filter(({ id }) => !listed.has(id));
      for (const model of others) listed.set(model.id, model);
      return [...listed.values()].map((model) => {
        const found = here.get(model.id);
        return { model: found ? known(model, found.model) : model, state: stateOf(model.id, found) };
      });
    },

    add(model) {
      added.set(model.id, model);
    },

    download(modelId) {
      const running = active.get(modelId);
      if (running) return running.done;
      failures.delete(modelId);
      const entry: { -readonly [Key in keyof Active]: Active[Key] } = {
        state: { type: 'downloading', receivedBytes: 0 },
        abort: new AbortController(),
        done: Promise.resolve(),
      };
      active.set(modelId, entry);
      entry.done = bring(modelId, entry);
      onChange();
      return entry.done;
    },

    pause,

    async remove(modelId) {
      pause(modelId);
      await active.get(modelId)?.done.catch(() => undefined);
      await store.remove((await find(modelId)).id);
      added.delete(modelId);
      failures.delete(modelId);
      changed();
    },

    async measured(modelId, { reads, writes }) {
      const known = (await look()).find(({ model }) => model.id === modelId)?.model.speed;
      if (known?.reads !== reads || known?.writes !== writes) changed();
    },

    imported: changed,
  };
}

/** The file of which the next byte is. */
interface Part {
  readonly modelId: string;
  readonly url: string;
  /** In the model's bytes. */
  readonly start: number;
  readonly bytes?: number | undefined;
  /** Absent: it is the only one. */
  readonly end?: number | undefined;
}

function partAt({ id: modelId, url, bytes, parts = [] }: DeviceModel, received: number): Part {
  let start = 0;
  for (const part of parts) {
    const end = start + part.bytes;
    if (received < end) return { modelId, url: part.url, bytes: part.bytes, start, end };
    start = end;
  }
  if (url === undefined) throw new AiError('invalid-request', 'This model came from a file.', { field: 'modelId' });
  return { modelId, url, bytes, start: 0 };
}

/** What is here knows what its file is, the shelf what is to be said of that file today: the record is as old as the download. */
const known = (listed: DeviceModel, here: DeviceModel): DeviceModel => ({
  ...listed,
  ...here,
  mark: listed.mark,
  score: listed.sha256 === here.sha256 ? listed.score : here.score,
});

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
