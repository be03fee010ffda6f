/** Takes connections, keys and settings to another browser and back in, always encrypted with a passphrase of its own. */

import { AiError } from '../protocol/errors';
import { newConnectionId } from '../protocol/ids';
import type { KdfParameters } from '../protocol/kdf-parameters';
import type { ImportPreview, Protection } from '../protocol/vault-messages';
import { rowOf } from '../providers/catalog';
import { baseUrlOf } from '../providers/place';
import type { CatalogRow } from '../providers/provider';
import { readBaseUrl } from './address';
import { inOrder } from './connection-list';
import { bindingOf } from './connection-state';
import type { ConnectionRecord, Database, SecretBinding, SecretRecord, SiteRecord } from './database';
import type { Security } from './security';
import { type ExportedConnection, readBox, readFile, writeFile } from './transfer-file';
import { readSite, writeSite } from './transfer-sites';
import type { Vault } from './vault';

export interface Transfer {
  /** The text of the file. @throws AiError as `vault.authorize` does */
  write(current: string | undefined, next: Protection, withSites: boolean): Promise<string>;
  /** How its key is derived. @throws AiError `invalid-request`, field `file` */
  parameters(file: string): KdfParameters;
  /** What the file would add. Nothing is written. @throws AiError `invalid-request`, field `file` or `passphrase` */
  preview(file: string, key: string): Promise<ImportPreview>;
  /** All of it or nothing. No connection becomes the active one; sites come only where they are wanted. */
  read(file: string, key: string, withSites: boolean): Promise<void>;
}

interface TransferDeps {
  readonly database: Database;
  readonly vault: Vault;
  readonly security: Pick<Security, 'autoLock' | 'setAutoLock'>;
  readonly now: () => number;
  /** There are new connections. */
  readonly onImported: () => void;
}

/** A connection of the file that this version can have, with what its key is bound to. */
interface Checked {
  readonly row: CatalogRow;
  readonly record: ConnectionRecord;
  readonly secret?: { readonly binding: SecretBinding; readonly secret: string } | undefined;
}

const refused = (message: string) => new AiError('invalid-request', message, { field: 'file' });

/** The same rules as in the form: an address that could not be typed cannot be imported either. */
function check(exported: ExportedConnection, createdAt: number): Checked {
  const { providerId, name, baseUrl, defaultModel, options, favourites, key } = exported;
  const row = rowOf(providerId);
  if (!row) throw refused('The file names a provider that this version does not know.');
  if ((row.address.type === 'asked') !== (baseUrl !== undefined)) throw refused('A connection of the file has a wrong address.');
  const record: ConnectionRecord = {
    id: newConnectionId(),
    providerId,
    name,
    createdAt,
    ...(baseUrl !== undefined && { baseUrl: readBaseUrl(baseUrl, row) }),
    ...(defaultModel !== undefined && { defaultModel }),
    ...(options && { options }),
    ...(favourites && { favourites }),
  };
  if (!key) return { row, record };
  const binding = bindingOf(record, row);
  if (binding?.origin !== key.origin) throw refused('A key of the file belongs to another address.');
  return {
    row,
    // Of a short key the ending would be too much of it.
    record: { ...record, keyEnding: key.secret.length < 12 ? '' : key.secret.slice(-4) },
    secret: { binding, secret: key.secret },
  };
}

const siteName = ({ subject: { top, frame } }: SiteRecord) => (frame === undefined ? top : `${frame} in ${top}`);

export function createTransfer({ database, vault, security, now, onImported }: TransferDeps): Transfer {
  const exported = async (record: ConnectionRecord): Promise<ExportedConnection> => {
    const row = rowOf(record.providerId);
    const binding = row && record.keyEnding !== undefined ? bindingOf(record, row) : undefined;
    const secret = binding && (await vault.open(binding));
    return {
      providerId: record.providerId,
      name: record.name,
      ...(record.baseUrl !== undefined && { baseUrl: record.baseUrl }),
      ...(record.defaultModel !== undefined && { defaultModel: record.defaultModel }),
      ...(record.options && { options: record.options }),
      ...(record.favourites?.length && { favourites: [...record.favourites] }),
      ...(secret !== undefined && { key: { secret, origin: binding?.origin as ExportedOrigin } }),
    };
  };

  const open = async (file: string, key: string) => {
    const contents = await readFile(file, key);
    const connections = contents.connections.map((each, index) => check(each, now() + index));
    const ids = connections.map(({ record }) => record.id);
    return { autoLock: contents.autoLock, connections, sites: contents.sites.map((site) => readSite(site, ids)) };
  };

  return {
    parameters: (file) => readBox(file).parameters,

    async write(current, next, withSites) {
      await vault.authorize(current);
      const connections: ExportedConnection[] = [];
      const records = inOrder(await database.connections.orderBy('createdAt').toArray());
      for (const record of records) connections.push(await exported(record));
      const ids = records.map(({ id }) => id);
      const sites = withSites ? (await database.sites.toArray()).map((site) => writeSite(site, ids)) : [];
      return writeFile({ version: 1, connections, autoLock: await security.autoLock(), sites }, next);
    },

    async preview(file, key) {
      const { connections, sites, autoLock } = await open(file, key);
      return {
        connections: connections.map(({ row, record, secret }) => {
          const baseUrl = baseUrlOf(row, record);
          return {
            name: record.name,
            providerName: row.name,
            ...(baseUrl !== undefined && { host: new URL(baseUrl).host }),
            hasKey: secret !== undefined,
          };
        }),
        sites: sites.map(siteName),
        autoLock,
      };
    },

    async read(file, key, withSites) {
      const { connections, sites, autoLock } = await open(file, key);
      // Sealed before the first write: a key that cannot be saved leaves nothing behind.
      const secrets: SecretRecord[] = [];
      for (const { secret } of connections) if (secret) secrets.push(await vault.seal(secret.binding, secret.secret));
      await database.transaction('rw', database.connections, database.secrets, database.sites, async () => {
        await database.connections.bulkAdd(connections.map(({ record }) => record));
        await database.secrets.bulkAdd(secrets);
        await database.sites.bulkPut(withSites ? sites : []);
      });
      await vault.written();
      await security.setAutoLock(autoLock);
      onImported();
    },
  };
}

type ExportedOrigin = NonNullable<ExportedConnection['key']>['origin'];
