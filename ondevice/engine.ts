/** Runs models on this device: one model in memory, one answer at a time, out of memory when nobody asks. It knows neither files nor ports. */

import type { DeviceEngine, DeviceModel, EngineStatus } from '../protocol/engine';
import { AiError, backendError, toAiError } from '../protocol/errors';
import { answer } from './answer';
import { toChatOptions } from './chat-options';
import type { NoteSpeed, Timings } from './speed';
import { stopInTime } from './stop-in-time';
import { createTurns } from './turns';
import type { ChatStep, Runtime } from './wllama-runtime';

/** What the engine needs from the context it runs in. */
export interface EngineHostOptions {
  readonly openModel: (modelId: string) => Promise<Blob | undefined>;
  readonly createRuntime: () => Runtime;
  readonly noteSpeed?: NoteSpeed | undefined;
  /** Called when nothing was asked for `idleTimeout`; the model is out of memory by then. */
  readonly onIdle?: (() => void) | undefined;
  readonly loadTimeout?: number | undefined;
  readonly idleTimeout?: number | undefined;
}

const minute = 60_000;

/** Loads models when they are asked for and answers with them. */
export function createEngineHost({ onIdle, noteSpeed, idleTimeout = 5 * minute, ...options }: EngineHostOptions): DeviceEngine {
  const turns = createTurns();
  const { load, unload, loaded } = createLoader(options);
  let measured: EngineStatus['measured'];
  let idle: ReturnType<typeof setTimeout> | undefined;

  const waitForIdle = () => {
    idle = setTimeout(() => void unload().then(onIdle), idleTimeout);
  };

  /** Nobody waits for it, and no answer is worse where it fails. */
  const note = (modelId: string, timings: Timings) =>
    noteSpeed?.(modelId, timings).then(
      (speed) => {
        if (speed) measured = { modelId, speed };
      },
      () => undefined,
    );

  /** @returns what ends the turn */
  const begin = async (signal: AbortSignal) => {
    const endTurn = await turns.take(signal);
    clearTimeout(idle);
    return () => {
      waitForIdle();
      endTurn();
    };
  };

  const failed = async (error: unknown, signal: AbortSignal, formed = '') => {
    const known = toEngineError(error, signal, formed);
    // A crashed engine answers nothing more: the next call starts a new one.
    if (known.fault === 'engine') await unload();
    return known;
  };

  waitForIdle();
  return {
    status: () => ({
      modelId: loaded()?.model.id,
      threads: loaded()?.runtime.threads() ?? 0,
      isGenerating: turns.count() > 0,
      waiting: Math.max(turns.count() - 1, 0),
      measured,
    }),

    async unload(modelId) {
      if (loaded()?.model.id === modelId) await unload();
    },

    async *generate({ model, request }, signal) {
      if (model.makesEmbeddings) throw unsuited('The model makes embeddings alone.');
      const chat = toChatOptions(request, model);
      if (turns.count() > 0) yield { type: 'progress', stage: 'queued', position: turns.count() };
      const endTurn = await begin(signal);
      try {
        if (!isSame(loaded()?.model, model)) yield { type: 'progress', stage: 'loading' };
        const runtime = await load(model, signal);
        yield { type: 'progress', stage: 'processing' };
        yield { type: 'start', model: model.id, warnings: [] };
        const run = (onStep: (step: ChatStep) => void, stop: AbortSignal) => {
          const take = (step: ChatStep) => {
            if (step.timings) void note(model.id, step.timings);
            onStep(step);
          };
          return stopInTime(runtime.chat(chat, take, stop), stop, unload);
        };
        yield* answer(run, signal, chat.tool_choice === 'none');
      } catch (error) {
        throw await failed(error, signal, chat.tools ? 'tools' : 'responseFormat');
      } finally {
        endTurn();
      }
    },

    async embed({ model, input }, signal) {
      if (!model.makesEmbeddings) throw unsuited('The model makes no embeddings.');
      const endTurn = await begin(signal);
      try {
        const runtime = await load(model, signal);
        return await stopInTime(runtime.embed(input, signal), signal, unload);
      } catch (error) {
        throw await failed(error, signal);
      } finally {
        endTurn();
      }
    },
  };
}

const unsuited = (message: string) => backendError('not-supported', message, { field: 'model' });

/** Holds at most one model in memory. */
function createLoader({
  openModel,
  createRuntime,
  loadTimeout = 2 * minute,
}: Omit<EngineHostOptions, 'onIdle' | 'noteSpeed' | 'idleTimeout'>) {
  let loaded: { readonly model: DeviceModel; readonly runtime: Runtime } | undefined;

  const unload = async () => {
    const runtime = loaded?.runtime;
    loaded = undefined;
    await runtime?.exit();
  };

  const load = async (model: DeviceModel, signal: AbortSignal): Promise<Runtime> => {
    if (loaded && isSame(loaded.model, model)) return loaded.runtime;
    await unload();
    const file = await openModel(model.id);
    if (!file) throw backendError('no-model', 'The model is not on this device.');
    const runtime = createRuntime();
    // Faults of a worker (CSP, a module that does not start) reach nobody, so loading needs an end of its own.
    const timeout = new AbortController();
    const timer = setTimeout(
      () => timeout.abort(new DOMException('The model did not load in time.', 'TimeoutError')),
      loadTimeout,
    );
    try {
      await orAborted(runtime.load(file, model), AbortSignal.any([signal, timeout.signal]));
    } catch (error) {
      await runtime.exit();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    loaded = { model, runtime };
    return runtime;
  };

  return { load, unload, loaded: () => loaded };
}

function isSame(left: DeviceModel | undefined, right: DeviceModel): boolean {
  return left?.id === right.id && left.sha256 === right.sha256 && left.contextTokens === right.contextTokens;
}

/** The promise, or the signal's reason as soon as it is aborted. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (abort) signal.removeEventListener('abort', abort);
  }
}

/** @param formed the field of the request whose schema the answer keeps to */
function toEngineError(error: unknown, signal: AbortSignal, formed: string): AiError {
  if (signal.aborted) return new AiError('aborted', 'The answer was stopped.', { cause: error });
  if (error instanceof AiError) return error;
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return backendError('engine', 'The model did not load in time.', { cause: error });
  }
  const detail = error instanceof Error ? error.message : String(error);
  // llama.cpp's words for what does not fit; it gives no code through this API.
  if (/context size|too large to process/i.test(detail))
    return backendError('context-length', 'The prompt is too long for the model.', { detail });
  // Its converter of schemas knows not all of them; asked in words, the model may still keep to it.
  if (/grammar|schema/i.test(detail))
    return backendError('not-supported', 'The engine cannot enforce this schema.', { field: formed, detail });
  return backendError('engine', 'The model on this device failed.', { cause: toAiError(error), detail });
}
