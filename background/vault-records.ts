/** What lies on disk of the vault: the wrapped data key and the sealed secrets, which of the two copies counts, and that no write is half. */

import { AiError } from '../protocol/errors';
import type { ConnectionId } from '../protocol/ids';
import type { SecretRecord, VaultRecord } from './database';
import { logDefect } from './log';
import type { Rows } from './rows';
import { importKey, isIntact, newDeviceWrapping, newRawKey, unwrapKey, wrapKey } from './sealed';
import type { VaultCopy, VaultCopyStore } from './vault-copy';

export type LoadedVault =
  | { readonly type: 'none' }
  /** There was one, and neither it nor its copy can be read. */
  | { readonly type: 'lost' }
  | { readonly type: 'device'; readonly record: VaultRecord; readonly key: CryptoKey }
  | { readonly type: 'passphrase'; readonly record: VaultRecord & { readonly wrap: { readonly type: 'passphrase' } } };

export interface VaultRecords {
  load(): Promise<LoadedVault>;
  /** A new vault without a passphrase. Never replaces one: two first uses at once agree on the one that was written first. */
  create(): Promise<LoadedVault>;
  secret(connectionId: ConnectionId): Promise<SecretRecord | undefined>;
  secrets(): Promise<readonly SecretRecord[]>;
  /** The secret as the copy has it. */
  copyOf(connectionId: ConnectionId): Promise<SecretRecord | undefined>;
  put(record: SecretRecord): Promise<void>;
  /** Brings the copy up to date. */
  copy(): Promise<void>;
  remove(connectionId: ConnectionId): Promise<void>;
  /** Another data key, and everything sealed anew with it, at once. */
  replace(record: VaultRecord, secrets: readonly SecretRecord[]): Promise<void>;
  clear(): Promise<void>;
}

interface Deps {
  readonly database: Rows;
  readonly vaultCopy: () => Promise<VaultCopyStore>;
  readonly onRestored: () => void;
}

async function readRecord(record: VaultRecord | undefined): Promise<LoadedVault | undefined> {
  if (!record || !(await isIntact(record))) return undefined;
  const { wrap } = record;
  if (wrap.type === 'passphrase') return { type: 'passphrase', record: { ...record, wrap } };
  const raw = await unwrapKey(record, wrap.key);
  return raw && { type: 'device', record, key: await importKey(raw) };
}

export function createVaultRecords({ database, vaultCopy, onRestored }: Deps): VaultRecords {
  let loaded: Promise<LoadedVault> | undefined;

  /** Keeps what is newer: of the copy's secrets only those that are missing. */
  const restore = async (copy: VaultCopy) => {
    const whole = await database.whole();
    await whole.transaction('rw', whole.vault, whole.secrets, async () => {
      await whole.vault.put(copy.vault);
      const present = new Set(await whole.secrets.toCollection().primaryKeys());
      await whole.secrets.bulkAdd(copy.secrets.filter(({ connectionId }) => !present.has(connectionId)));
    });
  };

  const read = async (): Promise<LoadedVault> => {
    const found = await database.row('vault', 'vault');
    const good = await readRecord(found);
    if (good) return good;
    const second = await (await vaultCopy()).read();
    const copied = second.type === 'good' ? await readRecord(second.copy.vault) : undefined;
    if (second.type === 'good' && copied) {
      await restore(second.copy);
      onRestored();
      return copied;
    }
    const isNew = !found && second.type === 'none' && (await database.all('secrets')).length === 0;
    return { type: isNew ? 'none' : 'lost' };
  };

  const load = () => {
    loaded ??= read().catch((error) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };

  /** The copy follows only a first that reads well. Where it cannot be written the first still counts. */
  const copy = async () => {
    const record = await database.row('vault', 'vault');
    if (!record || !(await isIntact(record))) throw new AiError('unknown', 'The vault could not be read back.');
    const copied = { vault: record, secrets: await database.all('secrets') };
    await vaultCopy()
      .then((store) => store.write(copied))
      .catch(logDefect);
  };

  return {
    load,

    async create() {
      const wrapping = await newDeviceWrapping();
      const created = await wrapKey(newRawKey(), wrapping);
      const whole = await database.whole();
      await whole.transaction('rw', whole.vault, async () => {
        if (!(await whole.vault.get('vault'))) await whole.vault.add(created);
      });
      loaded = undefined;
      return load();
    },

    secret: async (connectionId) => database.row('secrets', connectionId),
    secrets: async () => database.all('secrets'),

    async copyOf(connectionId) {
      const second = await (await vaultCopy()).read();
      return second.type === 'good' ? second.copy.secrets.find((record) => record.connectionId === connectionId) : undefined;
    },

    copy,

    async put(record) {
      const { secrets } = await database.whole();
      await secrets.put(record);
      await copy();
    },

    async remove(connectionId) {
      const { secrets } = await database.whole();
      await secrets.delete(connectionId);
      if (await database.row('vault', 'vault')) await copy();
    },

    async replace(record, sealed) {
      const whole = await database.whole();
      const { vault, secrets } = whole;
      await whole.transaction('rw', vault, secrets, async () => {
        await vault.put(record);
        await secrets.clear();
        await secrets.bulkPut([...sealed]);
      });
      loaded = undefined;
      await copy();
    },

    async clear() {
      const whole = await database.whole();
      const { vault, secrets } = whole;
      await whole.transaction('rw', vault, secrets, async () => {
        await vault.clear();
        await secrets.clear();
      });
      await (await vaultCopy()).clear();
      loaded = undefined;
    },
  };
}
