/** The one database of the extension's origin: what must last and what no content script may read. Migrations are append-only. */

import Dexie, { type EntityTable, type Table } from 'dexie';
import type { ActivityEntry, DaySums, Retention } from '../protocol/activity';
import type { PersonError } from '../protocol/errors';
import type { Connection, ModelInfo } from '../protocol/generate';
import type { ConnectionId, Origin } from '../protocol/ids';
import type { KdfParameters } from '../protocol/kdf-parameters';
import type { PromptApiAnswerer, SiteRule } from '../protocol/site-rules';
import type { Subject } from '../protocol/ui-messages';
import type { AutoLock } from '../protocol/vault-messages';
import type { Account } from './budgets';
import { kindKeyPath, kindsOf } from './call-kinds';
import { createMemory, type Memory } from './remembered';
import { databaseName, isQuotaExceeded, putAtOnce, type Rows, schemaVersion } from './rows';
import type { Grant } from './scopes';

export interface ConnectionRecord extends Connection {
  readonly createdAt: number;
  favourites?: readonly string[] | undefined;
  /** Its place in the list, once the person has moved any; absent: after all that have one, by its age. */
  readonly position?: number | undefined;
  /** What its list last said of the chosen model: its price is known before the list is asked again. */
  known?: ModelInfo | undefined;
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
  /** Since this store was begun; see store-loss.ts. */
  readonly isBegun?: true | undefined;
}

/** What lasts of a site: a permanent grant, a block, the permission for plain http, who answers it. */
export interface SiteRecord {
  /** `subjectKey` of the subject. */
  readonly key: string;
  readonly subject: Subject;
  readonly always?: Grant | undefined;
  readonly blockedAt?: number | undefined;
  readonly useHere?: boolean | undefined;
  /** Who answers its `LanguageModel`, where the person said so. */
  readonly promptApi?: PromptApiAnswerer | undefined;
  readonly rule?: SiteRule | undefined;
}

/** Metadata of one call. What was said in it lies in `contents`, where it is kept at all. */
export interface ActivityRecord extends Omit<ActivityEntry, 'id' | 'content'> {
  readonly id?: number;
  /** Of its `ContentRecord`, which may have lapsed. */
  readonly contentId?: string | undefined;
  /** It was to be kept, and the vault was locked. */
  readonly contentLocked?: boolean | undefined;
  /** `subjectKey` of the subject. */
  readonly siteKey: string;
  /** The local day in whose sums it is counted. */
  readonly day: string;
}

/** Written with each call, so that sums over years are read without reading the calls. `siteKey` is empty where the site was forgotten. */
export interface UsageRecord extends DaySums {
  readonly siteKey: string;
}
export type UsageKey = [day: string, siteKey: string, connectionId: ConnectionId, model: string];

/** What a search looks at. Of 100,000 calls there are some hundred kinds, so that a search reads these and leaves the calls alone. */
export type CallKind = Pick<ActivityRecord, 'siteKey' | 'connectionId' | 'connectionName' | 'model' | 'outcome'>;
export type CallKindKey = [siteKey: string, connectionId: ConnectionId, connectionName: string, model: string, outcome: string];

/** How many calls of a kind are in the log; none: no row. */
export interface CallKindRecord extends CallKind {
  readonly calls: number;
  /** When the last of them ended. */
  readonly lastAt: number;
}

/** What was asked and answered in one call, sealed with a key that the vault keeps. */
export interface ContentRecord {
  readonly id: string;
  readonly at: number;
  /** Of the ciphertext, in bytes. */
  readonly size: number;
  /** The secret of the vault that opens it. */
  readonly keyId: ConnectionId;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly ciphertext: ArrayBuffer;
}

/** The conversation that the person keeps, sealed with a key of its own that the vault keeps. */
export interface ChatRecord {
  readonly id: 'kept';
  /** The secret of the vault that opens it. */
  readonly keyId: ConnectionId;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly ciphertext: ArrayBuffer;
}

/** What a site, or all of them (`*`), may use and has used. */
export interface AccountRecord extends Account {
  /** `subjectKey` of the subject. */
  readonly key: string;
}

export interface SettingRecord {
  readonly key: 'active-connection';
  readonly value: ConnectionId;
}

/** What the person chose about the log. */
export interface KeepingRecord {
  readonly id: 'keeping';
  readonly retention?: Retention | undefined;
  /** Absent: what is asked and answered is not kept. */
  readonly content?: boolean | undefined;
  /** The secret that seals what is kept from now on. */
  readonly contentKey?: ConnectionId | undefined;
}

/** A site whose own requests to Oriel's address are answered. */
export interface OpenAiSiteRecord {
  readonly origin: Origin;
}

/** What was there before Dexie. */
export interface DatabaseStart {
  readonly name?: string;
  readonly factory?: IDBFactory;
  /** Open at the version of now: taken over, and not opened once more. */
  readonly connection?: IDBDatabase | undefined;
  readonly memory?: Memory;
}

