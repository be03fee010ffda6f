/** Reads the address of a server as a person types it. */

import { AiError } from '../protocol/errors';
import { placeOfAddress } from '../providers/place';
import type { CatalogRow } from '../providers/provider';

const bad = (message: string) => new AiError('invalid-request', message, { field: 'baseUrl' });

/**
 * The base URL without a slash at its end. A missing scheme is filled in, `localhost` becomes the literal it stands for,
 * a bare host gets the row's path, and a pasted endpoint loses what the dialect adds itself.
 * @throws AiError `invalid-request`, field `baseUrl`
 */
export function readBaseUrl(input: string, row: CatalogRow): string {
  const text = input.trim();
  if (text === '') throw bad('The server address is missing.');
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:(?!\d)/i.test(text) ? text : `${guessScheme(text)}://${text}`);
  } catch (cause) {
    throw new AiError('invalid-request', 'This is not an address.', { field: 'baseUrl', cause });
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw bad('An address begins with http:// or https://.');
  if (url.username || url.password) throw bad('An address holds no user name or password; use the key field.');
  if (url.search || url.hash) throw bad('An address holds no query and no fragment.');
  if (url.port === '0') throw bad('There is no port 0.');
  if (isForbidden(url.hostname)) throw bad('This address belongs to a cloud machine’s metadata service.');
  if (url.hostname === 'localhost' || url.hostname === 'localhost.') url.hostname = '127.0.0.1';
  if (url.protocol === 'http:' && placeOfAddress(url.href) === 'cloud') {
    throw bad('A server on the internet needs https://: a key and your texts would travel in the clear.');
  }
  const path = url.pathname.replace(/\/+$/, '').replace(/\/(chat\/completions|completions|models)$/, '');
  const defaultPath = row.address.type === 'asked' ? row.address.path : '';
  return `${url.origin}${path === '' ? defaultPath : path}`;
}

const guessScheme = (text: string) => (placeOfAddress(`http://${text}`) === 'cloud' ? 'https' : 'http');

/** Link-local metadata services give credentials to whoever asks from inside a cloud machine (security.md T49). */
const isForbidden = (host: string) => /^169\.254\./.test(host) || /^\[::ffff:a9fe:/.test(host) || forbiddenHosts.has(host);
const forbiddenHosts = new Set(['metadata.google.internal', '[fd00:ec2::254]', '0.0.0.0', '[::]']);
