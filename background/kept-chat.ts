/**
 * The one conversation that a person keeps from the chat panel: sealed with a key of its own, which lies in the vault like the keys of backends. So a
 * locked vault lets nothing be written or read, and what is forgotten leaves nothing on the disk that opens.
 */

import { fromBase64, toBase64 } from '../protocol/base64';
import type { KeptTurn } from '../protocol/chat';
import { type ConnectionId, toConnectionId } from '../protocol/ids';
import type { Database, SecretBinding } from './database';
import { importKey, newRawKey, seal, unseal } from './sealed';
import type { Vault } from './vault';

export interface KeptChat {
  /** Undefined where none is kept, or it opens for nobody any more. @throws AiError `invalid-state` while the vault is locked */
  read(): Promise<{ readonly turns: readonly KeptTurn[]; readonly stamp: string } | undefined>;
  /**
   * In place of what was kept before.
   * @param over the stamp of what it continues: where another window has written since, or it was forgotten, nothing is done
   * @returns its stamp, or undefined where nothing was done
   * @throws AiError `invalid-state` while the vault is locked
   */
  keep(turns: readonly KeptTurn[], over?: string): Promise<string | undefined>;
  forget(over?: string): Promise<void>;
}

interface KeptChatDeps {
  readonly database: Database;
  readonly vault: Pick<Vault, 'open' | 'save' | 'remove'>;
}

/** Nothing on the network has this origin, so that no backend is ever sent it; no connection has such an id: theirs are UUIDs. */
const bindingOf = (connectionId: ConnectionId): SecretBinding => ({
  connectionId,
  providerId: 'oriel',
  origin: 'oriel:chat',
  header: 'chat',
});
/** No two writings of a sealed record have the same. */
const stampOf = ({ iv }: { readonly iv: Uint8Array<ArrayBuffer> }): string => toBase64(iv);
const newKeyId = () => toConnectionId(`chat ${crypto.randomUUID()}`);
const boundTo = (keyId: ConnectionId) => new TextEncoder().encode(JSON.stringify(['oriel chat', 1, keyId]));

export function createKeptChat({ database: { chats }, vault }: KeptChatDeps): KeptChat {
  let last: Promise<unknown> = Promise.resolve();
  /** What is forgotten while it is being written must not come back. */
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const begun = last.then(work, work);
    last = begun.catch(() => undefined);
    return begun;
  };

  const opened = async () => {
    const record = await chats.get('kept');
    const raw = record && (await vault.open(bindingOf(record.keyId)));
    return record && raw !== undefined ? { record, key: await importKey(fromBase64(raw)) } : undefined;
  };

  const newKey = async () => {
    const [keyId, raw] = [newKeyId(), newRawKey()];
    await vault.save(bindingOf(keyId), toBase64(raw));
    return { keyId, key: await importKey(raw) };
  };

  return {
    read: () =>
      inTurn(async () => {
        const found = await opened();
        const plain = found && (await unseal(found.key, found.record, boundTo(found.record.keyId)));
        // Written by `keep` alone: what was changed since does not open.
        if (!found || !plain) return undefined;
        return { turns: JSON.parse(new TextDecoder().decode(plain)) as readonly KeptTurn[], stamp: stampOf(found.record) };
      }),

    keep: (turns, over) =>
      inTurn(async () => {
        const found = await opened();
        if (over !== undefined && (!found || stampOf(found.record) !== over)) return undefined;
        const { keyId, key } = found ? { keyId: found.record.keyId, key: found.key } : await newKey();
        const plain = new TextEncoder().encode(JSON.stringify(turns));
        const record = { id: 'kept', keyId, ...(await seal(key, plain, boundTo(keyId))) } as const;
        await chats.put(record);
        return stampOf(record);
      }),

    forget: (over) =>
      inTurn(async () => {
        const record = await chats.get('kept');
        if (!record || (over !== undefined && stampOf(record) !== over)) return;
        await chats.delete('kept');
        await vault.remove(record.keyId);
      }),
  };
}
