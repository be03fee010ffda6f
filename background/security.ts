/** What the person chose about the vault, and the locking that follows from it: at the alarm, at the browser's start, after an update, with the computer. */

import type { AutoLock, VaultView } from '../protocol/vault-messages';
import { autoLocks } from '../protocol/vault-messages';
import type { Area, Browser } from './browser-api';
import type { SecurityRecord } from './database';
import { logDefect } from './log';
import type { Rows } from './rows';
import { createStored } from './stored';
import type { Vault } from './vault';

export interface Security {
  autoLock(): Promise<AutoLock>;
  setAutoLock(after: AutoLock): Promise<void>;
  dismissAdvice(): Promise<void>;
  /** The vault was mended from its copy; said until the browser closes. */
  restored(): void;
  view(vault: Pick<Vault, 'state'>): Promise<VaultView>;
}

interface SecurityDeps {
  readonly database: Rows;
  readonly session: Area;
  readonly onChange: () => void;
}

export function createSecurity({ database, session, onChange }: SecurityDeps): Security {
  const isRestored = createStored(session, 'vault-restored', false);

  const change = async (fields: Partial<SecurityRecord>) => {
    const whole = await database.whole();
    await whole.transaction('rw', whole.security, async () => {
      const record = await whole.security.get('security');
      await whole.security.put({ ...record, id: 'security', ...fields });
    });
    onChange();
  };

  const chosen = () => database.row('security', 'security');
  const autoLockOf = (record: SecurityRecord | undefined): AutoLock =>
    autoLocks.find((each) => each === record?.autoLock) ?? '60m';

  return {
    autoLock: async () => autoLockOf(await chosen()),
    setAutoLock: (after) => change({ autoLock: after }),
    dismissAdvice: () => change({ adviceDismissed: true }),
    restored: () => void isRestored.update(() => true).then(onChange),

    async view(vault) {
      const [type, record] = await Promise.all([vault.state(), chosen()]);
      return {
        type,
        autoLock: autoLockOf(record),
        // Known when the vault was looked at: mending it says so.
        isRestored: await isRestored.get(),
        isAdviceDismissed: record?.adviceDismissed === true,
      };
    },
  };
}

export const lockAlarm = 'lock';

/** The check at each use is the vault's own. `state` drops what is over, so to ask is to enforce. */
export function watchLocks(
  browser: Pick<Browser, 'onAlarm' | 'onStart' | 'onComputerLocked'>,
  vault: Pick<Vault, 'state' | 'lock'>,
  onChange: () => void,
) {
  browser.onAlarm((name) => {
    if (name === lockAlarm) vault.state().then(onChange, logDefect);
  });
  const lock = () => void vault.lock();
  browser.onStart(lock);
  browser.onComputerLocked(lock);
}
