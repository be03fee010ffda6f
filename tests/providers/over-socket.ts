/** Owns the way to a stand-in server in place of a vendor: the row stays as it is, its requests are signed as egress does, and go over a real socket. */

import { rowOf } from '../../providers/catalog';
import { baseUrlOf } from '../../providers/place';
import type { BoundFetch } from '../../providers/provider';

/**
 * A bound fetch of the row that reaches `serverBaseUrl` instead of the row's own address and its companions.
 * @param headers beside those of the row: the Origin that a browser adds, for example
 */
export function overSocket(
  rowId: string,
  serverBaseUrl: string,
  key?: string,
  headers: Record<string, string> = {},
): BoundFetch & { urls: string[] } {
  const row = rowOf(rowId);
  const base = row && baseUrlOf(row, {});
  if (row === undefined || base === undefined) throw new Error(`${rowId} has no address of its own.`);
  const bases = [base, ...(row.companions?.(base) ?? [])];
  const urls: string[] = [];
  const fetch: BoundFetch = (url, init) => {
    const below = bases.find((one) => url.startsWith(`${one}/`));
    if (below === undefined) throw new Error(`${url} is not below ${bases.join(' or ')}.`);
    urls.push(url);
    const signed = row.auth.type === 'header' && key !== undefined ? { [row.auth.header]: row.auth.prefix + key } : {};
    return globalThis.fetch(serverBaseUrl + url.slice(below.length), {
      ...init,
      headers: { ...row.headers, ...init?.headers, ...signed, ...headers },
    });
  };
  return Object.assign(fetch, { urls });
}
