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
  const gone = await vault.repair(await keyHolders(connections));
  if (gone.length > 0) await connections.keysLost(gone);
}
