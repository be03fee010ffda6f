/** The way to take connections to another browser, and those of another one in. */

import { useId, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { Overview } from '../../protocol/ui-messages';
import { ExportDialog } from '../security/ExportDialog';
import { ImportDialog } from '../security/ImportDialog';
import { Button } from '../ui/Button';

export function ConnectionTransfer({ overview: { connections, vault } }: { readonly overview: Overview }) {
  const id = useId();
  const [dialog, setDialog] = useState<'export' | 'import'>();
  const close = () => setDialog(undefined);
  return (
    <section class="card stack" aria-labelledby={id}>
      <h2 id={id}>{i18n.t('security.transferTitle')}</h2>
      <p class="soft">{i18n.t('security.transferBody')}</p>
      <div class="row">
        {connections.length > 0 && <Button onClick={() => setDialog('export')}>{i18n.t('security.export')}</Button>}
        <Button onClick={() => setDialog('import')}>{i18n.t('security.import')}</Button>
      </div>
      {dialog === 'export' && <ExportDialog hasPassphrase={vault.type === 'unlocked'} onClose={close} />}
      {dialog === 'import' && <ImportDialog onClose={close} />}
    </section>
  );
}
