/**
 * Keeps keys encrypted: a random data key, wrapped by a passphrase or by a key of this device, and one record per secret, bound to its
 * connection, provider, origin and header (security.md 4). Without a passphrase it keeps keys away from web pages and from dumps of the
 * database by script, but not from someone who can read this computer's files. Only egress opens a secret.
 */

import { AiError } from '../protocol/errors';
import type { ConnectionId } from '../protocol/ids';
import { isOutdatedCost, type KdfParameters } from '../protocol/kdf-parameters';
import { limits } from '../protocol/limits';
import type { Protection, VaultView } from '../protocol/vault-messages';
import type { SecretBinding, SecretRecord } from './database';
import type { Redactor } from './redact';
import {
  importKey,
  newDeviceWrapping,
  newRawKey,
  passphraseWrapping,
  type RawKey,
  sealSecret,
  unsealSecret,
  unwrapKey,
  wrapKey,
} from './sealed';
import type { Unlocked } from './unlocked';
import type { LoadedVault, VaultRecords } from './vault-records';

export type VaultState = VaultView['type'];

export interface Vault {
  state(): Promise<VaultState>;
  /** @throws AiError `invalid-request`, field `key`, where the secret cannot be a header value */
  save(binding: SecretBinding, secret: string): Promise<void>;
  /** Seals without saving, for whoever writes several things at once and then says `written`. */
  seal(binding: SecretBinding, secret: string): Promise<SecretRecord>;
  written(): Promise<void>;
  /** Undefined where there is none, or none that is bound to this. @throws AiError `unavailable` while locked */
  open(binding: SecretBinding): Promise<string | undefined>;
  /** Seals a connection's secret for another one, to the same place. False where there is none. @throws AiError `unavailable` while locked */
  copy(binding: SecretBinding, to: ConnectionId): Promise<boolean>;
  remove(connectionId: ConnectionId): Promise<void>;
  /** How the key of the passphrase is derived; undefined without one. */
  parameters(): Promise<KdfParameters | undefined>;
  /** @throws AiError `invalid-request`, field `passphrase`: the one answer to every key that is not right */
  unlock(key: string): Promise<{ readonly isOutdated: boolean }>;
  lock(): Promise<void>;
  /** The passphrase again, although the vault is unlocked. Nothing to prove without one. */
  authorize(current: string | undefined): Promise<void>;
  protect(current: string | undefined, next: Protection | undefined): Promise<void>;
  /** Puts back from the copy what is gone of these. Those that stay gone are the answer. */
  repair(connectionIds: readonly ConnectionId[]): Promise<readonly ConnectionId[]>;
  reset(): Promise<void>;
}

interface VaultDeps {
  readonly records: VaultRecords;
  readonly unlocked: Unlocked;
  readonly redactor: Redactor;
  readonly onChange: () => void;
}

/** Printable ASCII: anything else would be refused by fetch, or split a header. */
const isHeaderValue = (secret: string) => /^[\x21-\x7e]+$/.test(secret) && secret.length <= limits.keyChars;
const wrong = () => new AiError('invalid-request', 'The passphrase is wrong.', { field: 'passphrase' });
const locked = () => new AiError('unavailable', 'The vault is locked.');
const lost = () => new AiError('invalid-state', 'What was stored can no longer be read.', { field: 'vault' });

