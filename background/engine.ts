/** The background's end of the on-device engine: brings up the context that runs the model and speaks to it over a port of its own. */

import { type ChannelPort, createCaller } from '../protocol/channel';
import type { DeviceEmbeddings, Engine, EngineCall, EngineCalls, EngineStatus, ModelFiles } from '../protocol/engine';
import { backendError } from '../protocol/errors';

export interface EngineHost extends Engine {
  /** The engine's context came up and connected. */
  connected(port: ChannelPort): void;
  /** Undefined while nothing runs that could compute; nothing is brought up for the question. */
  status(): Promise<EngineStatus | undefined>;
  /** Gives back the memory of this model, where it is in memory. */
  unload(modelId: string): Promise<unknown>;
}

interface EngineDeps {
  readonly files: () => Promise<Pick<ModelFiles, 'list' | 'find'>>;
  /** Brings up another context that runs the model and connects. Undefined where the background can run it itself. */
  readonly open: (() => Promise<void>) | undefined;
  /** Runs the model beside the background, in workers of it. */
  readonly own: () => Promise<EngineCalls>;
}

const startTimeout = 15_000;

export function createEngine({ files, open, own }: EngineDeps): EngineHost {
  let caller: EngineCalls | undefined;
  let arrived: ((caller: EngineCalls) => void) | undefined;
  let starting: Promise<EngineCalls> | undefined;

  /** Calls that come while the context starts wait for the same arrival. */
  const reach = async (): Promise<EngineCalls> => {
    if (caller) return caller;
    starting ??= bringUp().finally(() => {
      starting = undefined;
    });
    return starting;
  };

  const bringUp = async (): Promise<EngineCalls> => {
    if (!open) {
      caller = await own();
      return caller;
    }
    return new Promise((resolve, reject) => {
      arrived = resolve;
      const late = backendError('engine', 'The engine did not start.');
      open().then(() => setTimeout(reject, startTimeout, late), reject);
    });
  };

  const modelOf = async (modelId: string) => {
    const stored = await (await files()).find(modelId);
    if (!stored?.isComplete) throw backendError('no-model', 'The model is not on this device.');
    return stored.model;
  };

  return {
    models: async () => (await (await files()).list()).filter(({ isComplete }) => isComplete).map(({ model }) => model),

    async *generate(modelId, request, signal) {
      const call = { type: 'generate', model: await modelOf(modelId), request } as const;
      yield* (await reach()).stream(call, signal);
    },

    async embed(modelId, input, signal) {
      const call = { type: 'embed', model: await modelOf(modelId), input } as const;
      return (await (await reach()).call(call, { signal })) as DeviceEmbeddings;
    },

    status: async () => caller?.call({ type: 'status' }) as Promise<EngineStatus | undefined>,

    unload: async (modelId) => caller?.call({ type: 'unload', modelId }),

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
