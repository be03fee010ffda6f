/** The cryptography of the vault: AES-GCM with a fresh IV each time, and what each ciphertext is bound to. It keeps no state and reads no database. */

import { type Bytes, fromBase64, toBase64 } from '../protocol/base64';
import { AiError } from '../protocol/errors';
import { isAllowedCost } from '../protocol/kdf-parameters';
import type { SecretBinding, SecretRecord, VaultRecord, Wrap } from './database';

const algorithm = 'AES-GCM';
const encode = (text: string): Bytes => new TextEncoder().encode(text);
const newIv = (): Bytes => crypto.getRandomValues(new Uint8Array(12));

/** A data key as it travels while it must be seen by script: only from one wrap to another, and into `storage.session`. */
export type RawKey = Bytes;

export const newRawKey = (): RawKey => crypto.getRandomValues(new Uint8Array(32));

export const importKey = (raw: RawKey): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', raw, algorithm, false, ['encrypt', 'decrypt']);

export interface Sealed {
  readonly iv: Bytes;
  readonly ciphertext: ArrayBuffer;
}

export async function seal(key: CryptoKey, plain: Bytes, additionalData: Bytes): Promise<Sealed> {
  const iv = newIv();
  return { iv, ciphertext: await crypto.subtle.encrypt({ name: algorithm, iv, additionalData }, key, plain) };
}

/** Undefined where the key is another, or a single bit of it all is. */
export async function unseal(key: CryptoKey, { iv, ciphertext }: Sealed, additionalData: Bytes): Promise<Bytes | undefined> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: algorithm, iv, additionalData }, key, ciphertext));
  } catch (error) {
    if (error instanceof DOMException && error.name === 'OperationError') return undefined;
    throw error;
  }
}

const boundTo = ({ connectionId, providerId, origin, header }: SecretBinding) =>
  encode(JSON.stringify([1, connectionId, providerId, origin, header]));

export async function sealSecret(key: CryptoKey, binding: SecretBinding, secret: string): Promise<SecretRecord> {
  const { connectionId, providerId, origin, header } = binding;
  const sealed = await seal(key, encode(secret), boundTo(binding));
  return { connectionId, providerId, origin, header, version: 1, ...sealed };
}

/** @param binding what the caller is about to use the secret for; what the record says of itself does not count */
export async function unsealSecret(key: CryptoKey, record: SecretRecord, binding: SecretBinding): Promise<string | undefined> {
  const plain = await unseal(key, record, boundTo(binding));
  return plain && new TextDecoder().decode(plain);
}

/** Canonical: a changed parameter fails the authentication of the key that it helped to derive. */
const wrapData = (wrap: Wrap): Bytes => {
  if (wrap.type === 'device') return encode('oriel vault 1 device');
  const { algorithm: name, memoryKiB, iterations, parallelism, salt } = wrap.kdf;
  return encode(JSON.stringify(['oriel vault', 1, name, memoryKiB, iterations, parallelism, salt]));
};

/** A wrap with the key that does it. */
export type Wrapping = { readonly wrap: Wrap; readonly key: CryptoKey };

export async function newDeviceWrapping(): Promise<Wrapping> {
  const key = await crypto.subtle.generateKey({ name: algorithm, length: 256 }, false, ['encrypt', 'decrypt']);
  return { wrap: { type: 'device', key }, key };
}

/** @param key what was derived from the passphrase, in base64 */
export async function passphraseWrapping(wrap: Extract<Wrap, { type: 'passphrase' }>, key: string): Promise<Wrapping> {
  if (!isAllowedCost(wrap.kdf)) throw new AiError('invalid-state', 'Its cost is out of bounds.');
  return { wrap, key: await importKey(fromBase64(key)) };
}

export async function wrapKey(raw: RawKey, { wrap, key }: Wrapping): Promise<VaultRecord> {
  const { iv, ciphertext } = await seal(key, raw, wrapData(wrap));
  const unchecked = { id: 'vault', version: 1, wrap, iv, wrappedKey: ciphertext } as const;
  return { ...unchecked, checksum: await checksumOf(unchecked) };
}

/** Undefined where the wrapping key is another. */
export const unwrapKey = (record: VaultRecord, key: CryptoKey): Promise<RawKey | undefined> =>
  unseal(key, { iv: record.iv, ciphertext: record.wrappedKey }, wrapData(record.wrap));

export async function checksumOf({ version, wrap, iv, wrappedKey }: Omit<VaultRecord, 'checksum'>): Promise<string> {
  const head = encode(`${version} ${toBase64(iv)} ${toBase64(new Uint8Array(wrappedKey))} `);
  return sha256(new Uint8Array([...head, ...wrapData(wrap)]));
}

export const sha256 = async (bytes: Bytes): Promise<string> =>
  toBase64(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));

/** Whether a record is what was once written. What a damaged database gives may have any shape. */
export async function isIntact(record: VaultRecord): Promise<boolean> {
  try {
    const isReadable = record.wrap.type === 'passphrase' || record.wrap.key instanceof CryptoKey;
    return isReadable && record.checksum === (await checksumOf(record));
  } catch {
    // Not even the shape of a record.
    return false;
  }
}
