/** Adds a connection with one press. */

import type { UiOperations } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { askDataConsent } from '../data-consent';
import { type Added, addConnection } from '../options/add-connection';
import { type Action, useAction } from '../use-action';

export interface Connect extends Omit<Action, 'run'> {
  readonly connect: (input: UiOperations['connection-add']['input']) => void;
}

export function useConnect(onAdded: (added: Added) => void): Connect {
  const { client, shell } = useApp();
  const { run, ...state } = useAction();
  const add = async (input: UiOperations['connection-add']['input']) => {
    await askDataConsent(shell, input);
    onAdded(await addConnection(client, input));
  };
  return { ...state, connect: (input) => run(() => add(input)) };
}
