/**
 * The only network of Oriel. A request goes to an address below a base URL of the connection or nowhere, follows no redirect, carries no
 * cookie, and gets its secret last. Providers hold what `bind` returns and never see a secret.
 */

import { AiError, backendError } from '../protocol/errors';
import type { Connection } from '../protocol/generate';
import { baseUrlOf, placeOfAddress } from '../providers/place';
import type { BoundFetch, CatalogRow, OpenSocket } from '../providers/provider';
import { readOwnHeaders } from './own-headers';
import type { Vault } from './vault';

export interface Egress {
  /**
   * A fetch for one connection. Rejects with AiError, or as fetch does where nothing answers.
   * @param hasKey false where none was saved: then the vault is not looked into
   */
  bind(connection: Connection, row: CatalogRow, hasKey?: boolean): BoundFetch;
  /** The same for WebSockets, to the row's companions. No secret goes over one. */
  bindSocket(connection: Connection, row: CatalogRow): OpenSocket;
  /**
   * The one exception: a model file or a list of them, without any credential. Redirects are followed, since file hubs answer with them;
   * a file counts only if its SHA-256 is the expected one, where one is known, which the model store checks.
   */
  download(url: string, signal: AbortSignal, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

interface EgressDeps {
  readonly fetch: typeof globalThis.fetch;
  readonly openSocket: OpenSocket;
  readonly vault: Pick<Vault, 'open'>;
  /** Whether the browser lets Oriel reach this host. */
  readonly hasAccess?: (url: URL) => Promise<boolean>;
  /** Whether the person has agreed that data leave this computer. */
  readonly mayTransmit?: () => Promise<boolean>;
}

const commonInit = { credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store' } as const;
/** Beside the row's own: what a provider may set. Nothing that says who asks or where from. */
const allowedHeaders = new Set(['accept', 'content-type']);

export function createEgress({
  fetch,
  openSocket,
  vault,
  hasAccess = async () => true,
  mayTransmit = async () => true,
}: EgressDeps): Egress {
  /** Without access the browser treats Oriel as a web page, whose requests most servers refuse: that looks as if nothing were there. */
  async function explained(failure: unknown, url: URL, signal: AbortSignal | undefined): Promise<unknown> {
    if (!(failure instanceof TypeError) || signal?.aborted || (await hasAccess(url))) return failure;
    return backendError('site-access', 'The browser keeps Oriel away from this address.', { cause: failure });
  }

  /** A page's words and a person's key stay on this computer until the person has agreed to more. */
  async function agreed(url: URL): Promise<URL> {
    if (placeOfAddress(url.href) === 'this-computer' || (await mayTransmit())) return url;
    throw backendError('data-consent', 'The person has not agreed to this.');
  }

  return {
    bindSocket(connection, row) {
      const bases = basesOf(connection, row);
      return async (input, signal) => openSocket((await agreed(checkedUrl(input, bases))).href, signal);
    },

    bind(connection, row, hasKey = true) {
      const bases = basesOf(connection, row);
      return async (input, { method = 'GET', headers = {}, body, signal } = {}) => {
        const url = await agreed(checkedUrl(input, bases));
        const signed = new Headers(row.ownHeaders ? readOwnHeaders(connection.options?.headers, row) : {});
        for (const [name, value] of Object.entries(row.headers ?? {})) signed.set(name, value);
        for (const [name, value] of Object.entries(headers)) {
          if (!allowedHeaders.has(name.toLowerCase()) && signed.get(name) !== value)
            throw new TypeError(`A provider may not set the header ${name}.`);
          signed.set(name, value);
        }
        if (row.auth.type === 'header') {
          const { header, prefix, required, publicKey } = row.auth;
          // A vendor's further hosts stand in the row, where nobody can change them: its one key is good for all of them. A person's own
          // server has one origin, and its key goes nowhere else.
          const origin = row.address.type === 'fixed' ? new URL(row.address.baseUrl).origin : url.origin;
          const binding = { connectionId: connection.id, providerId: row.id, origin, header };
          const secret = hasKey ? await vault.open(binding) : undefined;
          if (secret !== undefined) signed.set(header, `${prefix}${secret}`);
          else if (publicKey !== undefined) signed.set(header, `${prefix}${publicKey}`);
          else if (required) throw backendError('secret-missing', 'No key is saved for this address.');
        }
        // A server on this computer takes itself for the asker, where it would refuse an extension (docs/decisions/0009-own-origin.md).
        if (method !== 'GET' && placeOfAddress(url.href) === 'this-computer') signed.set('origin', url.origin);
        const response = await fetch(url, {
          ...commonInit,
          method,
          headers: signed,
          ...(body !== undefined && { body }),
          ...(signal && { signal }),
          // Not followed, as with 'error', but told apart from a server that is off. Key headers would follow (security.md M6).
          redirect: 'manual',
        }).catch(async (failure: unknown) => {
          throw await explained(failure, url, signal);
        });
        if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
          throw backendError('redirect', 'The server redirects elsewhere.', { status: response.status || undefined });
        }
        return response;
      };
    },

    download: (url, signal, headers = {}) => fetch(url, { ...commonInit, headers, signal, redirect: 'follow' }),
  };
}

function basesOf(connection: Connection, row: CatalogRow): readonly string[] {
  const baseUrl = baseUrlOf(row, connection);
  return baseUrl === undefined ? [] : [baseUrl, ...(row.companions?.(baseUrl) ?? [])];
}

/** Exactly below one of the base URLs: not another host, not another path that starts alike. */
function checkedUrl(input: string, bases: readonly string[]): URL {
  const url = new URL(input);
  // Whoever writes a user name, or climbs with `..`, is no longer below: the parser has resolved both.
  if (!bases.some((base) => url.href === base || url.href.startsWith(`${base}/`))) {
    throw new AiError('unknown', 'An address outside of the connection.');
  }
  return url;
}
