/** What is being answered right now, with a way to stop each and all. */

import { useId } from 'preact/hooks';
import { i18n } from '#i18n';
import type { RunningView } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { plainLine } from '../plain-text';
import { progressText } from '../progress-text';
import { SiteLabel } from '../SiteLabel';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { useAction } from '../use-action';

export function Running({ running }: { readonly running: readonly RunningView[] }) {
  const { client } = useApp();
  const { run } = useAction();
  const id = useId();
  if (running.length === 0) return null;
  return (
    <section class="section">
      <h2 id={id} class="section-title">
        {i18n.t('popup.running')}
      </h2>
      <ul class="card running" aria-labelledby={id}>
        {running.map((each) => (
          <li key={each.id} class="running-row">
            <div class="running-words">
              <SiteLabel subject={each.subject} />
              <p class="soft small">
                {i18n.t('popup.runningModel', { model: plainLine(each.model), connection: plainLine(each.connectionName) })}
              </p>
              {each.progress && <p class="soft small">{progressText(each.progress)}</p>}
            </div>
            <Button size="small" onClick={() => run(() => client.call('run-stop', { id: each.id }))}>
              {i18n.t('popup.stop')}
            </Button>
          </li>
        ))}
      </ul>
      <Button kind="danger" onClick={() => run(() => client.call('run-stop-all', {}))}>
        <Icon name="stop" />
        {i18n.t('popup.stopAll')}
      </Button>
    </section>
  );
}
