/** The page **Usage**: what web pages used of money and tokens, when, which of them, and where it went. */

import { useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { ActivityOperations, DaySums, UsagePeriod } from '../../protocol/activity';
import type { Overview } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { count } from '../format';
import { offerFile } from '../offer-file';
import { plainLine } from '../plain-text';
import { providerName } from '../provider-name';
import { SiteLabel, subjectKey } from '../SiteLabel';
import { Button } from '../ui/Button';
import { EmptyState } from '../ui/EmptyState';
import { placeName, sumCost, sumTokens } from './activity-text';
import { Choice } from './Choice';
import { csvOf } from './csv';
import { UndoNotice } from './UndoNotice';
import { UsageChart } from './UsageChart';
import { UsageTable } from './UsageTable';
import { dayBars, groupsOf, monthBars, totalOf } from './usage-groups';
import { useActivityRemoval } from './use-removal';

/** With the period that was asked for: another may be chosen by now. */
type Shown = ActivityOperations['usage']['output'] & { readonly period: UsagePeriod };

function useUsage(overview: Overview, period: UsagePeriod) {
  const { client } = useApp();
  const [usage, setUsage] = useState<Shown>();
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    let stale = false;
    client.call('usage', { period }).then(
      (answer) => !stale && setUsage({ ...answer, period }),
      () => undefined, // The background died or was locked: the overview that follows asks again.
    );
    return () => {
      stale = true;
    };
  }, [client, overview, period, changes]);
  return { usage, changed: () => setChanges((times) => times + 1) };
}

const fields = [
  ...['day', 'site', 'frame', 'model', 'connection', 'provider', 'place', 'calls', 'failed', 'input_tokens', 'output_tokens'],
  ...['cost_usd', 'calls_estimated', 'calls_without_tokens', 'calls_without_price'],
] as const;

/** Who was sent it: the provider, as long as its connection is known. */
const providerOf = ({ connections }: Overview, { connectionId, connectionName }: DaySums): string => {
  const connection = connections.find(({ id }) => id === connectionId);
  return plainLine(connection ? providerName({ id: connection.providerId, name: connection.providerName }) : connectionName);
};

const csvRow = (overview: Overview, { subject, connectionName, microUsd, ...one }: DaySums) => ({
  day: one.day,
  site: subject?.top,
  frame: subject?.frame,
  model: one.model,
  connection: connectionName,
  provider: providerOf(overview, { ...one, subject, connectionName, microUsd }),
  place: one.place,
  calls: one.calls,
  failed: one.failed,
  input_tokens: one.inputTokens,
  output_tokens: one.outputTokens,
  cost_usd: microUsd / 1e6,
  calls_estimated: one.estimated,
  calls_without_tokens: one.untold,
  calls_without_price: one.unpriced,
});

function Total({ sums: all }: { readonly sums: readonly DaySums[] }) {
  const total = totalOf(all);
  return (
    <div class="card stack">
      <dl class="totals">
        <div>
          <dt>{i18n.t('usage.cost')}</dt>
          <dd>{sumCost(total)}</dd>
        </div>
        <div>
          <dt>{i18n.t('usage.tokens')}</dt>
          <dd>{sumTokens(total)}</dd>
          <dd class="soft small">
            {i18n.t('usage.tokensSplit', { input: count(total.inputTokens), output: count(total.outputTokens) })}
          </dd>
        </div>
        <div>
          <dt>{i18n.t('usage.calls')}</dt>
          <dd>{count(total.calls)}</dd>
          {total.failed > 0 && <dd class="soft small">{i18n.t('usage.failed', { count: count(total.failed) })}</dd>}
        </div>
      </dl>
      {total.unpriced > 0 && <p class="soft small">{i18n.t('usage.unpriced', { count: count(total.unpriced) })}</p>}
      {total.estimated > 0 && <p class="soft small">{i18n.t('usage.estimated', { count: count(total.estimated) })}</p>}
    </div>
  );
}

