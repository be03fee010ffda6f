/** Adds a connection without making a second one of what is there already. */

import type { ConnectionView, UiOperations } from '../../protocol/ui-messages';
import type { Client } from '../client';

type Input = UiOperations['connection-add']['input'];
/** What came of it: saved in any case, and answering or not. */
export type Added = UiOperations['connection-add']['output'];

const originOf = (address: string | undefined) =>
  address !== undefined && URL.canParse(address) ? new URL(address).origin : undefined;

/** The connection to this server, where one is saved. */
export const savedAt = (connections: readonly ConnectionView[], address: string): ConnectionView | undefined =>
  connections.find(({ baseUrl }) => baseUrl !== undefined && originOf(baseUrl) === originOf(address));

/** A second key is a second account, unless the first one never worked. */
const savedAs = (connections: readonly ConnectionView[], { providerId, baseUrl, key }: Input) =>
  connections.find(
    (one) =>
      one.providerId === providerId &&
      originOf(one.baseUrl) === originOf(baseUrl) &&
      (key === undefined || one.state.type === 'needs-attention'),
  );

/** Adds a connection, or goes on with the one that is saved for the same thing: after a reload, say, or a failed attempt. */
export async function addConnection(client: Client, input: Input): Promise<Added> {
  const saved = savedAs(client.overview.value?.connections ?? [], input);
  if (!saved) return client.call('connection-add', input);
  const { id } = saved;
  const test =
    input.key === undefined
      ? await client.call('connection-test', { id })
      : await client.call('connection-update', { id, key: input.key });
  return { ...test, id };
}
