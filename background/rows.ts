/**
 * The database as the background has it from its start on. The first request asks for a few rows by their keys: these are read as the browser gives
 * them, without Dexie, which is a third of what the background would have to read and run before that request could go. Everything else loads Dexie,
 * which takes over the connection that is open.
 */

import type {
  AccountRecord,
  ConnectionRecord,
  Database,
  KeepingRecord,
  OpenAiSiteRecord,
  SecretRecord,
  SecurityRecord,
  SettingRecord,
  SiteRecord,
  VaultRecord,
} from './database';
import { atFirstUse, type OnDemand } from './on-demand';
import { createMemory, type Memory } from './remembered';

export const databaseName = 'oriel';
/** Of the schema (database.ts). Dexie counts the browser's versions in tens. */
export const schemaVersion = 5;
const browsersVersion = schemaVersion * 10;

/** Of the tables that are read row by row. */
interface RowTypes {
  readonly accounts: AccountRecord;
  readonly connections: ConnectionRecord;
  readonly keeping: KeepingRecord;
  readonly openAiSites: OpenAiSiteRecord;
  readonly secrets: SecretRecord;
  readonly security: SecurityRecord;
  readonly settings: SettingRecord;
  readonly sites: SiteRecord;
  readonly vault: VaultRecord;
}
export type RowTable = keyof RowTypes;

/** The database itself is this too. */
export interface Rows extends Pick<Memory, 'remember' | 'writesTo'> {
  row<Table extends RowTable>(table: Table, key: string): PromiseLike<RowTypes[Table] | undefined>;
  /** In the order of the keys that are asked for. */
  rows<Table extends RowTable>(table: Table, keys: readonly string[]): PromiseLike<(RowTypes[Table] | undefined)[]>;
  /** In the order of their keys. */
  all<Table extends RowTable>(table: Table): PromiseLike<RowTypes[Table][]>;
  /** Those whose value in an index is this, or less. */
  upTo<Table extends RowTable>(table: Table, index: string, most: number): PromiseLike<RowTypes[Table][]>;
  /**
   * Puts rows in one transaction and asks for its end in the same breath: one way to the database and back. Written when it resolves; nothing is
   * where it rejects.
   */
  putAtOnce(table: RowTable, rows: readonly object[]): Promise<void>;
  /** Null while it is not open. */
  opened(): IDBDatabase | null;
  /** With all that Dexie does; the same one each time. */
  whole(): Promise<Database>;
}

interface RowsDeps {
  readonly factory: IDBFactory;
  readonly load: OnDemand['database'];
}

/** @returns with `ready`, which resolves when it is open, or when it is known not to open: whoever asks then is told why */
export function createRows({ factory, load }: RowsDeps): Rows & { ready(): Promise<unknown> } {
  /** Until Dexie has it. */
  let early: IDBDatabase | undefined;
  let database: Database | undefined;
  let isFull = false;

  const opened = () => (database ? database.opened() : (early ?? null));
  const memory = createMemory({ opened, isInTransaction: () => database?.isInTransaction() ?? false });

  const opening = openExisting(factory)
    .catch(() => undefined)
    .then((connection) => {
      early = connection;
      connection?.addEventListener('abort', (event) => {
        isFull ||= isQuotaExceeded(event);
      });
    });

  const whole = atFirstUse(load, async ({ createDatabase }) => {
    await opening;
    const made = createDatabase({ name: databaseName, factory, memory, connection: early });
    made.isFull = isFull;
    // Who asks meanwhile reads from the same connection; where it does not open, each who asks is told.
    await made.open().catch(() => undefined);
    early = undefined;
    database = made;
    return made;
  });

  /** Undefined where it is not open. The browser may close it without a word: then Dexie opens it again. */
  const begun = (table: RowTable): IDBTransaction | undefined => {
    try {
      return early?.transaction(table);
    } catch {
      early = undefined;
      return undefined;
    }
  };

  /** @param instead asks Dexie the same, where it is loaded and where the database did not open */
  const read = async <Answer>(
    table: RowTable,
    ask: (store: IDBObjectStore) => Promise<Answer>,
    instead: (database: Database) => PromiseLike<Answer>,
  ): Promise<Answer> => {
    if (database) return instead(database);
    await opening;
    const transaction = begun(table);
    return transaction ? ask(transaction.objectStore(table)) : instead(database ?? (await whole()));
  };

  return {
    remember: memory.remember,
    writesTo: memory.writesTo,
    opened,
    whole,
    ready: async () => {
      await opening;
      if (!opened()) await whole();
    },
    row: (table, key) =>
      read(
        table,
        (store) => resultOf(store.get(key)),
        (instead) => instead.row(table, key),
      ),
    rows: (table, keys) =>
      read(
        table,
        (store) => Promise.all(keys.map((key) => resultOf(store.get(key)))),
        (instead) => instead.rows(table, keys),
      ),
    all: (table) =>
      read(
        table,
        (store) => resultOf(store.getAll()),
        (instead) => instead.all(table),
      ),
    upTo: (table, index, most) =>
      read(
        table,
        (store) => resultOf(store.index(index).getAll(IDBKeyRange.upperBound(most))),
        (instead) => instead.upTo(table, index, most),
      ),
    putAtOnce: (table, rows) => putAtOnce(opened(), memory, table, rows),
  };
}

/**
 * Opens what this version of Oriel wrote; undefined where there is none yet, or that of another version, which Dexie makes and changes.
 * @throws what the browser says
 */
const openExisting = (factory: IDBFactory) =>
  new Promise<IDBDatabase | undefined>((resolve, reject) => {
    const request = factory.open(databaseName, browsersVersion);
    request.onupgradeneeded = () => request.transaction?.abort();
    request.onsuccess = () => {
      const connection = request.result;
      // Until Dexie says what else is to be done then.
      connection.onversionchange = () => connection.close();
      resolve(connection);
    };
    request.onerror = (event) => {
      // Firefox would write it to the console.
      event.preventDefault();
      reject(request.error);
    };
  });

const resultOf = <Result>(request: IDBRequest<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export const isQuotaExceeded = ({ target }: Event): boolean => (target as IDBTransaction).error?.name === 'QuotaExceededError';

/** See `Rows.putAtOnce`. */
export async function putAtOnce(
  connection: IDBDatabase | null,
  memory: Pick<Memory, 'begin'>,
  table: RowTable,
  rows: readonly object[],
): Promise<void> {
  if (!connection) throw new DOMException('The database was closed.', 'InvalidStateError');
  memory.begin(table);
  const transaction = connection.transaction(table, 'readwrite');
  const done = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException('The rows were not written.', 'AbortError'));
  });
  try {
    for (const row of rows) transaction.objectStore(table).put(row);
    transaction.commit();
  } catch {
    transaction.abort();
  }
  return done;
}
