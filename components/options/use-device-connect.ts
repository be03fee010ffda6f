/** Fetches a model onto this device and connects it once it is there; goes on while its dialog is closed. */

import { useEffect, useState } from 'preact/hooks';
import type { DeviceModelView } from '../../protocol/device-messages';
import type { DeviceModel } from '../../protocol/engine';
import { type PersonError, toPersonError } from '../../protocol/errors';
import type { ConnectionView, Overview, UiOperations } from '../../protocol/ui-messages';
import { useApp } from '../context';

const providerId = 'on-device';

export interface DeviceConnect {
  /** Downloads where needed, or goes on with that, then connects. */
  readonly start: (view: DeviceModelView) => void;
  /** Connects a model once it is here; somebody else brings it. */
  readonly follow: (modelId: string) => void;
  readonly pause: (modelId: string) => void;
  /** Stops a download, and deletes what is here. */
  readonly remove: (modelId: string) => void;
  readonly isWanted: (modelId: string) => boolean;
  readonly failureOf: (modelId: string) => PersonError | undefined;
}

/** What makes embeddings is found by any connection of this device. */
export const isConnected = (connections: readonly ConnectionView[], { id, makesEmbeddings }: DeviceModel): boolean =>
  connections.some((one) => one.providerId === providerId && (makesEmbeddings || one.defaultModel === id));

/** @param onConnected a model has arrived here, and answers */
export function useDeviceConnect(
  { device = [], connections }: Overview,
  onConnected?: (added: UiOperations['connection-add']['output']) => void,
): DeviceConnect {
  const { client } = useApp();
  const [wanted, setWanted] = useState<ReadonlySet<string>>(new Set());
  const [failures, setFailures] = useState<ReadonlyMap<string, PersonError>>(new Map());

  const want = (modelId: string, isWanted: boolean) =>
    setWanted((before) => new Set(isWanted ? [...before, modelId] : [...before].filter((id) => id !== modelId)));
  const fail = (modelId: string, error: PersonError) => {
    want(modelId, false);
    // The person's own Pause or Cancel is no failure.
    if (error.code !== 'aborted') setFailures((before) => new Map(before).set(modelId, error));
  };
  const failed = (modelId: string) => (error: unknown) => fail(modelId, toPersonError(error));

  const arrived = device.find(({ model, state }) => wanted.has(model.id) && state.type === 'ready')?.model;
  // Runs once for each model that has arrived.
  useEffect(() => {
    if (!arrived || isConnected(connections, arrived)) return;
    client
      .call('connection-add', { providerId, name: arrived.name, defaultModel: arrived.makesEmbeddings ? undefined : arrived.id })
      .then((test) => {
        want(arrived.id, false);
        if (test.type === 'failed') fail(arrived.id, test.error);
        else onConnected?.(test);
      }, failed(arrived.id));
  }, [arrived?.id]);

  return {
    start({ model, state }) {
      setFailures((before) => new Map([...before].filter(([id]) => id !== model.id)));
      want(model.id, true);
      if (state.type !== 'ready') client.call('device-download', { modelId: model.id }).catch(failed(model.id));
    },
    follow: (modelId) => want(modelId, true),
    pause(modelId) {
      client.call('device-pause', { modelId }).catch(failed(modelId));
    },
    remove(modelId) {
      want(modelId, false);
      setFailures((before) => new Map([...before].filter(([id]) => id !== modelId)));
      client.call('device-remove', { modelId }).catch(failed(modelId));
    },
    isWanted: (modelId) => wanted.has(modelId),
    failureOf: (modelId) => failures.get(modelId),
  };
}
