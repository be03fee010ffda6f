/** What Oriel's own pages ask of the vault and are shown of it. A passphrase never crosses; the key derived from it does. */

import * as v from 'valibot';
import { derivedKey, type KdfParameters, kdfParameters } from './kdf-parameters';
import { limits } from './limits';

/** When an unlocked vault locks by itself; `session` is when the browser closes. */
export const autoLocks = ['5m', '15m', '60m', '4h', 'session'] as const;
export type AutoLock = (typeof autoLocks)[number];

export interface VaultView {
  /** `open`: without a passphrase. `lost`: what is stored can no longer be read. */
  readonly type: 'open' | 'unlocked' | 'locked' | 'lost';
  readonly autoLock: AutoLock;
  /** It was damaged, and its second copy was put in its place. */
  readonly isRestored: boolean;
  /** The advice to set a passphrase was put away. */
  readonly isAdviceDismissed: boolean;
}

/** A key derived from a passphrase, with how it was derived. */
export interface Protection {
  readonly key: string;
  readonly parameters: KdfParameters;
}

/** What is in an exported file, before anything of it is taken over. */
export interface ImportPreview {
  readonly connections: readonly {
    readonly name: string;
    readonly providerName: string;
    /** Where its requests would go; absent where they stay on this computer. */
    readonly host?: string | undefined;
    readonly hasKey: boolean;
  }[];
  readonly sites: readonly string[];
  readonly autoLock: AutoLock;
}

/** Each operation with its input and what it resolves to. */
export interface VaultOperations {
  /** Absent parameters: there is no passphrase. */
  'vault-parameters': { input: unknown; output: { readonly parameters?: KdfParameters | undefined } };
  /** `isOutdated`: the page, which still has the passphrase, derives a better key and protects the vault with it. */
  'vault-unlock': { input: { readonly key: string }; output: { readonly isOutdated: boolean } };
  'vault-lock': { input: unknown; output: undefined };
  /** Sets, changes or (`next` null) removes the passphrase. `current`: the key of the one that is set. */
  'vault-protect': {
    input: { readonly current?: string | undefined; readonly next: Protection | null };
    output: undefined;
  };
  'vault-auto-lock': { input: { readonly after: AutoLock }; output: undefined };
  'vault-dismiss-advice': { input: unknown; output: undefined };
  /** Deletes every key: the one way on after a passphrase was forgotten or the vault was damaged. */
  'vault-reset': { input: unknown; output: undefined };
  /** Resolves to the text of the file. */
  'vault-export': {
    input: { readonly current?: string | undefined; readonly next: Protection; readonly withSites: boolean };
    output: string;
  };
  'vault-import-parameters': { input: { readonly file: string }; output: KdfParameters };
  'vault-import-preview': { input: { readonly file: string; readonly key: string }; output: ImportPreview };
  'vault-import': { input: { readonly file: string; readonly key: string; readonly withSites: boolean }; output: undefined };
}

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
