/**
 * Derives a key from a passphrase. It takes a second of full work, so it never runs in the background, where every stream would stand
 * still meanwhile (security.md T69): `entrypoints/kdf-worker.ts` runs it beside the page that asks.
 */

import { argon2id } from 'hash-wasm';
import { type Bytes, fromBase64, toBase64 } from '../protocol/base64';
import { type KdfCost, type KdfParameters, kdfCosts } from '../protocol/kdf-parameters';

export interface DerivedKey {
  readonly key: string;
  readonly parameters: KdfParameters;
}

/** How long one derivation may take where the vault is made. */
const patience = 1500;

/** The 32 bytes in base64. The same letters typed on another system are the same passphrase: hence NFKC. */
export async function deriveKey(passphrase: string, parameters: KdfParameters): Promise<string> {
  const hash = await argon2id({
    password: passphrase.normalize('NFKC'),
    salt: fromBase64(parameters.salt),
    memorySize: parameters.memoryKiB,
    iterations: parameters.iterations,
    parallelism: parameters.parallelism,
    hashLength: 32,
    outputType: 'binary',
  });
  // A copy of its own: the library gives a view of its memory.
  return toBase64(new Uint8Array(hash));
}

/** A key with a fresh salt, at the highest cost that this device computes in time. The lowest one is taken however long it takes. */
export async function createKey(passphrase: string, now: () => number): Promise<DerivedKey> {
  const salt = toBase64(crypto.getRandomValues(new Uint8Array(16)) as Bytes);
  const attempt = async ([cost, ...cheaper]: readonly [KdfCost, ...KdfCost[]]): Promise<DerivedKey> => {
    const parameters: KdfParameters = { algorithm: 'argon2id', ...cost, parallelism: 1, salt };
    const begun = now();
    const key = await deriveKey(passphrase, parameters);
    const [next, ...rest] = cheaper;
    return next === undefined || now() - begun <= patience ? { key, parameters } : attempt([next, ...rest]);
  };
  return attempt(kdfCosts);
}
