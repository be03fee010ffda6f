/**
 * What was asked and answered, for a person who wants that kept: sealed with a key of its own, which lies in the vault like the keys of backends. So a
 * locked vault lets nothing be written or read, and a new passphrase does not have to rewrite what is there. Never of private windows.
 */

import type { CallContent, ContentView } from '../protocol/activity';
import { fromBase64, toBase64 } from '../protocol/base64';
import { AiError } from '../protocol/errors';
import type { GenerateRequest } from '../protocol/generate';
import { type ConnectionId, toConnectionId } from '../protocol/ids';
import type { CallRecorder } from './call-recorder';
import type { ContentRecord, KeepingRecord, SecretBinding } from './database';
import type { Asker } from './identity';
import type { Rows } from './rows';
import { importKey, newRawKey, seal, unseal } from './sealed';
import type { Vault } from './vault';

export interface Contents {
  isKept(): Promise<boolean>;
  /** Off: what is kept stays until it is removed. */
  setKept(isKept: boolean): Promise<void>;
  /** Undefined where nothing of this call is to be kept. */
  recorder(asker: Asker, request: GenerateRequest): Promise<CallRecorder | undefined>;
  /** Undefined while the vault is locked, or where it is lost. */
  seal(content: CallContent, at: number): Promise<ContentRecord | undefined>;
  open(id: string | undefined): Promise<ContentView>;
  /** From now on another key: what the old one, or the disk, still gives away opens nothing that is kept later. */
  renewKey(): Promise<void>;
  /** Forgets the keys of what is gone, so that no rest of it on the disk can be read. */
  tidyKeys(): Promise<void>;
  /** The vault was emptied: nothing opens any more. */
  clear(): Promise<void>;
}

interface ContentsDeps {
  readonly database: Rows;
  readonly vault: Pick<Vault, 'open' | 'save' | 'remove'>;
  readonly createRecorder: (request: GenerateRequest) => Promise<CallRecorder>;
}

/** No connection has such an id: theirs are UUIDs. */
const keyPrefix = 'content ';

/** Nothing on the network has this origin, so that no backend is ever sent it. */
const bindingOf = (connectionId: ConnectionId): SecretBinding => ({
  connectionId,
  providerId: 'oriel',
  origin: 'oriel:content',
  header: 'content',
});

const boundTo = (id: string, keyId: ConnectionId, at: number) =>
  new TextEncoder().encode(JSON.stringify(['oriel content', 1, id, keyId, at]));

export function createContents({ database, vault, createRecorder }: ContentsDeps): Contents {
  let isKept: Promise<boolean> | undefined;

  const change = async (fields: Partial<KeepingRecord>) => {
    const whole = await database.whole();
    await whole.transaction('rw', whole.keeping, async () => {
      await whole.keeping.put({ ...(await whole.keeping.get('keeping')), id: 'keeping', ...fields });
    });
  };
  const chosen = async () => database.row('keeping', 'keeping');

  const readKept = () => {
    isKept ??= chosen()
      .then((keeping) => keeping?.content === true)
      .catch((error) => {
        isKept = undefined;
        throw error;
      });
    return isKept;
  };

  const keyOf = async (keyId: ConnectionId) => {
    const raw = await vault.open(bindingOf(keyId));
    return raw === undefined ? undefined : importKey(fromBase64(raw));
  };

  /** The key that seals, made where there is none, or none that opens any more. */
  const currentKey = async (): Promise<{ readonly keyId: ConnectionId; readonly key: CryptoKey }> => {
    const chosenId = (await chosen())?.contentKey;
    const known = chosenId === undefined ? undefined : await keyOf(chosenId);
    if (chosenId !== undefined && known) return { keyId: chosenId, key: known };
    const keyId = toConnectionId(keyPrefix + crypto.randomUUID());
    const raw = newRawKey();
    await vault.save(bindingOf(keyId), toBase64(raw));
    await change({ contentKey: keyId });
    return { keyId, key: await importKey(raw) };
  };

  return {
    isKept: readKept,

    async setKept(on) {
      await change({ content: on });
      isKept = Promise.resolve(on);
    },

    async recorder({ isPrivate }, request) {
      return !isPrivate && (await readKept()) ? createRecorder(request) : undefined;
    },

    async seal(content, at) {
      try {
        const { keyId, key } = await currentKey();
        const id = crypto.randomUUID();
        const plain = new TextEncoder().encode(JSON.stringify(content));
        const sealed = await seal(key, plain, boundTo(id, keyId, at));
        return { id, at, keyId, size: sealed.ciphertext.byteLength, ...sealed };
      } catch (error) {
        // Locked, or lost: the vault says so by itself.
        if (error instanceof AiError) return undefined;
        throw error;
      }
    },

    async open(id) {
      const { contents } = await database.whole();
      const record = id === undefined ? undefined : await contents.get(id);
      if (!record) return { type: 'gone' };
      const key = await keyOf(record.keyId);
      const plain = key && (await unseal(key, record, boundTo(record.id, record.keyId, record.at)));
      if (!plain) return { type: 'unreadable' };
      // Written by `seal` alone: what was changed since does not open.
      return { type: 'kept', content: JSON.parse(new TextDecoder().decode(plain)) as CallContent };
    },

    renewKey: () => change({ contentKey: undefined }),

    async tidyKeys() {
      const { contents, secrets } = await database.whole();
      const current = (await chosen())?.contentKey;
      const used = new Set(await contents.orderBy('keyId').uniqueKeys());
      const keys = await secrets.where('connectionId').startsWith(keyPrefix).primaryKeys();
      for (const keyId of keys) if (keyId !== current && !used.has(keyId)) await vault.remove(keyId);
    },

    async clear() {
      const { contents } = await database.whole();
      await contents.clear();
      await change({ contentKey: undefined });
    },
  };
}
