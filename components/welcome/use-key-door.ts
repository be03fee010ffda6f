/** What **Connect** does with a key, and with an address: that one is first asked whose server it is. */

import { useState } from 'preact/hooks';
import type { PersonError } from '../../protocol/errors';
import type { UiOperations } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { askDataConsent } from '../data-consent';
import { type Added, addConnection, savedAt } from '../options/add-connection';
import { fieldError } from '../options/form-values';
import { serverName } from '../provider-name';
import { useAction } from '../use-action';

export interface KeyDoorActions {
  readonly connect: (input: UiOperations['connection-add']['input']) => void;
  readonly connectServer: (address: string) => void;
  readonly busy: boolean;
  /** What is at the address, where that is nobody who could be connected. */
  readonly found: 'nothing' | 'unknown' | undefined;
  readonly failure: PersonError | undefined;
  /** What is wrong with what was typed. */
  readonly fieldError: string | undefined;
  /** Something else is typed now. */
  readonly reset: () => void;
}

export function useKeyDoor(onAdded: (added: Added) => void): KeyDoorActions {
  const { client, shell } = useApp();
  const { run, busy, failure } = useAction();
  const [found, setFound] = useState<'nothing' | 'unknown'>();
  const [isStale, setStale] = useState(false);

  const add = (input: UiOperations['connection-add']['input']) => addConnection(client, input).then(onAdded);
  const addServer = async (address: string) => {
    await askDataConsent(shell, { providerId: 'openai-compatible', baseUrl: address });
    const seen = await client.call('identify-server', { address });
    if (seen.type === 'found') {
      const { providerId, baseUrl } = seen.server;
      return add({ providerId, baseUrl, name: serverName(seen.server) });
    }
    // Whoever wants a key speaks most likely as OpenAI does; the test says more, and the form asks for the key.
    if (seen.type === 'locked') {
      const saved = savedAt(client.overview.value?.connections ?? [], address);
      const server = { providerId: saved?.providerId ?? 'openai-compatible', baseUrl: address };
      return add({ ...server, name: serverName(server) });
    }
    setFound(seen.type);
  };
  const begin = (work: () => Promise<unknown>) => {
    setFound(undefined);
    setStale(false);
    run(work);
  };

  const said = isStale ? undefined : failure;
  const fields = said && fieldError(said);
  return {
    connect: (input) => begin(() => askDataConsent(shell, input).then(() => add(input))),
    connectServer: (address) => begin(() => addServer(address)),
    busy,
    found,
    failure: said,
    fieldError: fields?.baseUrl ?? fields?.key,
    reset() {
      setFound(undefined);
      setStale(true);
    },
  };
}
