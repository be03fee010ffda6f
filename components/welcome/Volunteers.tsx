/** AI Horde: free, slow at times, and read by strangers. Said before, and never chosen for anybody. */

import { i18n } from '#i18n';
import { rowOf } from '../../providers/catalog';
import { FaultNotice } from '../FaultNotice';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import type { DoorProps } from './Doors';
import { useConnect } from './use-connect';

const providerId = 'ai-horde';

export function Volunteers({ onAdded }: DoorProps) {
  const { connect, busy, failure } = useConnect(onAdded);
  const name = rowOf(providerId)?.name ?? '';
  return (
    <>
      <Notice kind="caution">
        <p>{i18n.t('form.volunteers', { provider: name })}</p>
      </Notice>
      <p class="soft">{i18n.t('welcome.volunteersWait')}</p>
      {failure && <FaultNotice live error={failure} context={{ name }} />}
      <div class="row">
        <Button dead={busy} onClick={() => connect({ providerId, name })}>
          {busy ? i18n.t('form.connecting') : i18n.t('welcome.volunteersUse', { name })}
        </Button>
      </div>
    </>
  );
}
