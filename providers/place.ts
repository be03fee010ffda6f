/** Owns where an address is, as the person understands it: on this computer, on their network, or in the cloud. */

import { AiError } from '../protocol/errors';
import type { Connection, Place } from '../protocol/generate';
import { isLoopback } from '../protocol/ids';
import type { CatalogRow } from './provider';

const network = [
  /^(10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))(\.\d+){1,3}$/, // RFC 1918, link-local, RFC 6598
  /^\[(f[cd]|fe[89ab])[\da-f:]+\]$/, // unique local and link-local IPv6
  /^[^.:[\]]+$/, // one label: a name of the local network
  /\.(local|lan|home|internal|home\.arpa)$/,
];

/** Where this base URL points; anything that cannot be read is taken as far away. */
export function placeOfAddress(baseUrl: string): Place {
  if (!URL.canParse(baseUrl)) return 'cloud';
  const { hostname } = new URL(baseUrl);
  if (isLoopback(hostname)) return 'this-computer';
  return network.some((pattern) => pattern.test(hostname)) ? 'network' : 'cloud';
}

/** The address of a connection: the row's where it is fixed, the person's where it was asked. */
export const baseUrlOf = (row: CatalogRow, connection: Pick<Connection, 'baseUrl'>): string | undefined =>
  row.address.type === 'fixed' ? row.address.baseUrl : connection.baseUrl;

/** Of a server of the person's: the base URL without the version of the API, where its routes of its own lie. */
export const rootOf = (baseUrl: string): string => baseUrl.replace(/\/v1$/, '');

export function placeOf(row: CatalogRow, connection: Pick<Connection, 'baseUrl'>): Place {
  return row.place ?? placeOfAddress(baseUrlOf(row, connection) ?? '');
}

/** Throws AiError `unavailable` where the person gave no address. */
export function addressOf(row: CatalogRow, connection: Pick<Connection, 'baseUrl'>): string {
  const url = baseUrlOf(row, connection);
  if (url === undefined) throw new AiError('unavailable', 'This connection has no address.', { field: 'baseUrl' });
  return url;
}

/** On this computer or on the person's network, where being slow is nothing unusual. */
export function isNear(row: CatalogRow, connection: Pick<Connection, 'baseUrl'>): boolean {
  const place = placeOf(row, connection);
  return place === 'this-computer' || place === 'network';
}
