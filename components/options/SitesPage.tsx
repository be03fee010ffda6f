/** The page **Sites**: every site with a permission or a block, and the way to take it back. */

import { useEffect, useId, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { BudgetView } from '../../protocol/budgets';
import { limits } from '../../protocol/limits';
import type { Overview, SiteView, UiOperations } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import { clock, moment } from '../format';
import { PermissionCheckbox } from '../PermissionCheckbox';
import { SiteLabel, subjectKey } from '../SiteLabel';
import { siteName } from '../site-name';
import { Button } from '../ui/Button';
import { EmptyState } from '../ui/EmptyState';
import { Field } from '../ui/Field';
import { useAction } from '../use-action';
import { useBudgets } from '../use-budgets';
import { BudgetLine } from './BudgetLine';
import { SiteRules } from './SiteRules';

function stateText(state: SiteView['state']): string | undefined {
  switch (state.type) {
    case 'visit':
      return i18n.t('sites.visitSince', { time: moment(state.since) });
    case 'always':
      return i18n.t('sites.alwaysSince', { since: moment(state.since), used: moment(state.lastUsedAt) });
    case 'blocked':
      return i18n.t('sites.blockedSince', { time: moment(state.since) });
    case 'muted':
      return state.until === undefined ? i18n.t('rules.muted') : i18n.t('rules.mutedUntil', { time: clock(state.until) });
    case 'refused':
      return i18n.t('thisSite.stateRefused', { time: clock(state.at) });
    case 'none':
    case 'insecure':
      return undefined; // Nothing the person gave or took: only for its rules `sites` lists one.
  }
}

interface WayBack {
  readonly action: UiOperations['site-set']['input']['action'];
  readonly text: string;
}

/** How the person takes back what they said of a site. */
function waysBack(): Partial<Record<SiteView['state']['type'], WayBack>> {
  const revoke: WayBack = { action: 'revoke', text: i18n.t('thisSite.revoke') };
  const askAgain: WayBack = { action: 'ask-again', text: i18n.t('thisSite.askAgain') };
  const unblock: WayBack = { action: 'unblock', text: i18n.t('thisSite.unblock') };
  return { visit: revoke, always: revoke, blocked: unblock, refused: askAgain, muted: askAgain };
}

interface SiteRowProps {
  readonly site: SiteView;
  readonly overview: Overview;
  readonly budget: BudgetView | undefined;
  readonly changed: () => void;
}

function SiteRow({ site, overview, budget, changed }: SiteRowProps) {
  const { subject, state, isPrivate = false } = site;
  const [isOpen, setIsOpen] = useState(false);
  const { client } = useApp();
  const { run, failure } = useAction();
  const isBlocked = state.type === 'blocked';
  const wayBack = waysBack()[state.type];
  const named = { subject, ...(isPrivate && { isPrivate }) };
  return (
    <li class="site-row">
      <div class="site-row-words">
        <h2>
          <SiteLabel subject={subject} />
        </h2>
        <p class="soft">{[stateText(state), site.asksEveryTime && i18n.t('rules.asksEveryTime')].filter(Boolean).join(' · ')}</p>
      </div>
      <div class="row">
        {/* What lasts is not for private windows. */}
        {!isPrivate && (
          <Button size="small" onClick={() => setIsOpen(true)}>
            {i18n.t('rules.open')}
          </Button>
        )}
        {wayBack && (
          <Button
            size="small"
            onClick={() => run(() => client.call('site-set', { ...named, action: wayBack.action }).then(changed))}
          >
            {wayBack.text}
          </Button>
        )}
      </div>
      {budget && !isBlocked && <BudgetLine budget={budget} changed={changed} />}
      {isOpen && <SiteRules site={site} overview={overview} changed={changed} onClose={() => setIsOpen(false)} />}
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
    </li>
  );
}

/** Asked anew when the background changed, after each change made here, and when the person comes back to the page. */
function useSites(overview: Overview) {
  const { client } = useApp();
  const [sites, setSites] = useState<readonly SiteView[]>();
  const [changes, setChanges] = useState(0);
  const changed = () => setChanges((count) => count + 1);
  // A new overview and a change made here are reasons to ask again.
  useEffect(() => {
    let stale = false;
    client.call('sites', {}).then(
      (answer) => !stale && setSites(answer),
      () => undefined, // The background died: the overview that follows asks again.
    );
    return () => {
      stale = true;
    };
  }, [client, overview, changes]);
  useEffect(() => {
    window.addEventListener('focus', changed);
    return () => window.removeEventListener('focus', changed);
  }, []);
  return { sites, changed };
}

/** From so many rows on, looking for one takes longer than typing its name. */
const manySites = 8;

const isFound = ({ subject: { top, frame } }: SiteView, typed: string): boolean => {
  const name = `${siteName(top).full} ${frame === undefined ? '' : siteName(frame).full}`.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => name.includes(word));
};

const NoMatch = ({ onShowAll }: { readonly onShowAll: () => void }) => (
  <div class="card">
    <EmptyState title={i18n.t('sites.noMatchTitle')}>
      <Button onClick={onShowAll}>{i18n.t('sites.showAll')}</Button>
    </EmptyState>
  </div>
);

export function SitesPage({ overview }: { readonly overview: Overview }) {
  const { sites, changed } = useSites(overview);
  const allId = useId();
  const { budgets, changed: budgetChanged } = useBudgets(overview, sites ?? []);
  const { notifications } = useApp().shell;
  const [typed, setTyped] = useState('');
  const rows = (sites ?? []).map((site, index) => ({ site, budget: budgets?.sites[index] }));
  const found = rows.filter(({ site }) => isFound(site, typed));
  const isSearched = typed !== '' || rows.length >= manySites;
  return (
    <>
      <div class="page-head">
        <div>
          <h1>{i18n.t('options.sites')}</h1>
          <p class="soft">{i18n.t('sites.intro')}</p>
        </div>
      </div>
      {budgets && (
        <section class="card" aria-labelledby={allId}>
          <h2 id={allId}>{i18n.t('budget.allSites')}</h2>
          <BudgetLine budget={budgets.all} changed={budgetChanged} />
        </section>
      )}
      {sites?.length === 0 && (
        <div class="card">
          <EmptyState title={i18n.t('sites.emptyTitle')}>
            <p class="soft">{i18n.t('sites.emptyBody')}</p>
          </EmptyState>
        </div>
      )}
      {rows.length > 0 && isSearched && (
        <search class="card site-search">
          <Field label={i18n.t('sites.search')} value={typed} maxLength={limits.nameChars} onValue={setTyped} />
          <p class="soft small" role="status">
            {typed !== '' && i18n.t('sites.found', { count: found.length, total: rows.length })}
          </p>
        </search>
      )}
      {rows.length > 0 && found.length === 0 && <NoMatch onShowAll={() => setTyped('')} />}
      {found.length > 0 && (
        <ul class="card site-rows" aria-label={i18n.t('options.sites')}>
          {found.map(({ site, budget }) => (
            <SiteRow
              key={`${subjectKey(site.subject)} ${site.isPrivate}`}
              site={site}
              overview={overview}
              budget={budget}
              changed={() => {
                changed();
                budgetChanged();
              }}
            />
          ))}
        </ul>
      )}
      {notifications && <PermissionCheckbox label={i18n.t('sites.notify')} permission={notifications} />}
    </>
  );
}
