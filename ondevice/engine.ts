/** Runs models on this device: one model in memory, one answer at a time, out of memory when nobody asks. It knows neither files nor ports. */

import type { DeviceEngine, DeviceModel } from '../protocol/engine';
import { AiError, backendError, toAiError } from '../protocol/errors';
import { answer } from './answer';
import { chatWarnings, toChatOptions } from './chat-options';
import { createTurns } from './turns';
import type { Runtime } from './wllama-runtime';

/** What the engine needs from the context it runs in. */
export interface EngineHostOptions {
  readonly openModel: (model: DeviceModel) => Promise<File | undefined>;
  readonly createRuntime: () => Runtime;
  /** Called when nothing was asked for `idleTimeout`; the model is out of memory by then. */
  readonly onIdle?: (() => void) | undefined;
  readonly loadTimeout?: number | undefined;
  readonly idleTimeout?: number | undefined;
}

/** What the context that runs the engine serves. */
export interface EngineHost extends DeviceEngine {
  /** Frees the model's memory at once. */
  unload(): Promise<void>;
}

const minute = 60_000;

/** Loads models when they are asked for and answers with them. */
export function createEngineHost({ onIdle, idleTimeout = 5 * minute, ...options }: EngineHostOptions): EngineHost {
  const takeTurn = createTurns();
  const { load, unload } = createLoader(options);
  let idle: ReturnType<typeof setTimeout> | undefined;

  const waitForIdle = () => {
    idle = setTimeout(() => void unload().then(onIdle), idleTimeout);
  };

  waitForIdle();
  return {
    unload,

    async *generate({ model, request }, signal) {
      const chat = toChatOptions(request);
      const endTurn = await takeTurn(signal);
      clearTimeout(idle);
      try {
        const runtime = await load(model, signal);
        yield { type: 'start', model: model.id, warnings: chatWarnings(request) };
        yield* answer(runtime, chat, signal);
      } catch (error) {
        const known = toEngineError(error, signal);
        // A crashed engine answers nothing more: the next call starts a new one.
        if (known.fault === 'engine') await unload();
        throw known;
      } finally {
        waitForIdle();
        endTurn();
      }
    },
  };
}

/** Holds at most one model in memory. */
function createLoader({ openModel, createRuntime, loadTimeout = 2 * minute }: Omit<EngineHostOptions, 'onIdle' | 'idleTimeout'>) {
  let loaded: { readonly model: DeviceModel; readonly runtime: Runtime } | undefined;

  const unload = async () => {
    const runtime = loaded?.runtime;
    loaded = undefined;
    await runtime?.exit();
  };

  const load = async (model: DeviceModel, signal: AbortSignal): Promise<Runtime> => {
    if (loaded && isSame(loaded.model, model)) return loaded.runtime;
    await unload();
    const file = await openModel(model);
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

  return { load, unload };
}

function isSame(left: DeviceModel, right: DeviceModel): boolean {
  return left.sha256 === right.sha256 && left.contextTokens === right.contextTokens;
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

function toEngineError(error: unknown, signal: AbortSignal): AiError {
  if (signal.aborted) return new AiError('aborted', 'The answer was stopped.', { cause: error });
  if (error instanceof AiError) return error;
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return backendError('engine', 'The model did not load in time.', { cause: error });
  }
  const detail = error instanceof Error ? error.message : String(error);
  // llama.cpp's words for a prompt that does not fit; it gives no code through this API.
  if (/context size/i.test(detail)) return backendError('context-length', 'The prompt is too long for the model.', { detail });
  return backendError('engine', 'The model on this device failed.', { cause: toAiError(error), detail });
}
