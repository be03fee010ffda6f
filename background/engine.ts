/** The background's end of the on-device engine: brings up the context that runs the model and speaks to it over a port of its own. */

import { type ChannelPort, createCaller } from '../protocol/channel';
import type { DeviceModel, Engine, EngineCall, ModelStore } from '../protocol/engine';
import { backendError } from '../protocol/errors';

export interface EngineHost extends Engine {
  /** The engine's context came up and connected. */
  connected(port: ChannelPort): void;
}

interface EngineDeps {
  readonly models: readonly DeviceModel[];
  readonly store: Pick<ModelStore, 'has'>;
  /** Undefined where this browser has no context that can run the model. */
  readonly open: (() => Promise<void>) | undefined;
}

const startTimeout = 15_000;
type EngineCaller = ReturnType<typeof createCaller<EngineCall>>;

export function createEngine({ models, store, open }: EngineDeps): EngineHost {
  let caller: EngineCaller | undefined;
  let arrived: ((caller: EngineCaller) => void) | undefined;
  let starting: Promise<EngineCaller> | undefined;

  /** Calls that come while the context starts wait for the same arrival. */
  const start = async (): Promise<EngineCaller> => {
    if (caller) return caller;
    starting ??= bringUp().finally(() => {
      starting = undefined;
    });
    return starting;
  };

  const bringUp = async (): Promise<EngineCaller> => {
    if (!open) throw backendError('engine', 'This browser cannot run a model in Oriel yet.');
    const arrival = new Promise<EngineCaller>((resolve) => {
      arrived = resolve;
    });
    await open();
    const late = new Promise<never>((_resolve, reject) =>
      setTimeout(() => reject(backendError('engine', 'The engine did not start.', { retryable: false })), startTimeout),
    );
    return Promise.race([arrival, late]);
  };

  return {
    models: () => (open ? models : []),
    isReady: async (modelId) => {
      const model = models.find(({ id }) => id === modelId);
      return model !== undefined && store.has(model);
    },

    async *generate(modelId, request, signal) {
      const model = models.find(({ id }) => id === modelId);
      if (!model || !(await store.has(model))) throw backendError('no-model', 'The model is not on this device.');
      yield* (await start()).stream({ type: 'generate', model, request }, signal);
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
