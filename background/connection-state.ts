/** What is concluded about a connection: from its row, and from what its backend said. */

import { AiError } from '../protocol/errors';
import { rowOf } from '../providers/catalog';
import { baseUrlOf } from '../providers/place';
import type { CatalogRow } from '../providers/provider';
import type { ConnectionRecord, SecretBinding } from './database';

export function rowOfConnection({ providerId }: Pick<ConnectionRecord, 'providerId'>): CatalogRow {
  const row = rowOf(providerId);
  if (!row) throw new AiError('unknown', 'This version knows no such provider.');
  return row;
}

/** What the key of a connection is bound to now; undefined where there is none. */
export function bindingOf(record: ConnectionRecord, row: CatalogRow): SecretBinding | undefined {
  const baseUrl = baseUrlOf(row, record);
  if (row.auth.type === 'none' || baseUrl === undefined) return undefined;
  return { connectionId: record.id, providerId: row.id, origin: new URL(baseUrl).origin, header: row.auth.header };
}

/** Who answers where the active connection is gone: the first, but nobody's words go to volunteers because of that. */
export const successorOf = (records: readonly ConnectionRecord[]): ConnectionRecord | undefined =>
  records.find(({ providerId }) => rowOf(providerId)?.place !== 'volunteers');

/** Faults that stay until somebody does something about them. */
export const needsAttention = new Set<string | undefined>([
  'auth',
  'forbidden',
  'origin-refused',
  'host-refused',
  'payment',
  'model-not-found',
  'no-model',
  'network',
  'site-access',
  'redirect',
  'content-type',
  'secret-missing',
  'engine',
]);
