/** What Oriel's own pages may do with the vault, and that while it is locked they may do nothing else. */

import type { UiOperation } from '../protocol/ui-messages';
import type { VaultOperations } from '../protocol/vault-messages';
import type { Connections } from './connections';
import type { Contents } from './contents';
import type { KeptChat } from './kept-chat';
import { keyHolders } from './repair-keys';
import type { Security } from './security';
import type { Transfer } from './transfer';
import type { Unlocked } from './unlocked';
import type { Vault } from './vault';

export interface VaultApiDeps {
  readonly vault: Vault;
  readonly unlocked: Unlocked;
  readonly security: Security;
  readonly transfer: () => Promise<Transfer>;
  readonly contents: Contents;
  readonly keptChat: Pick<KeptChat, 'forget'>;
  readonly connections: Pick<Connections, 'list' | 'keysLost'>;
}

type Answer<Output> = [Output] extends [undefined] ? unknown : Output;
type VaultTable = {
  readonly [Operation in keyof VaultOperations]: (
    input: VaultOperations[Operation]['input'],
  ) => Promise<Answer<VaultOperations[Operation]['output']>>;
};

/** Open to whoever sits at the computer. Stopping everything is one of them: it shows nothing and spends nothing. */
const openWhileLocked: ReadonlySet<UiOperation> = new Set<UiOperation>([
  'overview',
  'vault-parameters',
  'vault-unlock',
  'vault-lock',
  'vault-reset',
  'run-stop-all',
]);

/** Whether the locked vault refuses this. What gets through is a sign that the person is there. */
export async function isClosed(operation: UiOperation, { vault, unlocked }: VaultApiDeps): Promise<boolean> {
  if (openWhileLocked.has(operation)) return false;
  if ((await vault.state()) === 'locked') return true;
  await unlocked.used();
  return false;
}

export function createVaultApi({
  vault,
  unlocked,
  security,
  transfer,
  contents,
  keptChat,
  connections,
}: VaultApiDeps): VaultTable {
  return {
    'vault-parameters': async () => ({ parameters: await vault.parameters() }),
    'vault-unlock': ({ key }) => vault.unlock(key),
    'vault-lock': () => vault.lock(),
    async 'vault-protect'({ current, next }) {
      await vault.protect(current, next ?? undefined);
      await contents.renewKey();
    },
    async 'vault-auto-lock'({ after }) {
      await security.setAutoLock(after);
      await unlocked.retime();
    },
    'vault-dismiss-advice': () => security.dismissAdvice(),
    async 'vault-reset'() {
      const holders = await keyHolders(connections);
      await vault.reset();
      await contents.clear();
      await keptChat.forget();
      await connections.keysLost(holders);
    },
    'vault-export': async ({ current, next, withSites }) => (await transfer()).write(current, next, withSites),
    'vault-import-parameters': async ({ file }) => (await transfer()).parameters(file),
    'vault-import-preview': async ({ file, key }) => (await transfer()).preview(file, key),
    'vault-import': async ({ file, key, withSites }) => (await transfer()).read(file, key, withSites),
  };
}
