/** Requests of pages that failed because of a backend, each with its mend. */

import { useId } from 'preact/hooks';
import { i18n } from '#i18n';
import type { FailureView, Overview } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import { contextOf } from '../fault-text';
import { moment } from '../format';
import { SiteLabel } from '../SiteLabel';
import { Button } from '../ui/Button';
import { Phrase, slot } from '../ui/Phrase';
import { useAction } from '../use-action';
import { usePermission } from '../use-permission';
import { FixLink } from './FixLink';
import { UseInstead } from './UseInstead';

interface FailureProps {
  readonly failure: FailureView;
  readonly overview: Overview;
}

function Failure({ failure, overview }: FailureProps) {
  const { client } = useApp();
  const { run } = useAction();
  const { id, connectionId, connectionName, error, subject, at } = failure;
  const connection = overview.connections.find((each) => each.id === connectionId);
  const dismiss = () => client.call('failure-dismiss', { id });
  return (
    <FaultNotice error={error} context={connection ? contextOf(connection) : { name: connectionName }}>
      <p class="soft small">
        <Phrase
          text={i18n.t('popup.failedFor', { site: slot('site'), time: moment(at) })}
          slots={{ site: <SiteLabel subject={subject} /> }}
        />
      </p>
      <div class="row notice-actions">
        {connection && <FixLink connectionId={connectionId} />}
        <UseInstead failed={connectionId} onUsed={dismiss} />
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
