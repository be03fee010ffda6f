/** Picks who answers: the connection and the model that the person chose, whatever model a page names. */

import { AiError, backendError } from '../protocol/errors';
import type { Connections } from './connections';
import type { ConnectionRecord } from './database';

export interface Route {
  readonly connection: ConnectionRecord;
  readonly model: string;
}

/** @throws AiError `not-allowed` where nothing is connected, fault `no-model` where the backend has none, or why it cannot be asked */
export async function route(connections: Connections): Promise<Route> {
  await connections.ready();
  const connection = await connections.active();
  if (!connection) throw new AiError('not-allowed', 'No backend is connected.');
  if (connection.defaultModel !== undefined) return { connection, model: connection.defaultModel };
  // A server that was off when it was connected: it may have a model now.
  const test = await connections.test(connection.id);
  if (test.type === 'failed') throw new AiError(test.error.code, 'The backend cannot be asked for its models.', test.error);
  const tested = await connections.active();
  if (tested?.defaultModel === undefined) throw backendError('no-model', 'The backend names no model.');
  return { connection: tested, model: tested.defaultModel };
}
