/**
 * Keeps keys encrypted: a random data key, wrapped by a key that script cannot export, and one AES-GCM record per secret, bound to its
 * connection, provider, origin and header (security.md 4.4). It keeps keys away from web pages and from dumps of the database by script;
 * it does not protect them from someone who can read this computer's files. Only egress opens a secret.
 */

import { AiError } from '../protocol/errors';
import type { ConnectionId } from '../protocol/ids';
import { limits } from '../protocol/limits';
import type { Database, VaultRecord } from './database';

/** Where a secret may go. Another origin, provider or header cannot decrypt it. */
export interface SecretBinding {
  readonly connectionId: ConnectionId;
  readonly providerId: string;
  readonly origin: string;
  readonly header: string;
}

export interface Vault {
  /** @throws AiError `invalid-request`, field `key`, where the secret cannot be a header value */
  save(binding: SecretBinding, secret: string): Promise<void>;
  /** Undefined where there is none, or none that is bound to this. */
  open(binding: SecretBinding): Promise<string | undefined>;
  remove(connectionId: ConnectionId): Promise<void>;
}

const algorithm = 'AES-GCM';
const newIv = () => crypto.getRandomValues(new Uint8Array(12));
const encode = (text: string) => new TextEncoder().encode(text);
const boundTo = ({ connectionId, providerId, origin, header }: SecretBinding) =>
  encode(JSON.stringify([1, connectionId, providerId, origin, header]));
const wrapData = encode('oriel vault 1');

/** Printable ASCII: anything else would be refused by fetch, or split a header. */
const isHeaderValue = (secret: string) => /^[\x21-\x7e]+$/.test(secret) && secret.length <= limits.keyChars;

export function createVault(database: Database): Vault {
  let dataKey: Promise<CryptoKey> | undefined;

  const unwrap = ({ wrappingKey, iv, wrappedKey }: VaultRecord) =>
    crypto.subtle.unwrapKey('raw', wrappedKey, wrappingKey, { name: algorithm, iv, additionalData: wrapData }, algorithm, false, [
      'encrypt',
      'decrypt',
    ]);

  const create = async (): Promise<VaultRecord> => {
    const wrappingKey = await crypto.subtle.generateKey({ name: algorithm, length: 256 }, false, ['wrapKey', 'unwrapKey']);
    const key = await crypto.subtle.generateKey({ name: algorithm, length: 256 }, true, ['encrypt', 'decrypt']);
    const iv = newIv();
    const wrappedKey = await crypto.subtle.wrapKey('raw', key, wrappingKey, { name: algorithm, iv, additionalData: wrapData });
    return { id: 'vault', version: 1, wrappingKey, iv, wrappedKey };
  };

  /** Never replaces a vault that is there: two first uses at once agree on the one that was written first. */
  const load = async () => {
    const found = await database.vault.get('vault');
    if (found) return unwrap(found);
    const created = await create();
    const kept = await database.transaction('rw', database.vault, async () => {
      const other = await database.vault.get('vault');
      if (!other) await database.vault.add(created);
      return other ?? created;
    });
    return unwrap(kept);
  };

  const key = () => {
    dataKey ??= load().catch((error) => {
      dataKey = undefined;
      throw error;
    });
    return dataKey;
  };

  return {
    async save(binding, secret) {
      if (!isHeaderValue(secret))
        throw new AiError('invalid-request', 'A key is one line of plain letters, digits and signs.', { field: 'key' });
      const iv = newIv();
      const ciphertext = await crypto.subtle.encrypt(
        { name: algorithm, iv, additionalData: boundTo(binding) },
        await key(),
        encode(secret),
      );
      await database.secrets.put({ connectionId: binding.connectionId, version: 1, iv, ciphertext });
    },

    async open(binding) {
      const record = await database.secrets.get(binding.connectionId);
      if (!record) return undefined;
      try {
        const { iv, ciphertext } = record;
        const plain = await crypto.subtle.decrypt(
          { name: algorithm, iv, additionalData: boundTo(binding) },
          await key(),
          ciphertext,
        );
        return new TextDecoder().decode(plain);
      } catch (error) {
        // Bound to another origin, or damaged: as good as absent, and the form asks for it again.
        if (error instanceof DOMException && error.name === 'OperationError') return undefined;
        throw error;
      }
    },

    remove: (connectionId) => database.secrets.delete(connectionId),
  };
}
