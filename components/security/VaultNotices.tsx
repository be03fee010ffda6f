/** What **Connections** says about how its keys are kept: that they are lost, or that a passphrase would be wise. */

import { i18n } from '#i18n';
import type { Overview } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { FullNotice } from '../FullNotice';
import { LostNotice } from '../LostNotice';
import { SetAsideNotice } from '../SetAsideNotice';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { useAction } from '../use-action';

export function VaultNotices({ overview: { vault, connections, setAside, isFull, isLost } }: { readonly overview: Overview }) {
  const { client } = useApp();
  const { run } = useAction();
  const toSecurity = (
    <a class="button" data-size="small" href="#security">
      {i18n.t('security.title')}
    </a>
  );
  if (isFull) return <FullNotice />;
  if (isLost) return <LostNotice />;
  if (setAside) return <SetAsideNotice setAside={setAside} />;
  if (vault.type === 'lost') {
    return (
      <Notice kind="problem">
        <p>{i18n.t('security.lostTitle')}</p>
        <div class="row">{toSecurity}</div>
      </Notice>
    );
  }
  const hasCloudKey = connections.some(({ place, keyEnding }) => place === 'cloud' && keyEnding !== undefined);
  if (vault.type !== 'open' || vault.isAdviceDismissed || !hasCloudKey) return null;
  return (
    <Notice kind="plain">
      <p>{i18n.t('security.advice')}</p>
      <div class="row">
        {toSecurity}
        <Button kind="quiet" size="small" onClick={() => run(() => client.call('vault-dismiss-advice', {}))}>
          {i18n.t('common.dismiss')}
        </Button>
      </div>
    </Notice>
  );
}
