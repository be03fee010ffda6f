/** All that Oriel's pages show while the vault is locked: a field for the passphrase. The same in popup, approval window and settings. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { useApp } from '../context';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { Icon } from '../ui/Icon';
import { useAction } from '../use-action';
import { ResetDialog } from './ResetDialog';
import { VaultFault } from './VaultFault';
import { unlock } from './vault-calls';

export function UnlockView() {
  const app = useApp();
  const { run, busy, failure } = useAction();
  const [passphrase, setPassphrase] = useState('');
  const [isResetting, setIsResetting] = useState(false);
  return (
    <section class="unlock" aria-labelledby="unlock-title">
      <Icon name="lock" size={28} />
      <h1 id="unlock-title">{i18n.t('unlock.title')}</h1>
      <p class="soft">{i18n.t('unlock.body')}</p>
      <form
        class="unlock-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          run(() => unlock(app, passphrase));
        }}
      >
        <Field label={i18n.t('security.passphrase')} kind="secret" focused value={passphrase} onValue={setPassphrase} />
        <VaultFault error={failure} />
        <Button type="submit" kind="primary" dead={busy || passphrase === ''}>
          {busy ? i18n.t('unlock.unlocking') : i18n.t('unlock.unlock')}
        </Button>
      </form>
      <Button kind="quiet" size="small" onClick={() => setIsResetting(true)}>
        {i18n.t('unlock.forgotten')}
      </Button>
      {isResetting && <ResetDialog onClose={() => setIsResetting(false)} />}
    </section>
  );
}
