/** After a start: keys that are gone from the first database come back from the copy; of the others each connection says that it is gone. */

import type { ConnectionId } from '../protocol/ids';
import type { Connections } from './connections';
import type { Vault } from './vault';

export const keyHolders = async (connections: Pick<Connections, 'list'>): Promise<readonly ConnectionId[]> =>
  (await connections.list()).filter(({ keyEnding }) => keyEnding !== undefined).map(({ id }) => id);

export async function repairKeys(
  vault: Pick<Vault, 'repair'>,
  connections: Pick<Connections, 'list' | 'keysLost'>,
): Promise<void> {
  const holders = await keyHolders(connections);
  // Who has no key pays nothing for the vault at each start.
  if (holders.length === 0) return;
  const gone = await vault.repair(holders);
  if (gone.length > 0) await connections.keysLost(gone);
}
