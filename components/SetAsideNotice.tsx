/** Says that entries of the store were set aside, and gives them to the person as a file. */

import { i18n } from '#i18n';
import type { SetAsideView } from '../protocol/store-messages';
import { useApp } from './context';
import { count, moment } from './format';
import { offerFile } from './offer-file';
import { Button } from './ui/Button';
import { Notice } from './ui/Notice';
import { useAction } from './use-action';

export function SetAsideNotice({ setAside }: { readonly setAside: SetAsideView }) {
  const { client } = useApp();
  const { run, busy } = useAction();
  const save = async () => offerFile('oriel-set-aside', 'json', await client.call('store-aside-file', {}));
  return (
    <Notice kind="caution">
      <p class="notice-title">{i18n.t('store.setAsideTitle')}</p>
      <p>{i18n.t('store.setAsideBody', { count: count(setAside.count), date: moment(setAside.at) })}</p>
      <div class="row notice-actions">
        <Button size="small" dead={busy} onClick={() => run(save)}>
          {i18n.t('security.saveFile')}
        </Button>
        <Button size="small" kind="quiet" dead={busy} onClick={() => run(() => client.call('store-aside-remove', {}))}>
          {i18n.t('store.removeAside')}
        </Button>
      </div>
    </Notice>
  );
}
