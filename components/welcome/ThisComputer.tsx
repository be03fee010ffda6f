/** The first door: servers that run here already, the model that the browser brings, and one that Oriel fetches. */

import { useId, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { LocalServer } from '../../protocol/ui-messages';
import { rowOf } from '../../providers/catalog';
import { FaultNotice } from '../FaultNotice';
import { DeviceModels } from '../options/DeviceModels';
import { LocalServers } from '../options/LocalServers';
import { providerName } from '../provider-name';
import { Button } from '../ui/Button';
import type { DoorProps } from './Doors';
import { useConnect } from './use-connect';

const providerId = 'browser';

function BrowserModel({ onAdded }: Pick<DoorProps, 'onAdded'>) {
  const id = useId();
  const { connect, busy, failure } = useConnect(onAdded);
  const row = rowOf(providerId);
  const name = row ? providerName(row) : '';
  return (
    <div class="card found-server">
      <div>
        <h4 id={id}>{name}</h4>
        <p class="soft small">{i18n.t('welcome.browserModel')}</p>
        {failure && <FaultNotice live error={failure} context={{ name }} />}
      </div>
      <Button size="small" dead={busy} describedBy={id} onClick={() => connect({ providerId, name })}>
        {busy ? i18n.t('form.connecting') : i18n.t('form.connect')}
      </Button>
    </div>
  );
}

export function ThisComputer({ overview, deviceConnect, onAdded }: DoorProps) {
  const { connections, device = [], hasBrowserModel = false } = overview;
  const [servers, setServers] = useState<readonly LocalServer[]>([]);
  return (
    <>
      <p class="soft">{i18n.t('welcome.serversBody')}</p>
      <LocalServers connections={connections} eager onFound={setServers} onAdded={onAdded} />
      {hasBrowserModel && <BrowserModel onAdded={onAdded} />}
      {device.length > 0 && (
        <section class="stack">
          <h4>{i18n.t('welcome.deviceTitle')}</h4>
          <DeviceModels models={device} connections={connections} connect={deviceConnect} isAside={servers.length > 0} />
        </section>
      )}
    </>
  );
}
