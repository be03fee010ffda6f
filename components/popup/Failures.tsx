/** Requests of pages that failed because of a backend, each with its mend. */

import { useId } from 'preact/hooks';
import { i18n } from '#i18n';
import type { ConnectionView, FailureView, Overview } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import { contextOf } from '../fault-text';
import { moment } from '../format';
import { plainLine } from '../plain-text';
import { SiteLabel } from '../SiteLabel';
import { Button } from '../ui/Button';
import { Phrase, slot } from '../ui/Phrase';
import { useAction } from '../use-action';
import { usePermission } from '../use-permission';
import { FixLink } from './FixLink';

interface FailureProps {
  readonly failure: FailureView;
  readonly overview: Overview;
}

/** Who could answer in its stead: the first that works. Nobody's words go to volunteers because something else is down. */
const otherOf = ({ connectionId }: FailureView, { connections, activeConnection }: Overview): ConnectionView | undefined =>
  connectionId === activeConnection
    ? connections.find(({ id, place, state }) => id !== connectionId && place !== 'volunteers' && state.type === 'connected')
    : undefined;

function Failure({ failure, overview }: FailureProps) {
  const { client } = useApp();
  const { run } = useAction();
  const { id, connectionId, connectionName, error, subject, at } = failure;
  const connection = overview.connections.find((each) => each.id === connectionId);
  const other = otherOf(failure, overview);
  const dismiss = () => client.call('failure-dismiss', { id });
  return (
    <FaultNotice error={error} context={connection ? contextOf(connection) : { name: connectionName }}>
      <p class="soft small">
        <Phrase
          text={i18n.t('popup.failedFor', { site: slot('site'), time: moment(at) })}
          slots={{ site: <SiteLabel subject={subject} /> }}
        />
      </p>
      <div class="row failure-actions">
        {connection && <FixLink connectionId={connectionId} />}
        {other && (
          <Button size="small" onClick={() => run(() => client.call('connection-use', { id: other.id }).then(dismiss))}>
            {i18n.t('popup.useInstead', { name: plainLine(other.name) })}
          </Button>
        )}
        <Button kind="quiet" size="small" onClick={() => run(dismiss)}>
          {i18n.t('common.dismiss')}
        </Button>
      </div>
    </FaultNotice>
  );
}

/** Who finds this here was not told when it happened. */
function NotifyOffer() {
  const { notifications } = useApp().shell;
  const { isOn, choose } = usePermission(notifications);
  if (isOn !== false) return null;
  return (
    <div class="notify-offer">
      <Button kind="quiet" size="small" onClick={() => choose(true)}>
        {i18n.t('popup.notify')}
      </Button>
      <p class="soft small">{i18n.t('popup.notifyHint')}</p>
    </div>
  );
}

export function Failures({ overview }: { readonly overview: Overview }) {
  const { failures } = overview;
  const id = useId();
  if (failures.length === 0) return null;
  return (
    <section class="section">
      <h2 id={id} class="section-title">
        {i18n.t('popup.problems')}
      </h2>
      <ul class="stack" aria-labelledby={id}>
        {failures.map((failure) => (
          <li key={failure.id}>
            <Failure failure={failure} overview={overview} />
          </li>
        ))}
      </ul>
      <NotifyOffer />
    </section>
  );
}
