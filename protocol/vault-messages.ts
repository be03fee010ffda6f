/** What Oriel's own pages ask of the vault and are shown of it. A passphrase never crosses; the key derived from it does. */

import type { KdfParameters } from './kdf-parameters';

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
