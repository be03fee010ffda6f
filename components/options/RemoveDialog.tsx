/** Asks before a connection goes: its key cannot be brought back. */

import { i18n } from '#i18n';
import type { ConnectionView } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import { plainLine } from '../plain-text';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { useAction } from '../use-action';

interface RemoveDialogProps {
  readonly connection: ConnectionView;
  readonly onClose: () => void;
}

export function RemoveDialog({ connection: { id, name, keyEnding }, onClose }: RemoveDialogProps) {
  const { client } = useApp();
  const { run, failure } = useAction();
  const shown = { name: plainLine(name) };
  return (
    <Dialog title={i18n.t('connections.removeTitle')} onClose={onClose}>
      <p>{keyEnding === undefined ? i18n.t('connections.removeBodyNoKey', shown) : i18n.t('connections.removeBody', shown)}</p>
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
      <div class="dialog-actions">
        <Button onClick={onClose}>{i18n.t('common.cancel')}</Button>
        <Button kind="danger" onClick={() => run(() => client.call('connection-remove', { id }).then(onClose))}>
          {i18n.t('connections.removeTitle')}
        </Button>
      </div>
    </Dialog>
  );
}
