/** Says that nothing more can be saved. What was saved before is there. */

import { i18n } from '#i18n';
import { Notice } from './ui/Notice';

export function FullNotice() {
  return (
    <Notice kind="problem">
      <p class="notice-title">{i18n.t('store.fullTitle')}</p>
      <p>{i18n.t('store.fullBody')}</p>
    </Notice>
  );
}
