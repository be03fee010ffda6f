/** A vault with all that is under it, on databases and a session of its own. */
import 'fake-indexeddb/auto';

import type { Database } from '../../../background/database';
import type { DerivedKey } from '../../../background/kdf';
import { createRedactor, type Redactor } from '../../../background/redact';
import { createUnlocked, type Unlocked } from '../../../background/unlocked';
import { createVault, type Vault } from '../../../background/vault';
import { createVaultCopyStore, type VaultCopyStore } from '../../../background/vault-copy';
import { createVaultRecords, type VaultRecords } from '../../../background/vault-records';
import { toBase64 } from '../../../protocol/base64';
import type { AutoLock, Protection } from '../../../protocol/vault-messages';
import { createArea, type MemoryArea } from './area';
import { newDatabase } from './database';

export interface TestVault {
  readonly database: Database;
  readonly vaultCopy: VaultCopyStore;
  readonly session: MemoryArea;
  readonly redactor: Redactor;
  readonly unlocked: Unlocked;
  readonly records: VaultRecords;
  readonly vault: Vault;
  readonly restored: () => number;
  readonly alarm: () => number | undefined;
  now: number;
  autoLock: AutoLock;
  /** The vault of the next background, on the same disk and session. */
  again(): TestVault;
}

export function createTestVault(
  database = newDatabase(),
  vaultCopy = createVaultCopyStore(`${database.name}-recovery`),
  session = createArea(),
  now = 1_700_000_000_000,
): TestVault {
  let restored = 0;
  let alarm: number | undefined;
  const redactor = createRedactor();
  const unlocked = createUnlocked({
    session,
    now: () => test.now,
    autoLock: async () => test.autoLock,
    setAlarm: async (at) => {
      alarm = at;
    },
  });
  const records = createVaultRecords({
    database,
    vaultCopy: async () => vaultCopy,
    onRestored: () => {
      restored += 1;
    },
  });
  const vault = createVault({ records, unlocked, redactor, onChange: () => undefined });
  const test: TestVault = {
    database,
    vaultCopy,
    session,
    redactor,
    unlocked,
    records,
    vault,
    restored: () => restored,
    alarm: () => alarm,
    now,
    autoLock: '60m',
    again: () => createTestVault(database, vaultCopy, session, test.now),
  };
  return test;
}

/** Stands in for a derivation: what the vault does with a key does not hang on how it was made. */
export const keyFrom = (seed: number): string => toBase64(new Uint8Array(32).fill(seed));
export const salt = toBase64(new Uint8Array(16).fill(7));
export const parameters: DerivedKey['parameters'] = {
  algorithm: 'argon2id',
  memoryKiB: 65536,
  iterations: 3,
  parallelism: 1,
  salt,
};
export const protection = (seed = 1, change: Partial<DerivedKey['parameters']> = {}): Protection => ({
  key: keyFrom(seed),
  parameters: { ...parameters, ...change },
});
