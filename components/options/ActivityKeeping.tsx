/** How long calls are kept, and the ways to take them along or to clear them. */

import { useId, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { type ActivityFilter, type Retention, retentions } from '../../protocol/activity';
import { limits } from '../../protocol/limits';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import { count } from '../format';
import { offerFile } from '../offer-file';
import { Button } from '../ui/Button';
import { Select } from '../ui/Select';
import { useAction } from '../use-action';
import { exportActivity } from './export-activity';

const retentionText = (retention: Retention): string =>
  ({
    '7d': i18n.t('activity.keep7d'),
    '30d': i18n.t('activity.keep30d'),
    '90d': i18n.t('activity.keep90d'),
    forever: i18n.t('activity.keepForever'),
  })[retention];

interface ActivityKeepingProps {
  readonly retention: Retention;
  readonly filter: ActivityFilter;
  /** Whether there is anything to take along or to clear. */
  readonly hasCalls: boolean;
  readonly changed: () => void;
  readonly onClear: () => void;
}

export function ActivityKeeping({ retention, filter, hasCalls, changed, onClear }: ActivityKeepingProps) {
  const id = useId();
  const { client } = useApp();
  const { run, failure } = useAction();
  const [progress, setProgress] = useState<string>();
  const keep = (value: string) => {
    const chosen = retentions.find((one) => one === value) ?? retention;
    run(() => client.call('activity-keep', { retention: chosen }).then(changed));
  };
  const take = (format: 'csv' | 'json') =>
    run(async () => {
      const show = (got: number, total: number) =>
        setProgress(i18n.t('activity.exporting', { count: count(got), total: count(total) }));
      try {
        offerFile('oriel-activity', format, await exportActivity(client, filter, format, show));
      } finally {
        setProgress(undefined);
      }
    });
  const hint =
    retention === 'forever'
      ? i18n.t('activity.keepForeverHint', { count: count(limits.activityRows) })
      : i18n.t('activity.keepHint');
  return (
    <section class="card stack" aria-labelledby={id}>
      <h2 id={id}>{i18n.t('activity.keepTitle')}</h2>
      <Select
        label={i18n.t('activity.keep')}
        value={retention}
        options={retentions.map((value) => ({ value, text: retentionText(value) }))}
        onValue={keep}
        hint={hint}
      />
      {hasCalls && (
        <div class="row">
          <Button onClick={() => take('csv')}>{i18n.t('activity.exportCsv')}</Button>
          <Button onClick={() => take('json')}>{i18n.t('activity.exportJson')}</Button>
          <Button kind="danger" onClick={onClear}>
            {i18n.t('activity.clear')}
          </Button>
          <span class="soft small" role="status">
            {progress}
          </span>
        </div>
      )}
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
    </section>
  );
}
