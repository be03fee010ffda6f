/** **Find local servers**: what answers at the usual ports of this computer, each one click from being connected. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { ConnectionView, LocalServer } from '../../protocol/ui-messages';
import { rowOf } from '../../providers/catalog';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import { plainLine } from '../plain-text';
import { hostOf } from '../site-name';
import { Badge } from '../ui/Badge';
import { Button } from '../ui/Button';
import { useAction } from '../use-action';

function Found({ server, isConnected }: { readonly server: LocalServer; readonly isConnected: boolean }) {
  const { client } = useApp();
  const { run, busy, failure } = useAction();
  const { providerId, baseUrl, models } = server;
  const host = hostOf(baseUrl) ?? baseUrl;
  const kind = rowOf(providerId)?.name;
  return (
    <li class="card found-server">
      <div>
        <h3>{kind === undefined ? host : i18n.t('find.server', { name: kind, host })}</h3>
        <p class="soft small">
          {models.length === 0
            ? i18n.t('find.noModels')
            : i18n.t('find.models', { models: plainLine(models.slice(0, 3).join(', ')) })}
        </p>
        {failure && <FaultNotice live error={failure} context={{ name: host }} />}
      </div>
      {isConnected ? (
        <Badge kind="good" text={i18n.t('connections.connected')} />
      ) : (
        <Button
          size="small"
          dead={busy}
          onClick={() => run(() => client.call('connection-add', { providerId, baseUrl, name: host }))}
        >
          {i18n.t('form.connect')}
        </Button>
      )}
    </li>
  );
}

export function LocalServers({ connections }: { readonly connections: readonly ConnectionView[] }) {
  const { client } = useApp();
  const { run, busy, failure } = useAction();
  const [found, setFound] = useState<readonly LocalServer[]>();
  return (
    <section class="stack" aria-label={i18n.t('find.title')}>
      <div class="row">
        <Button dead={busy} onClick={() => run(() => client.call('find-servers', undefined).then(setFound))}>
          {busy ? i18n.t('find.looking') : i18n.t('find.title')}
        </Button>
      </div>
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
      <p class="soft small" role="status">
        {found && (found.length === 0 ? i18n.t('find.none') : i18n.t('find.found', { count: `${found.length}` }))}
      </p>
      {found && found.length > 0 && (
        <ul class="stack">
          {found.map((server) => (
            <Found
              key={server.baseUrl}
              server={server}
              isConnected={connections.some(({ baseUrl }) => baseUrl === server.baseUrl)}
            />
          ))}
        </ul>
      )}
    </section>
  );
}
