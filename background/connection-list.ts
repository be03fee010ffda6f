/** The connections as the person has them in a list: their order, copies of them, and what was removed and may come back. */

import { AiError } from '../protocol/errors';
import { type ConnectionId, newConnectionId } from '../protocol/ids';
import { uniqueName } from '../protocol/unique-name';
import { bindingOf, rowOfConnection, successorOf } from './connection-state';
import type { ConnectionRecord } from './database';
import type { Rows } from './rows';
import type { Undo } from './undo';
import type { Vault } from './vault';

export interface ConnectionList {
  /** In the person's order; new ones come last. */
  list(): Promise<readonly ConnectionRecord[]>;
  /** One place up or down; nothing happens at the end of the list. */
  move(id: ConnectionId, direction: 'up' | 'down'): Promise<void>;
  /** The same once more, with its key, after the first one; under a name of its own. */
  duplicate(id: ConnectionId): Promise<ConnectionId>;
  /** Resolves to what brings it back, its key included. */
  remove(id: ConnectionId): Promise<string>;
}

interface ConnectionListDeps {
  readonly database: Rows;
  readonly vault: Pick<Vault, 'copy' | 'remove' | 'written'>;
  readonly undo: Undo;
  readonly now: () => number;
  /** There are others than before. */
  readonly onChange: () => void;
}

export const connectionGone = () => new AiError('invalid-request', 'This connection is gone.');

/** Who was never moved has the place of its birth, which is behind all that were. */
const placeOf = ({ position, createdAt }: ConnectionRecord) => position ?? createdAt;

export const inOrder = (records: readonly ConnectionRecord[]): ConnectionRecord[] =>
  [...records].sort((one, other) => placeOf(one) - placeOf(other) || one.createdAt - other.createdAt);

export function createConnectionList({ database, vault, undo, now, onChange }: ConnectionListDeps): ConnectionList {
  const read = database.remember('connections', async () => inOrder(await database.all('connections')));
  const list = () => read('all');

  const placed = (records: readonly ConnectionRecord[]) => records.map((record, position) => ({ ...record, position }));

  /** @throws AiError `invalid-request` where it is not among them */
  const indexIn = (records: readonly ConnectionRecord[], id: ConnectionId): number => {
    const index = records.findIndex((record) => record.id === id);
    if (index < 0) throw connectionGone();
    return index;
  };

  return {
    list,

    async move(id, direction) {
      const whole = await database.whole();
      await whole.transaction('rw', whole.connections, async () => {
        const records = [...(await list())];
        const from = indexIn(records, id);
        const to = direction === 'up' ? from - 1 : from + 1;
        const [moved, other] = [records[from], records[to]];
        if (!moved || !other) return;
        records[to] = moved;
        records[from] = other;
        await whole.connections.bulkPut(placed(records));
      });
      onChange();
    },

    async duplicate(id) {
      const whole = await database.whole();
      const { connections } = whole;
      const copy = await whole.transaction('rw', connections, async () => {
        const records = await list();
        const index = indexIn(records, id);
        const original = records[index] as ConnectionRecord;
        const name = uniqueName(
          original.name,
          records.map((one) => one.name),
        );
        // The key follows: until it is there, nobody shows that it is.
        const made = { ...original, id: newConnectionId(), name, createdAt: now(), keyEnding: undefined };
        await connections.bulkPut(placed(records.toSpliced(index + 1, 0, made)));
        return { original, id: made.id };
      });
      const binding = bindingOf(copy.original, rowOfConnection(copy.original));
      if (binding && (await vault.copy(binding, copy.id)))
        await connections.update(copy.id, { keyEnding: copy.original.keyEnding });
      onChange();
      return copy.id;
    },

    async remove(id) {
      const whole = await database.whole();
      const { connections, secrets, settings } = whole;
      const removed = await whole.transaction('rw', connections, secrets, settings, async () => {
        const [record, secret] = [await connections.get(id), await secrets.get(id)];
        const isActive = (await settings.get('active-connection'))?.value === id;
        await connections.delete(id);
        await secrets.delete(id);
        if (isActive) {
          const next = successorOf(await list());
          if (next) await settings.put({ key: 'active-connection', value: next.id });
          else await settings.delete('active-connection');
        }
        return { record, secret, isActive };
      });
      await vault.remove(id);
      onChange();
      return undo.hold(async () => {
        const { record, secret, isActive } = removed;
        await whole.transaction('rw', connections, secrets, settings, async () => {
          if (record) await connections.put(record);
          if (secret) await secrets.put(secret);
          if (isActive) await settings.put({ key: 'active-connection', value: id });
        });
        if (secret) await vault.written();
        onChange();
      });
    },
  };
}
