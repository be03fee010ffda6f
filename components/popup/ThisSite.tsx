/** The region **This site**: how the sites of the active tab stand, and what the person can change about it. */

import { useEffect, useId, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { Overview, SiteView } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { subjectKey } from '../SiteLabel';
import { useBudgets } from '../use-budgets';
import { AnswersOpenAi } from './AnswersOpenAi';
import { NoSite } from './NoSite';
import { SiteBudget } from './SiteBudget';
import { SiteState } from './SiteState';

/** Asked anew whenever anything changed in the background, and after each change made here. */
function useTabSites(overview: Overview) {
  const { client, shell } = useApp();
  const [sites, setSites] = useState<readonly SiteView[]>();
  const [changes, setChanges] = useState(0);
  // A new overview and a change made here are reasons to ask again.
  useEffect(() => {
    let stale = false;
    const ask = async () => {
      const tabId = await shell.activeTab();
      const answer = tabId === undefined ? [] : await client.call('tab-sites', { tabId });
      if (!stale) setSites(answer);
    };
    // Only fails when the background died: the overview that follows asks again.
    ask().catch(() => undefined);
    return () => {
      stale = true;
    };
  }, [client, shell, overview, changes]);
  return { sites, changed: () => setChanges((count) => count + 1) };
}

export function ThisSite({ overview }: { readonly overview: Overview }) {
  const { sites, changed } = useTabSites(overview);
  const { budgets, changed: budgetChanged } = useBudgets(overview, sites ?? []);
  const id = useId();
  return (
    <section class="section" aria-labelledby={id}>
      <h2 id={id} class="section-title">
        {i18n.t('thisSite.title')}
      </h2>
      {sites?.length === 0 && <NoSite />}
      {sites !== undefined && sites.length > 0 && (
        <ul class="stack">
          {sites.map((site, index) => (
            <li key={subjectKey(site.subject)} class="card">
              <SiteState site={site} hasBrowserModel={overview.hasBrowserModel === true} changed={changed} />
              {budgets?.sites[index] && (
                <SiteBudget site={site} budget={budgets.sites[index]} all={budgets.all} changed={budgetChanged} />
              )}
            </li>
          ))}
        </ul>
      )}
      <AnswersOpenAi />
    </section>
  );
}
