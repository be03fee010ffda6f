/** The page **Security**: how keys are kept, when they lock, and how they move to another browser. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { Overview } from '../../protocol/ui-messages';
import { type AutoLock, autoLocks, type VaultView } from '../../protocol/vault-messages';
import { useApp } from '../context';
import { SetAsideNotice } from '../SetAsideNotice';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { Select } from '../ui/Select';
import { useAction } from '../use-action';
import { ExportDialog } from './ExportDialog';
import { ImportDialog } from './ImportDialog';
import { type PassphraseChange, PassphraseDialog } from './PassphraseDialog';
import { ResetDialog } from './ResetDialog';
import { VaultFault } from './VaultFault';
import { WithComputer } from './WithComputer';

type Open = PassphraseChange | 'export' | 'import' | 'reset' | undefined;

interface SectionProps {
  readonly vault: VaultView;
  readonly open: (dialog: Open) => void;
}

const autoLockText = (after: AutoLock): string =>
  ({
    '5m': i18n.t('security.after5m'),
    '15m': i18n.t('security.after15m'),
    '60m': i18n.t('security.after60m'),
    '4h': i18n.t('security.after4h'),
    session: i18n.t('security.afterSession'),
  })[after];

function Keys({ vault, open }: SectionProps) {
  const hasPassphrase = vault.type === 'unlocked';
  return (
    <section class="card security">
      <h2>{i18n.t('security.keysTitle')}</h2>
      <p>{hasPassphrase ? i18n.t('security.withPassphrase') : i18n.t('security.withoutPassphrase')}</p>
      <div class="row">
        {hasPassphrase ? (
          <>
            <Button onClick={() => open('change')}>{i18n.t('security.change')}</Button>
            <Button onClick={() => open('remove')}>{i18n.t('security.remove')}</Button>
          </>
        ) : (
          <Button kind="primary" onClick={() => open('set')}>
            {i18n.t('security.set')}
          </Button>
        )}
      </div>
    </section>
  );
}

function Locking({ vault }: { readonly vault: VaultView }) {
  const { client, shell } = useApp();
  const { run, failure } = useAction();
  const choose = (value: string) => {
    const after = autoLocks.find((each) => each === value);
    if (after) run(() => client.call('vault-auto-lock', { after }));
  };
  return (
    <section class="card security">
      <h2>{i18n.t('security.lockTitle')}</h2>
      <p class="soft">{i18n.t('security.lockBody')}</p>
      <Select
        label={i18n.t('security.autoLock')}
        value={vault.autoLock}
        options={autoLocks.map((value) => ({ value, text: autoLockText(value) }))}
        onValue={choose}
      />
      {shell.computerLock && <WithComputer lock={shell.computerLock} />}
      <div class="row">
        <Button onClick={() => run(() => client.call('vault-lock', {}))}>{i18n.t('security.lockNow')}</Button>
      </div>
      <VaultFault error={failure} />
    </section>
  );
}

function Transfer({ open }: Pick<SectionProps, 'open'>) {
  return (
    <section class="card security">
      <h2>{i18n.t('security.transferTitle')}</h2>
      <p class="soft">{i18n.t('security.transferBody')}</p>
      <div class="row">
        <Button onClick={() => open('export')}>{i18n.t('security.export')}</Button>
        <Button onClick={() => open('import')}>{i18n.t('security.import')}</Button>
      </div>
    </section>
  );
}

function Lost({ open }: Pick<SectionProps, 'open'>) {
  return (
    <Notice kind="problem">
      <p class="notice-title">{i18n.t('security.lostTitle')}</p>
      <p>{i18n.t('security.lostBody')}</p>
      <Button kind="danger" onClick={() => open('reset')}>
        {i18n.t('security.startOver')}
      </Button>
    </Notice>
  );
}

export function SecurityPage({ vault, setAside }: Pick<Overview, 'vault' | 'setAside'>) {
  const [dialog, open] = useState<Open>();
  const close = () => open(undefined);
  const isLost = vault.type === 'lost';
  const hasPassphrase = vault.type === 'unlocked';
  return (
    <>
      <div class="page-head">
        <h1>{i18n.t('security.title')}</h1>
      </div>
      {setAside && <SetAsideNotice setAside={setAside} />}
      {vault.isRestored && (
        <Notice kind="good">
          <p>{i18n.t('security.restored')}</p>
        </Notice>
      )}
      {isLost && <Lost open={open} />}
      {!isLost && <Keys vault={vault} open={open} />}
      {hasPassphrase && <Locking vault={vault} />}
      {!isLost && <Transfer open={open} />}
      {(dialog === 'set' || dialog === 'change' || dialog === 'remove') && <PassphraseDialog change={dialog} onClose={close} />}
      {dialog === 'export' && <ExportDialog hasPassphrase={hasPassphrase} onClose={close} />}
      {dialog === 'import' && <ImportDialog onClose={close} />}
      {dialog === 'reset' && <ResetDialog onClose={close} />}
    </>
  );
}
