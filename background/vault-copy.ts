/**
 * The vault's second copy: what it keeps, all of it ciphertext, once more in a database of its own. When the first is damaged, no key need be typed
 * again. It is written only after the first was read back.
 */

import Dexie, { type EntityTable } from 'dexie';
import { toBase64 } from '../protocol/base64';
import type { SecretRecord, VaultRecord } from './database';
import { isIntact, sha256 } from './sealed';

export interface VaultCopy {
  readonly vault: VaultRecord;
  readonly secrets: readonly SecretRecord[];
}

interface CopyRecord extends VaultCopy {
  readonly id: 'copy';
  readonly version: 1;
  readonly checksum: string;
}

export type ReadCopy =
  | { readonly type: 'good'; readonly copy: VaultCopy }
  | { readonly type: 'damaged' }
  | { readonly type: 'none' };

export interface VaultCopyStore {
  read(): Promise<ReadCopy>;
  write(copy: VaultCopy): Promise<void>;
  clear(): Promise<void>;
}

class VaultCopyDatabase extends Dexie {
  readonly copies!: EntityTable<CopyRecord, 'id'>;

  constructor(name: string) {
    super(name);
    this.version(1).stores({ copies: 'id' });
  }
}

async function checksumOf({ vault, secrets }: VaultCopy): Promise<string> {
  const rows = secrets.map(({ connectionId, providerId, origin, header, version, iv, ciphertext }) => [
    connectionId,
    providerId,
    origin,
    header,
    version,
    toBase64(iv),
    toBase64(new Uint8Array(ciphertext)),
  ]);
  return sha256(new TextEncoder().encode(JSON.stringify([1, vault.checksum, rows])));
}

async function isGood(record: CopyRecord): Promise<boolean> {
  try {
    return (await isIntact(record.vault)) && record.version === 1 && record.checksum === (await checksumOf(record));
  } catch {
    // Not even the shape of a copy.
    return false;
  }
}

export function createVaultCopyStore(name = 'oriel-recovery'): VaultCopyStore {
  const database = new VaultCopyDatabase(name);
  return {
    async read() {
      const record = await database.copies.get('copy');
      if (!record) return { type: 'none' };
      return (await isGood(record)) ? { type: 'good', copy: record } : { type: 'damaged' };
    },
    async write({ vault, secrets }) {
      await database.copies.put({ id: 'copy', version: 1, vault, secrets, checksum: await checksumOf({ vault, secrets }) });
    },
    clear: () => database.copies.clear(),
  };
}
