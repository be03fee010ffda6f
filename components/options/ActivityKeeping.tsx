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
import { Checkbox } from '../ui/Checkbox';
import { Dialog } from '../ui/Dialog';
import { Select } from '../ui/Select';
import { useAction } from '../use-action';
import { type ExportFormat, exportActivity } from './export-activity';
import type { Kept } from './use-activity';
import type { Removals } from './use-removal';

const retentionText = (retention: Retention): string =>
  ({
    '7d': i18n.t('activity.keep7d'),
    '30d': i18n.t('activity.keep30d'),
    '90d': i18n.t('activity.keep90d'),
    forever: i18n.t('activity.keepForever'),
  })[retention];

interface ActivityKeepingProps {
  readonly kept: Kept;
  readonly filter: ActivityFilter;
  /** Whether there is anything to take along or to clear. */
  readonly hasCalls: boolean;
  readonly changed: () => void;
  readonly removals: Removals;
}

export function ActivityKeeping({ kept, filter, hasCalls, changed, removals }: ActivityKeepingProps) {
  const { retention, content, hasContent } = kept;
  const id = useId();
  const { client } = useApp();
  const { run, failure } = useAction();
  const [asking, setAsking] = useState<ExportFormat>();
  const [progress, setProgress] = useState<string>();
  const keep = (value: string) => {
    const chosen = retentions.find((one) => one === value) ?? retention;
    run(() => client.call('activity-keep', { retention: chosen }).then(changed));
  };
  const keepContent = (on: boolean) =>
    run(async () => {
      await client.call('activity-keep-content', { on });
      if (!on && hasContent) removals.remove({ type: 'contents' }, i18n.t('activity.contentDeleted'));
      changed();
    });
  const take = (format: ExportFormat, withContent: boolean) =>
    run(async () => {
      setAsking(undefined);
      const show = (got: number, total: number) =>
        setProgress(i18n.t('activity.exporting', { count: count(got), total: count(total) }));
      try {
        offerFile('oriel-activity', format, await exportActivity(client, { filter, format, withContent }, show));
      } finally {
        setProgress(undefined);
      }
    });
  const start = (format: ExportFormat) => (hasContent ? setAsking(format) : take(format, false));
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
      <Checkbox
        label={i18n.t('activity.keepContent')}
        checked={content}
        onChecked={keepContent}
        hint={i18n.t('activity.keepContentHint')}
      />
      {hasCalls && (
        <div class="row">
          <Button onClick={() => start('csv')}>{i18n.t('activity.exportCsv')}</Button>
          <Button onClick={() => start('json')}>{i18n.t('activity.exportJson')}</Button>
          <Button kind="danger" onClick={() => removals.remove({ type: 'log' }, i18n.t('activity.cleared'))}>
            {i18n.t('activity.clear')}
          </Button>
          <span class="soft small" role="status">
            {progress}
          </span>
        </div>
      )}
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
      {asking && <ExportQuestion onClose={() => setAsking(undefined)} onAnswer={(withContent) => take(asking, withContent)} />}
    </section>
  );
}

interface ExportQuestionProps {
  readonly onClose: () => void;
  readonly onAnswer: (withContent: boolean) => void;
}

const ExportQuestion = ({ onClose, onAnswer }: ExportQuestionProps) => (
  <Dialog title={i18n.t('activity.exportTitle')} onClose={onClose}>
    <p>{i18n.t('activity.exportAsk')}</p>
    <div class="dialog-actions">
      <Button onClick={onClose}>{i18n.t('common.cancel')}</Button>
      <Button onClick={() => onAnswer(true)}>{i18n.t('activity.exportWith')}</Button>
      <Button kind="primary" onClick={() => onAnswer(false)}>
        {i18n.t('activity.exportWithout')}
      </Button>
    </div>
  </Dialog>
);
