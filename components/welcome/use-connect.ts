/** Adds a connection with one press. */

import type { UiOperations } from '../../protocol/ui-messages';
import { useApp } from '../context';
import type { Added } from '../options/LocalServers';
import { type Action, useAction } from '../use-action';

export interface Connect extends Omit<Action, 'run'> {
  readonly connect: (input: UiOperations['connection-add']['input']) => void;
}

export function useConnect(onAdded: (added: Added) => void): Connect {
  const { client } = useApp();
  const { run, ...state } = useAction();
  return { ...state, connect: (input) => run(() => client.call('connection-add', input).then(onAdded)) };
}
