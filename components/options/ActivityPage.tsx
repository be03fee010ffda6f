/** The page **Activity**: every call of a web page that is kept, newest first, one page of them at a time. */

import { useEffect } from 'preact/hooks';
import { i18n } from '#i18n';
import type { Overview } from '../../protocol/ui-messages';
import { count } from '../format';
import { Button } from '../ui/Button';
import { EmptyState } from '../ui/EmptyState';
import { ActivityFilters } from './ActivityFilters';
import { ActivityKeeping } from './ActivityKeeping';
import { ActivityRow } from './ActivityRow';
import { go } from './route';
import { UndoNotice } from './UndoNotice';
import { useActivity } from './use-activity';
import { useActivityRemoval } from './use-removal';

function Empty({ overview }: { readonly overview: Overview }) {
  const isConnected = overview.connections.length > 0;
  return (
    <div class="card">
      <EmptyState title={i18n.t('activity.emptyTitle')}>
        <p class="soft">{isConnected ? i18n.t('activity.emptyBody') : i18n.t('activity.emptyNoConnection')}</p>
        {!isConnected && (
          <Button kind="primary" onClick={() => go('#connections/add')}>
            {i18n.t('connections.add')}
          </Button>
        )}
      </EmptyState>
    </div>
  );
}

const NoMatch = ({ onShowAll }: { readonly onShowAll: () => void }) => (
  <div class="card">
    <EmptyState title={i18n.t('activity.noMatchTitle')}>
      <p class="soft">{i18n.t('activity.noMatchBody')}</p>
      <Button onClick={onShowAll}>{i18n.t('activity.showAll')}</Button>
    </EmptyState>
  </div>
);

interface PagerProps {
  readonly range: string;
  readonly newer: (() => void) | undefined;
  readonly older: (() => void) | undefined;
}

const Pager = ({ range, newer, older }: PagerProps) => (
  <div class="pager">
    <p class="soft small" role="status">
      {range}
    </p>
    {(newer ?? older) && (
      <div class="row">
        <Button size="small" onClick={newer} dead={newer === undefined}>
          {i18n.t('activity.newer')}
        </Button>
        <Button size="small" onClick={older} dead={older === undefined}>
          {i18n.t('activity.older')}
        </Button>
      </div>
    )}
  </div>
);

export function ActivityPage({ overview }: { readonly overview: Overview }) {
  const { filter, page, kept, offset, setFilter, older, newer, changed } = useActivity(overview);
  const removals = useActivityRemoval(changed);
  const isFiltered = Object.keys(filter).length > 0;
  const hasCalls = (page?.total ?? 0) > 0;
  const isReady = page !== undefined && kept !== undefined;
  // After the paint, for whoever measures how long people wait.
  useEffect(() => {
    if (isReady) performance.mark('activity-ready');
  }, [isReady]);
  return (
    <>
      <div class="page-head">
        <div>
          <h1>{i18n.t('options.activity')}</h1>
          <p class="soft">{kept?.content ? i18n.t('activity.introKept') : i18n.t('activity.intro')}</p>
        </div>
      </div>
      <UndoNotice removals={removals} />
      {page && kept && (
        <>
          {(hasCalls || isFiltered) && <ActivityFilters filter={filter} kept={kept} overview={overview} onFilter={setFilter} />}
          {!hasCalls && (isFiltered ? <NoMatch onShowAll={() => setFilter({})} /> : <Empty overview={overview} />)}
          {hasCalls && (
            <ul class="card activity-entries" aria-label={i18n.t('activity.list')}>
              {page.entries.map((entry) => (
                <ActivityRow key={entry.id} entry={entry} overview={overview} removals={removals} />
              ))}
            </ul>
          )}
          {hasCalls && (
            <Pager
              range={i18n.t('activity.range', {
                first: count(offset + 1),
                last: count(offset + page.entries.length),
                total: count(page.total),
              })}
              newer={newer}
              older={older}
            />
          )}
          <ActivityKeeping kept={kept} filter={filter} hasCalls={hasCalls} changed={changed} removals={removals} />
        </>
      )}
    </>
  );
}
