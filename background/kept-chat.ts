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
  read(): Promise<readonly KeptTurn[] | undefined>;
  /** In place of what was kept before. @throws AiError `invalid-state` while the vault is locked */
  keep(turns: readonly KeptTurn[]): Promise<void>;
  forget(): Promise<void>;
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
        return plain && (JSON.parse(new TextDecoder().decode(plain)) as readonly KeptTurn[]);
      }),

    keep: (turns) =>
      inTurn(async () => {
        const found = await opened();
        const { keyId, key } = found ? { keyId: found.record.keyId, key: found.key } : await newKey();
        const plain = new TextEncoder().encode(JSON.stringify(turns));
        await chats.put({ id: 'kept', keyId, ...(await seal(key, plain, boundTo(keyId))) });
      }),

    forget: () =>
      inTurn(async () => {
        const record = await chats.get('kept');
        if (!record) return;
        await chats.delete('kept');
        await vault.remove(record.keyId);
      }),
  };
}
