/** One connection: what it is, whether it works, what can be done with it. */

import { useId, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { ConnectionTest } from '../../protocol/connection-test';
import type { ConnectionView } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import { contextOf } from '../fault-text';
import { addressHost, placeText } from '../place-text';
import { plainLine } from '../plain-text';
import { providerName } from '../provider-name';
import { Badge } from '../ui/Badge';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { useAction } from '../use-action';
import { BalanceFacts } from './BalanceFacts';
import { type Direction, MoveButtons } from './MoveButtons';
import { go } from './route';
import { UnlistedModel } from './UnlistedModel';

interface ConnectionRowProps {
  readonly connection: ConnectionView;
  readonly isActive: boolean;
  /** Where it stands in the list, from 0, and how many there are. */
  readonly index: number;
  readonly count: number;
  readonly onMove: (direction: Direction) => Promise<unknown>;
  readonly onRemove: () => void;
}

function Facts({ connection }: { readonly connection: ConnectionView }) {
  const { keyEnding, defaultModel, name, baseUrl } = connection;
  const provider = providerName({ id: connection.providerId, name: connection.providerName });
  // Where the person gave the address it says who answers; elsewhere the provider's name does.
  const isOwnServer = baseUrl !== undefined;
  const facts = [
    isOwnServer && provider !== name ? provider : undefined,
    placeText(connection),
    isOwnServer ? addressHost(connection) : undefined,
    defaultModel === undefined ? i18n.t('connections.noModel') : i18n.t('connections.model', { model: defaultModel }),
    keyEnding === undefined ? undefined : i18n.t('connections.keyEnding', { ending: keyEnding }),
  ];
  return (
    <ul class="connection-facts soft">
      {facts
        .filter((fact) => fact !== undefined)
        .map((fact) => (
          <li key={fact}>{plainLine(fact)}</li>
        ))}
    </ul>
  );
}

/** The state that the background knows; the answer of a test just made comes on top. */
function Health({ connection, test }: { readonly connection: ConnectionView; readonly test: ConnectionTest | undefined }) {
  if (connection.state.type === 'needs-attention') {
    return <FaultNotice live={test !== undefined} error={connection.state.error} context={contextOf(connection)} />;
  }
  if (test?.type === 'failed') return <FaultNotice live error={test.error} context={contextOf(connection)} />;
  if (test?.type !== 'connected') return null;
  return (
    <Notice kind="good" live>
      <p>{i18n.t('connections.works', { name: plainLine(connection.name) })}</p>
      {test.balance && <BalanceFacts balance={test.balance} />}
      {test.unlistedModel !== undefined && <UnlistedModel model={test.unlistedModel} />}
    </Notice>
  );
}

export function ConnectionRow({ connection, isActive, index, count, onMove, onRemove }: ConnectionRowProps) {
  const { client } = useApp();
  const { run, failure } = useAction();
  const [testing, setTesting] = useState(false);
  const [test, setTest] = useState<ConnectionTest>();
  const titleId = useId();
  const { id, name, state } = connection;
  const startTest = () => {
    setTest(undefined);
    setTesting(true);
    run(() =>
      client
        .call('connection-test', { id })
        .then(setTest)
        .finally(() => setTesting(false)),
    );
  };
  return (
    <article class="card connection" aria-labelledby={titleId}>
      <div class="connection-head">
        <h2 id={titleId}>{plainLine(name)}</h2>
        <div class="row">
          {state.type === 'connected' ? (
            <Badge kind="good" text={i18n.t('connections.connected')} />
          ) : (
            <Badge kind="problem" text={i18n.t('connections.needsAttention')} />
          )}
          {isActive && <Badge kind="plain" text={i18n.t('connections.inUse')} />}
          <MoveButtons index={index} count={count} describedBy={titleId} onMove={(direction) => run(() => onMove(direction))} />
        </div>
      </div>
      <Facts connection={connection} />
      <Health connection={connection} test={test} />
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
      <div class="row connection-actions">
        {!isActive && (
          <Button size="small" describedBy={titleId} onClick={() => run(() => client.call('connection-use', { id }))}>
            {i18n.t('connections.use')}
          </Button>
        )}
        <Button size="small" describedBy={titleId} dead={testing} onClick={startTest}>
          {testing ? i18n.t('connections.testing') : i18n.t('connections.test')}
        </Button>
        <Button size="small" describedBy={titleId} onClick={() => go(`#connections/${id}`)}>
          {i18n.t('connections.edit')}
        </Button>
        <Button size="small" describedBy={titleId} onClick={() => run(() => client.call('connection-duplicate', { id }))}>
          {i18n.t('connections.duplicate')}
        </Button>
        <Button size="small" kind="quiet" describedBy={titleId} onClick={onRemove}>
          {i18n.t('connections.remove')}
        </Button>
      </div>
    </article>
  );
}