export function createVault({ records, unlocked, redactor, onChange }: VaultDeps): Vault {
  let last: Promise<unknown> = Promise.resolve();
  /** One after the other: nobody reads between the change of the data key and that of what it sealed. */
  const inTurn = <Value>(work: () => Promise<Value>): Promise<Value> => {
    const result = last.then(work);
    // The end of it, not what came out: the last secret that was opened would outlive the lock (security.md T72).
    last = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  };

  const stateOf = async (vault: LoadedVault): Promise<VaultState> => {
    if (vault.type === 'lost') return 'lost';
    if (vault.type !== 'passphrase') return 'open';
    if (await unlocked.get()) return 'unlocked';
    redactor.forget();
    return 'locked';
  };

  /** The data key where it may be used now. */
  const keyOf = async (vault: LoadedVault): Promise<CryptoKey> => {
    if (vault.type === 'device') return vault.key;
    if (vault.type !== 'passphrase') throw lost();
    const raw = await unlocked.get();
    if (!raw) throw locked();
    await unlocked.used();
    return importKey(raw);
  };

  const seal = async (binding: SecretBinding, secret: string) => {
    if (!isHeaderValue(secret))
      throw new AiError('invalid-request', 'A key is one line of plain letters, digits and signs.', { field: 'key' });
    const loaded = await records.load();
    const record = await sealSecret(await keyOf(loaded.type === 'none' ? await records.create() : loaded), binding, secret);
    redactor.know(secret);
    return record;
  };

  /** From the record, or where that is damaged from its copy, which then takes its place. */
  const unseal = async (key: CryptoKey, record: SecretRecord, binding: SecretBinding): Promise<string | undefined> => {
    const secret = await unsealSecret(key, record, binding);
    if (secret !== undefined) return secret;
    const copy = await records.copyOf(binding.connectionId);
    const copied = copy && (await unsealSecret(key, copy, binding));
    if (copy && copied !== undefined) await records.put(copy);
    return copied;
  };

  const open = async (binding: SecretBinding): Promise<string | undefined> => {
    // First: it may bring the records back.
    const vault = await records.load();
    if (vault.type === 'lost' || vault.type === 'none') return undefined;
    const record = await records.secret(binding.connectionId);
    if (!record) return undefined;
    const secret = await unseal(await keyOf(vault), record, binding);
    if (secret !== undefined) redactor.know(secret);
    return secret;
  };

  const rawKeyBy = async (vault: Extract<LoadedVault, { type: 'passphrase' }>, key: string): Promise<RawKey> => {
    const { key: wrapping } = await passphraseWrapping(vault.record.wrap, key);
    const raw = await unwrapKey(vault.record, wrapping);
    if (!raw) throw wrong();
    return raw;
  };

  /** The data key of whoever may change the vault; none yet where there is no vault. */
  const authorized = async (current: string | undefined): Promise<CryptoKey | undefined> => {
    const vault = await records.load();
    if (vault.type === 'lost') throw lost();
    if (vault.type === 'none') return undefined;
    if (vault.type === 'device') return vault.key;
    if (current === undefined) throw wrong();
    return importKey(await rawKeyBy(vault, current));
  };

  /** A new data key each time: what an old passphrase, or the disk, still gives away opens nothing that is saved later. */
  const protect = async (current: string | undefined, next: Protection | undefined) => {
    const old = await authorized(current);
    const raw = newRawKey();
    const key = await importKey(raw);
    const sealed: SecretRecord[] = [];
    for (const record of old ? await records.secrets() : []) {
      const secret = old && (await unseal(old, record, record));
      // What opens for nobody any more is as good as gone: the form asks for it again.
      if (secret !== undefined) sealed.push(await sealSecret(key, record, secret));
    }
    const wrapping = next
      ? await passphraseWrapping({ type: 'passphrase', kdf: next.parameters }, next.key)
      : await newDeviceWrapping();
    await records.replace(await wrapKey(raw, wrapping), sealed);
    await (next ? unlocked.set(raw) : unlocked.drop());
    onChange();
  };

  return {
    state: async () => stateOf(await records.load()),

    save: (binding, secret) => inTurn(async () => records.put(await seal(binding, secret))),
    seal: (binding, secret) => inTurn(() => seal(binding, secret)),
    written: () => inTurn(records.copy),

    open: (binding) => inTurn(() => open(binding)),

    copy: (binding, to) =>
      inTurn(async () => {
        const secret = await open(binding);
        if (secret !== undefined) await records.put(await seal({ ...binding, connectionId: to }, secret));
        return secret !== undefined;
      }),

    remove: (connectionId) => inTurn(() => records.remove(connectionId)),

    async parameters() {
      const vault = await records.load();
      return vault.type === 'passphrase' ? vault.record.wrap.kdf : undefined;
    },

    unlock: (key) =>
      inTurn(async () => {
        const vault = await records.load();
        if (vault.type !== 'passphrase') throw wrong();
        await unlocked.set(await rawKeyBy(vault, key));
        onChange();
        return { isOutdated: isOutdatedCost(vault.record.wrap.kdf) };
      }),

    async lock() {
      await unlocked.drop();
      redactor.forget();
      onChange();
    },

    authorize: (current) =>
      inTurn(async () => {
        await authorized(current);
      }),
    protect: (current, next) => inTurn(() => protect(current, next)),

    repair: (connectionIds) =>
      inTurn(async () => {
        const vault = await records.load();
        if (vault.type === 'lost') return connectionIds;
        const gone: ConnectionId[] = [];
        for (const id of connectionIds) {
          if (await records.secret(id)) continue;
          const copy = await records.copyOf(id);
          if (copy) await records.put(copy);
          else gone.push(id);
        }
        return gone;
      }),

    reset: () =>
      inTurn(async () => {
        await records.clear();
        await unlocked.drop();
        redactor.forget();
        onChange();
      }),
  };
}
