/** Owns which headers a person may add to the requests for a server of their own (security.md T52). */

import { AiError } from '../protocol/errors';
import { limits } from '../protocol/limits';
import type { ConnectionOptions } from '../protocol/model-settings';
import type { CatalogRow } from '../providers/provider';

/**
 * Headers that say who asks, where from, or how the message is framed; those are for the browser and for Oriel to set. Secrets have their place
 * in the vault, not here.
 */
const forbidden = new RegExp(
  `^(${[
    'origin|host|cookie2?|set-cookie|referer|via|forwarded|x-forwarded-.*|x-real-ip|proxy-.*|sec-.*|access-control-.*',
    'accept|accept-.*|content-.*|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect|date|dnt|user-agent',
    'authorization',
  ].join('|')})$`,
  'i',
);
/** RFC 9110, section 5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
/** Visible ASCII and blanks between: no line ends, and nothing that servers read in different ways. */
const fieldValue = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;

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
    if (!token.test(name) || name.length > limits.nameChars) throw bad('This is not the name of a header.');
    const isKeyHeader = auth.type === 'header' && auth.header.toLowerCase() === name.toLowerCase();
    if (forbidden.test(name) || isKeyHeader) throw bad(`The header ${name} is not one to set by hand.`);
    if (value.length > limits.ownHeaderChars || !fieldValue.test(value)) throw bad(`The value of ${name} cannot be sent.`);
  }
  return Object.fromEntries(entries);
}

/** Options as they may be saved for a row. Throws as `readOwnHeaders` does, and where the row takes no headers. */
export function checkedOptions(options: ConnectionOptions, row: CatalogRow): ConnectionOptions {
  if (Object.keys(readOwnHeaders(options.headers, row)).length > 0 && !row.ownHeaders)
    throw bad('This provider takes no headers of your own.');
  return options;
}
