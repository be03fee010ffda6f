/** The background's end of the on-device engine: brings up the context that runs the model and speaks to it over a port of its own. */

import { type ChannelPort, createCaller } from '../protocol/channel';
import type { DeviceEngine, DeviceModel, Engine, EngineCall, ModelStore } from '../protocol/engine';
import { backendError } from '../protocol/errors';

export interface EngineHost extends Engine {
  /** The engine's context came up and connected. */
  connected(port: ChannelPort): void;
}

interface EngineDeps {
  readonly models: readonly DeviceModel[];
  readonly store: Pick<ModelStore, 'has'>;
  /** Brings up another context that runs the model and connects. Undefined where the background can run it itself. */
  readonly open: (() => Promise<void>) | undefined;
  /** Runs the model beside the background, in workers of it. */
  readonly own: () => Promise<DeviceEngine>;
}

const startTimeout = 15_000;
type EngineCaller = ReturnType<typeof createCaller<EngineCall>>;

export function createEngine({ models, store, open, own }: EngineDeps): EngineHost {
  let caller: EngineCaller | undefined;
  let arrived: ((caller: EngineCaller) => void) | undefined;
  let starting: Promise<EngineCaller> | undefined;

  /** Calls that come while the context starts wait for the same arrival. */
  const start = async (openContext: () => Promise<void>): Promise<EngineCaller> => {
    if (caller) return caller;
    starting ??= bringUp(openContext).finally(() => {
      starting = undefined;
    });
    return starting;
  };

  const bringUp = async (openContext: () => Promise<void>): Promise<EngineCaller> => {
    const arrival = new Promise<EngineCaller>((resolve) => {
      arrived = resolve;
    });
    await openContext();
    const late = new Promise<never>((_resolve, reject) =>
      setTimeout(() => reject(backendError('engine', 'The engine did not start.', { retryable: false })), startTimeout),
    );
    return Promise.race([arrival, late]);
  };

  return {
    models: () => models,
    isReady: async (modelId) => {
      const model = models.find(({ id }) => id === modelId);
      return model !== undefined && store.has(model);
    },

    async *generate(modelId, request, signal) {
      const model = models.find(({ id }) => id === modelId);
      if (!model || !(await store.has(model))) throw backendError('no-model', 'The model is not on this device.');
      const call: EngineCall = { type: 'generate', model, request };
      if (open) yield* (await start(open)).stream(call, signal);
      else yield* (await own()).generate(call, signal);
    },

    connected(port) {
      const created = createCaller<EngineCall>(port, {
        onClose: () => {
          if (caller === created) caller = undefined;
        },
      });
      caller = created;
      arrived?.(created);
    },
  };
}
