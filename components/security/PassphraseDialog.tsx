/** Sets the passphrase, changes it or takes it away. Whoever has one types it again, unlocked or not. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { useApp } from '../context';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { Notice } from '../ui/Notice';
import { useAction } from '../use-action';
import { checkPassphrase, NewPassphrase, nothingTyped } from './NewPassphrase';
import { VaultFault } from './VaultFault';
import { protect } from './vault-calls';

export type PassphraseChange = 'set' | 'change' | 'remove';

const titles = {
  set: () => i18n.t('security.set'),
  change: () => i18n.t('security.changeTitle'),
  remove: () => i18n.t('security.removeTitle'),
};

function Warning({ change }: { readonly change: PassphraseChange }) {
  return (
    <Notice kind="caution">
      <p>{change === 'remove' ? i18n.t('security.removeBody') : i18n.t('security.noRecovery')}</p>
    </Notice>
  );
}

export function PassphraseDialog({ change, onClose }: { readonly change: PassphraseChange; readonly onClose: () => void }) {
  const app = useApp();
  const { run, busy, failure } = useAction();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState(nothingTyped);
  const [isTried, setTried] = useState(false);
  const errors = change === 'remove' ? {} : checkPassphrase(next);
  const submit = () => {
    setTried(true);
    if (Object.keys(errors).length > 0) return;
    run(() => protect(app, current, change === 'remove' ? undefined : next.first).then(onClose));
  };
  return (
    <Dialog title={titles[change]()} onClose={onClose}>
      <form
        class="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {change !== 'set' && (
          <Field label={i18n.t('security.currentPassphrase')} kind="secret" value={current} onValue={setCurrent} />
        )}
        {change !== 'remove' && <NewPassphrase value={next} onValue={setNext} errors={isTried ? errors : {}} />}
        <Warning change={change} />
        <VaultFault error={failure} />
        <div class="dialog-actions">
          <Button onClick={onClose}>{i18n.t('common.cancel')}</Button>
          <Button type="submit" kind={change === 'remove' ? 'danger' : 'primary'} dead={busy}>
            {busy ? i18n.t('security.working') : titles[change]()}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
