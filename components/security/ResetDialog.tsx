/** Asks before every key is deleted: the one way on after the passphrase was forgotten or the vault was damaged. */

import { i18n } from '#i18n';
import { useApp } from '../context';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { useAction } from '../use-action';
import { VaultFault } from './VaultFault';

export function ResetDialog({ onClose }: { readonly onClose: () => void }) {
  const { client } = useApp();
  const { run, failure } = useAction();
  return (
    <Dialog title={i18n.t('security.resetTitle')} onClose={onClose}>
      <p>{i18n.t('security.resetBody')}</p>
      <VaultFault error={failure} />
      <div class="dialog-actions">
        <Button onClick={onClose}>{i18n.t('common.cancel')}</Button>
        <Button kind="danger" onClick={() => run(() => client.call('vault-reset', {}).then(onClose))}>
          {i18n.t('security.reset')}
        </Button>
      </div>
    </Dialog>
  );
}
