/** **Find local servers**: what answers at the usual ports of this computer, each one click from being connected. */

import { useEffect, useId, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { ConnectionView, LocalServer } from '../../protocol/ui-messages';
import { rowOf } from '../../providers/catalog';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import { list } from '../language';
import { plainLine } from '../plain-text';
import { providerName, serverName } from '../provider-name';
import { hostOf } from '../site-name';
import { Badge } from '../ui/Badge';
import { Button } from '../ui/Button';
import { useAction } from '../use-action';
import { type Added, addConnection } from './add-connection';

interface FoundProps {
  readonly server: LocalServer;
  readonly isConnected: boolean;
  /** The main thing to press where it stands. */
  readonly isMain: boolean;
  readonly onAdded: ((added: Added) => void) | undefined;
}

function Found({ server, isConnected, isMain, onAdded }: FoundProps) {
  const { client } = useApp();
  const { run, busy, failure } = useAction();
  const { providerId, baseUrl, models } = server;
  const host = hostOf(baseUrl) ?? baseUrl;
  const row = rowOf(providerId);
  const kind = row && providerName(row);
  const id = useId();
  const connect = () => addConnection(client, { providerId, baseUrl, name: serverName(server) });
  return (
    <li class="card found-server">
      <div>
        <h3 id={id}>{kind === undefined ? host : i18n.t('find.server', { name: kind, host })}</h3>
        <p class="soft small">
          {models.length === 0 ? i18n.t('find.noModels') : i18n.t('find.models', { models: plainLine(list(models.slice(0, 3))) })}
        </p>
        {failure && <FaultNotice live error={failure} context={{ name: host }} />}
      </div>
      {isConnected ? (
        <Badge kind="good" text={i18n.t('connections.connected')} />
      ) : (
        <Button
          kind={isMain ? 'primary' : 'secondary'}
          size={isMain ? 'normal' : 'small'}
          dead={busy}
          describedBy={id}
          onClick={() => run(() => connect().then(onAdded))}
        >
          {busy ? i18n.t('form.connecting') : i18n.t('form.connect')}
        </Button>
      )}
    </li>
  );
}

interface LocalServersProps {
  readonly connections: readonly ConnectionView[];
  /** Looks at once, without waiting for the button. */
  readonly eager?: boolean;
  readonly onFound?: (servers: readonly LocalServer[]) => void;
  readonly onAdded?: (added: Added) => void;
}

export function LocalServers({ connections, eager = false, onFound, onAdded }: LocalServersProps) {
  const { client } = useApp();
  const { run, busy, failure } = useAction();
  const [found, setFound] = useState<readonly LocalServer[]>();
  const look = () =>
    run(async () => {
      const servers = await client.call('find-servers', undefined);
      setFound(servers);
      onFound?.(servers);
    });
  useEffect(() => {
    if (eager) look();
  }, [eager]);
  const none = eager ? i18n.t('find.noneYet') : i18n.t('find.none');
  const button = (
    <div class="row">
      <Button dead={busy} onClick={look}>
        {busy ? i18n.t('find.looking') : found && eager ? i18n.t('find.again') : i18n.t('find.title')}
      </Button>
    </div>
  );
  return (
    <section class="stack" aria-label={i18n.t('find.title')}>
      {!eager && button}
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
      <p class="soft small" role="status">
        {found && !busy && (found.length === 0 ? none : i18n.t('find.found', { count: `${found.length}` }))}
      </p>
      {found && found.length > 0 && (
        <ul class="stack">
          {found.map((server) => (
            <Found
              key={server.baseUrl}
              server={server}
              isMain={eager}
              onAdded={onAdded}
              isConnected={connections.some(({ baseUrl, state }) => baseUrl === server.baseUrl && state.type === 'connected')}
            />
          ))}
        </ul>
      )}
      {eager && button}
    </section>
  );
}