/** A day has one bar, which would say nothing. */
function Chart({ usage: { period, from, today, sums } }: { readonly usage: Shown }) {
  if (period === 'all') return <UsageChart key={period} by="month" bars={monthBars(sums, today)} />;
  if (period === 'day' || from === undefined) return null;
  return <UsageChart key={period} by="day" bars={dayBars(sums, period, from)} />;
}

function Tables({ sums: all, overview }: { readonly sums: readonly DaySums[]; readonly overview: Overview }) {
  const bySite = groupsOf(all, ({ subject }) => (subject ? subjectKey(subject) : ''));
  const byModel = groupsOf(all, ({ connectionId, model }) => `${connectionId} ${model}`);
  const byPlace = groupsOf(all, (one) => `${one.place} ${providerOf(overview, one)}`);
  return (
    <>
      <div class="card">
        <UsageTable
          caption={i18n.t('usage.bySite')}
          head={i18n.t('usage.site')}
          rows={bySite.map(({ key, example: { subject }, sums }) => ({
            key,
            name: subject ? <SiteLabel subject={subject} /> : i18n.t('usage.forgottenSites'),
            sums,
          }))}
        />
      </div>
      <div class="card">
        <UsageTable
          caption={i18n.t('usage.byModel')}
          head={i18n.t('usage.model')}
          rows={byModel.map(({ key, example: { model, connectionName }, sums }) => ({
            key,
            name: [model, connectionName].map(plainLine).join(' · '),
            sums,
          }))}
        />
      </div>
      <div class="card">
        <UsageTable
          caption={i18n.t('usage.byPlace')}
          head={i18n.t('usage.place')}
          hint={i18n.t('usage.placeHint')}
          rows={byPlace.map(({ key, example, sums }) => ({
            key,
            name: [placeName(example.place), providerOf(overview, example)].join(' · '),
            sums,
          }))}
        />
      </div>
    </>
  );
}

export function UsagePage({ overview }: { readonly overview: Overview }) {
  const [period, setPeriod] = useState<UsagePeriod>('month');
  const { usage, changed } = useUsage(overview, period);
  const removals = useActivityRemoval(changed);
  const isEmpty = usage?.sums.length === 0;
  return (
    <>
      <div class="page-head">
        <div>
          <h1>{i18n.t('options.usage')}</h1>
          <p class="soft">{i18n.t('usage.intro')}</p>
        </div>
      </div>
      <Choice<UsagePeriod>
        label={i18n.t('usage.period')}
        value={period}
        options={[
          { value: 'day', text: i18n.t('usage.day') },
          { value: 'week', text: i18n.t('usage.week') },
          { value: 'month', text: i18n.t('usage.month') },
          { value: 'all', text: i18n.t('usage.all') },
        ]}
        onValue={setPeriod}
      />
      <UndoNotice removals={removals} />
      {isEmpty && (
        <div class="card">
          <EmptyState title={usage.period === 'all' ? i18n.t('usage.emptyTitle') : i18n.t('usage.emptyPeriod')}>
            <p class="soft">{i18n.t('usage.emptyBody')}</p>
            {usage.period !== 'all' && <Button onClick={() => setPeriod('all')}>{i18n.t('usage.showAll')}</Button>}
          </EmptyState>
        </div>
      )}
      {usage && !isEmpty && (
        <>
          <Total sums={usage.sums} />
          <Chart usage={usage} />
          <Tables sums={usage.sums} overview={overview} />
          <div class="row">
            <Button
              onClick={() =>
                offerFile(
                  'oriel-usage',
                  'csv',
                  csvOf<string>(
                    fields,
                    usage.sums.map((one) => csvRow(overview, one)),
                  ),
                )
              }
            >
              {i18n.t('usage.exportCsv')}
            </Button>
            <Button kind="danger" onClick={() => removals.remove({ type: 'log-and-usage' }, i18n.t('activity.clearedUsage'))}>
              {i18n.t('usage.clear')}
            </Button>
          </div>
        </>
      )}
    </>
  );
}