export class Database extends Dexie implements Rows {
  readonly connections!: EntityTable<ConnectionRecord, 'id'>;
  readonly secrets!: EntityTable<SecretRecord, 'connectionId'>;
  readonly vault!: EntityTable<VaultRecord, 'id'>;
  readonly sites!: EntityTable<SiteRecord, 'key'>;
  readonly activity!: Table<ActivityRecord, number>;
  readonly usage!: Table<UsageRecord, UsageKey>;
  readonly callKinds!: Table<CallKindRecord, CallKindKey>;
  readonly contents!: EntityTable<ContentRecord, 'id'>;
  readonly keeping!: EntityTable<KeepingRecord, 'id'>;
  readonly settings!: EntityTable<SettingRecord, 'key'>;
  readonly accounts!: EntityTable<AccountRecord, 'key'>;
  readonly security!: EntityTable<SecurityRecord, 'id'>;
  readonly openAiSites!: EntityTable<OpenAiSiteRecord, 'origin'>;
  readonly chats!: EntityTable<ChatRecord, 'id'>;
  /** A write found no room on the disk. */
  isFull = false;
  /** Reads of a small table that every request asks; see remembered.ts. */
  readonly remember: Memory['remember'];
  /** How many writes have begun: whoever keeps rows of a table in memory knows by it that they still hold. */
  readonly writesTo: Memory['writesTo'];
  private readonly memory: Memory;

  /** @param start what the background had before it loaded Dexie (rows.ts) */
  constructor({ name = databaseName, factory = Dexie.dependencies.indexedDB, connection, memory }: DatabaseStart = {}) {
    // What did not open is tried anew by whoever asks next: Dexie itself would refuse until the background ends.
    const revive = () => this.hasFailed() && this.close({ disableAutoOpen: false });
    const noteAbort = (event: Event) => {
      this.isFull ||= isQuotaExceeded(event);
    };
    super(name, { indexedDB: notNewer(factory, connection, revive, noteAbort) });
    this.memory = memory ?? createMemory({ opened: () => this.opened(), isInTransaction: () => this.isInTransaction() });
    this.remember = this.memory.remember;
    this.writesTo = this.memory.writesTo;
    this.use(this.memory.middleware);
    // Dexie reads all of these at each start, each as often as others come after it: a version is named here where rows change on the way to it.
    this.version(2)
      .stores({
        connections: 'id, createdAt',
        secrets: 'connectionId',
        vault: 'id',
        sites: 'key, always.expiresAt',
        activity: '++id, at, siteKey, connectionId, connectionName, model, outcome',
        usage: '[day+siteKey+connectionId+model], day',
        settings: 'key',
        accounts: 'key',
        keeping: 'id',
        security: 'id',
      })
      // Calls of before say neither how their connection was called nor where it was; no screen has ever shown them.
      .upgrade((transaction) => transaction.table('activity').clear());
    this.version(3)
      .stores({
        activity: `++id, at, ${kindKeyPath}`,
        callKinds: kindKeyPath,
        contents: 'id, at, size, keyId',
      })
      .upgrade(async (transaction) => {
        const calls: ActivityRecord[] = await transaction.table('activity').toArray();
        await transaction.table('callKinds').bulkAdd(kindsOf(calls));
      });
    this.version(schemaVersion).stores({ openAiSites: 'origin', chats: 'id' });
  }

  opened(): IDBDatabase | null {
    return this.backendDB();
  }

  isInTransaction(): boolean {
    return Dexie.currentTransaction !== null;
  }

  whole = async () => this;
  row: Rows['row'] = (table, key) => (this[table] as Table).get(key);
  rows: Rows['rows'] = (table, keys) => (this[table] as Table).bulkGet([...keys]);
  all: Rows['all'] = (table) => (this[table] as Table).toArray();
  upTo: Rows['upTo'] = (table, index, most) => (this[table] as Table).where(index).belowOrEqual(most).toArray();
  putAtOnce: Rows['putAtOnce'] = (table, rows) => putAtOnce(this.backendDB(), this.memory, table, rows);
}

/**
 * Opens what this version of Oriel or an earlier one wrote. Dexie would open a newer store too, by naming no version, and change it to what it
 * knows (security.md T109).
 */
const notNewer = (
  factory: IDBFactory,
  connection: IDBDatabase | undefined,
  onFailure: () => void,
  onAbort: (event: Event) => void,
) => {
  let taken = connection;
  return {
    open(name: string, version?: number) {
      if (version === undefined) throw new DOMException('', 'VersionError');
      const request = taken ? openedBefore(taken) : factory.open(name, version);
      taken = undefined;
      // Dexie has had its say by then.
      request.addEventListener('error', () => setTimeout(onFailure));
      // Before Dexie keeps the event to itself.
      request.addEventListener('success', () => request.result.addEventListener('abort', onAbort, true));
      return request;
    },
    // Where the browser lists its databases Dexie keeps no list of its own.
    databases: factory.databases.bind(factory),
  };
};

/** As a request that has just succeeded: whoever asked for it listens first. */
function openedBefore(result: IDBDatabase) {
  const request = Object.assign(new EventTarget(), { result, onsuccess: null as ((event: Event) => void) | null });
  queueMicrotask(() => {
    const event = new Event('success');
    request.dispatchEvent(event);
    request.onsuccess?.(event);
  });
  return request;
}
