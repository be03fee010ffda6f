/** Says that the browser threw away what was saved. */

import { i18n } from '#i18n';
import { useApp } from './context';
import { Button } from './ui/Button';
import { Notice } from './ui/Notice';
import { useAction } from './use-action';

export function LostNotice() {
  const { client } = useApp();
  const { run, busy } = useAction();
  return (
    <Notice kind="problem">
      <p class="notice-title">{i18n.t('store.lostTitle')}</p>
      <p>{i18n.t('store.lostBody')}</p>
      <div class="row notice-actions">
        <Button size="small" dead={busy} onClick={() => run(() => client.call('store-lost-dismiss', {}))}>
          {i18n.t('common.dismiss')}
        </Button>
      </div>
    </Notice>
  );
}
