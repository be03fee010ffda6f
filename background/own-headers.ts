/** Holds the headers that a person adds to the requests for a server of their own to the rules of protocol/header-rules.ts, when they are saved and when they are sent. */

import { AiError } from '../protocol/errors';
import { isOwnHeaderName, isOwnHeaderValue } from '../protocol/header-rules';
import { limits } from '../protocol/limits';
import type { ConnectionOptions } from '../protocol/model-settings';
import type { CatalogRow } from '../providers/provider';

const bad = (message: string): AiError => new AiError('invalid-request', message, { field: 'headers' });

/**
 * The headers as they may be sent. To be called where they are saved and again where they are used.
 * @throws AiError `invalid-request`, field `headers`; its words hold no part of a value
 */
export function readOwnHeaders(
  headers: Readonly<Record<string, string>> | undefined,
  { auth }: Pick<CatalogRow, 'auth'>,
): Readonly<Record<string, string>> {
  const entries = Object.entries(headers ?? {});
  if (entries.length > limits.ownHeaders) throw bad('These are too many headers.');
  for (const [name, value] of entries) {
    const isKeyHeader = auth.type === 'header' && auth.header.toLowerCase() === name.toLowerCase();
    if (!isOwnHeaderName(name) || isKeyHeader)
      throw bad(`The header ${name.slice(0, limits.nameChars)} is not one to set by hand.`);
    if (!isOwnHeaderValue(value)) throw bad(`The value of ${name} cannot be sent.`);
  }
  return Object.fromEntries(entries);
}

/** Options as they may be saved for a row. Throws as `readOwnHeaders` does, and where the row takes no headers. */
export function checkedOptions(options: ConnectionOptions, row: CatalogRow): ConnectionOptions {
  if (Object.keys(readOwnHeaders(options.headers, row)).length > 0 && !row.ownHeaders)
    throw bad('This provider takes no headers of your own.');
  return options;
}
