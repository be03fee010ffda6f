/** The schemas of what the vault and the store are asked, apart from its messages: Oriel's pages use those without carrying these. */

import * as v from 'valibot';
import { isAllowedCost, type KdfParameters } from './kdf-parameters';
import { limits } from './limits';
import type { StoreOperations } from './store-messages';
import { autoLocks, type VaultOperations } from './vault-messages';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

export const kdfParameters = v.pipe(
  v.strictObject({
    algorithm: v.literal('argon2id'),
    memoryKiB: count,
    iterations: count,
    parallelism: count,
    salt: v.pipe(v.string(), v.base64(), v.length(24)),
  }),
  v.check((parameters: KdfParameters) => isAllowedCost(parameters)),
);

/** 32 derived bytes in base64: what crosses from a page to the background instead of the passphrase. */
export const derivedKey = v.pipe(v.string(), v.base64(), v.length(44));

const nothing = v.optional(v.strictObject({}));
const protection = v.strictObject({ key: derivedKey, parameters: kdfParameters });
const file = v.pipe(v.string(), v.maxLength(limits.importChars));

export const vaultInputs = {
  'vault-parameters': nothing,
  'vault-unlock': v.strictObject({ key: derivedKey }),
  'vault-lock': nothing,
  'vault-protect': v.strictObject({ current: v.optional(derivedKey), next: v.nullable(protection) }),
  'vault-auto-lock': v.strictObject({ after: v.picklist(autoLocks) }),
  'vault-dismiss-advice': nothing,
  'vault-reset': nothing,
  'vault-export': v.strictObject({ current: v.optional(derivedKey), next: protection, withSites: v.boolean() }),
  'vault-import-parameters': v.strictObject({ file }),
  'vault-import-preview': v.strictObject({ file, key: derivedKey }),
  'vault-import': v.strictObject({ file, key: derivedKey, withSites: v.boolean() }),
} satisfies Record<keyof VaultOperations, v.GenericSchema>;

export const storeInputs = {
  'store-retry': nothing,
  'store-renew': nothing,
  'store-aside-file': nothing,
  'store-aside-remove': nothing,
  'store-lost-dismiss': nothing,
} satisfies Record<keyof StoreOperations, v.GenericSchema>;
