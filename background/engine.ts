/** The background's end of the on-device engine: brings up the context that runs the model and speaks to it over a port of its own. */

import { type ChannelPort, createCaller } from '../protocol/channel';
import type { DeviceEngine, Engine, EngineCall, EngineStatus, ModelFiles } from '../protocol/engine';
import { backendError } from '../protocol/errors';

export interface EngineHost extends Engine {
  /** The engine's context came up and connected. */
  connected(port: ChannelPort): void;
  /** Undefined while nothing runs that could compute; nothing is brought up for the question. */
  status(): Promise<EngineStatus | undefined>;
  /** Gives back the memory of this model, where it is in memory. */
  unload(modelId: string): Promise<void>;
}

interface EngineDeps {
  readonly files: Pick<ModelFiles, 'list' | 'find'>;
  /** Brings up another context that runs the model and connects. Undefined where the background can run it itself. */
  readonly open: (() => Promise<void>) | undefined;
  /** Runs the model beside the background, in workers of it. */
  readonly own: () => Promise<DeviceEngine>;
}

const startTimeout = 15_000;
type EngineCaller = ReturnType<typeof createCaller<EngineCall>>;

export function createEngine({ files, open, own }: EngineDeps): EngineHost {
  let caller: EngineCaller | undefined;
  let arrived: ((caller: EngineCaller) => void) | undefined;
  let starting: Promise<EngineCaller> | undefined;
  let beside: DeviceEngine | undefined;

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
    models: async () => (await files.list()).filter(({ isComplete }) => isComplete).map(({ model }) => model),

    async *generate(modelId, request, signal) {
      const stored = await files.find(modelId);
      if (!stored?.isComplete) throw backendError('no-model', 'The model is not on this device.');
      const call = { type: 'generate', model: stored.model, request } as const;
      if (open) yield* (await start(open)).stream(call, signal);
      else {
        beside = await own();
        yield* beside.generate(call, signal);
      }
    },

    status: async () => (caller ? ((await caller.call({ type: 'status' })) as EngineStatus) : beside?.status()),

    async unload(modelId) {
      await (caller ? caller.call({ type: 'unload', modelId }) : beside?.unload(modelId));
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
