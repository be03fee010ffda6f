/** The one database of the extension's origin: what must last and what no content script may read. Migrations are append-only. */

import Dexie, { type EntityTable, type Table } from 'dexie';
import type { AiErrorCode, PersonError } from '../protocol/errors';
import type { Connection, Usage } from '../protocol/generate';
import type { ConnectionId } from '../protocol/ids';
import type { KdfParameters } from '../protocol/kdf-parameters';
import type { Subject } from '../protocol/ui-messages';
import type { AutoLock } from '../protocol/vault-messages';

export interface ConnectionRecord extends Connection {
  readonly createdAt: number;
  readonly keyEnding?: string | undefined;
  /** Why the last use failed, where the person has to do something about it. */
  readonly attention?: PersonError | undefined;
}

/** One encrypted key. What it is bound to is authenticated with it, so a record that was moved or relabelled does not open. */
export interface SecretRecord extends SecretBinding {
  readonly version: 1;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly ciphertext: ArrayBuffer;
}

/** Where a secret may go. Another origin, provider or header cannot decrypt it. */
export interface SecretBinding {
  readonly connectionId: ConnectionId;
  readonly providerId: string;
  readonly origin: string;
  readonly header: string;
}

/** What the data key is wrapped with. */
export type Wrap =
  /** Not extractable by script; its bytes do lie in the profile (security.md M13). */
  { readonly type: 'device'; readonly key: CryptoKey } | { readonly type: 'passphrase'; readonly kdf: KdfParameters };

export interface VaultRecord {
  readonly id: 'vault';
  readonly version: 1;
  readonly wrap: Wrap;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly wrappedKey: ArrayBuffer;
  /** Over everything above that can be read: tells a damaged record from a wrong passphrase. */
  readonly checksum: string;
}

/** What the person chose about the vault. */
export interface SecurityRecord {
  readonly id: 'security';
  readonly autoLock?: AutoLock | undefined;
  /** The advice to set a passphrase was read and put away. */
  readonly adviceDismissed?: boolean | undefined;
}

/** What lasts of a site: a permanent grant, a block, the permission for plain http. */
export interface SiteRecord {
  /** `subjectKey` of the subject. */
  readonly key: string;
  readonly subject: Subject;
  readonly always?: { readonly issuedAt: number; readonly lastUsedAt: number } | undefined;
  readonly blockedAt?: number | undefined;
  readonly useHere?: boolean | undefined;
}

/** Metadata of one call; never a word of it. */
export interface ActivityRecord {
  readonly id?: number;
  readonly at: number;
  readonly subject: Subject;
  readonly connectionId: ConnectionId;
  readonly model: string;
  readonly outcome: 'answered' | AiErrorCode;
  readonly milliseconds: number;
  readonly usage?: Usage | undefined;
}

export interface SettingRecord {
  readonly key: 'active-connection';
  readonly value: ConnectionId;
}

export class Database extends Dexie {
  readonly connections!: EntityTable<ConnectionRecord, 'id'>;
  readonly secrets!: EntityTable<SecretRecord, 'connectionId'>;
  readonly vault!: EntityTable<VaultRecord, 'id'>;
  readonly sites!: EntityTable<SiteRecord, 'key'>;
  readonly activity!: Table<ActivityRecord, number>;
  readonly settings!: EntityTable<SettingRecord, 'key'>;
  readonly security!: EntityTable<SecurityRecord, 'id'>;

  constructor(name = 'oriel') {
    super(name);
    this.version(1).stores({
      connections: 'id, createdAt',
      secrets: 'connectionId',
      vault: 'id',
      sites: 'key',
      activity: '++id, at',
      settings: 'key',
      security: 'id',
    });
  }
}
