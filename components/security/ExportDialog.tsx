/** Writes connections and keys into a file, encrypted with a passphrase of its own. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { useApp } from '../context';
import { offerFile } from '../offer-file';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { useAction } from '../use-action';
import { checkPassphrase, NewPassphrase, nothingTyped } from './NewPassphrase';
import { VaultFault } from './VaultFault';
import { exportFile } from './vault-calls';

interface ExportDialogProps {
  readonly hasPassphrase: boolean;
  readonly onClose: () => void;
}

export function ExportDialog({ hasPassphrase, onClose }: ExportDialogProps) {
  const app = useApp();
  const { run, busy, failure } = useAction();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState(nothingTyped);
  const [withSites, setWithSites] = useState(false);
  const [isTried, setTried] = useState(false);
  const errors = checkPassphrase(next);
  const submit = () => {
    setTried(true);
    if (Object.keys(errors).length > 0) return;
    run(async () => {
      offerFile('oriel', 'json', await exportFile(app, current, next.first, withSites));
      onClose();
    });
  };
  return (
    <Dialog title={i18n.t('security.exportTitle')} onClose={onClose}>
      <form
        class="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <p class="soft">{i18n.t('security.exportBody')}</p>
        {hasPassphrase && (
          <Field label={i18n.t('security.currentPassphrase')} kind="secret" value={current} onValue={setCurrent} />
        )}
        <NewPassphrase value={next} onValue={setNext} errors={isTried ? errors : {}} />
        <label class="check">
          <input type="checkbox" checked={withSites} onChange={(event) => setWithSites(event.currentTarget.checked)} />
          {i18n.t('security.withSites')}
        </label>
        <VaultFault error={failure} />
        <div class="dialog-actions">
          <Button onClick={onClose}>{i18n.t('common.cancel')}</Button>
          <Button type="submit" kind="primary" dead={busy}>
            {busy ? i18n.t('security.working') : i18n.t('security.saveFile')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
