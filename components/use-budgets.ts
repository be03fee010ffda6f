/** How sites stand with their budgets: asked when the background changed, and after each change made here. */

import { useEffect, useState } from 'preact/hooks';
import type { Overview, SiteView, UiOperations } from '../protocol/ui-messages';
import { useApp } from './context';
import { subjectKey } from './SiteLabel';

export function useBudgets(overview: Overview, sites: readonly Pick<SiteView, 'subject' | 'isPrivate'>[]) {
  const { client } = useApp();
  const [budgets, setBudgets] = useState<UiOperations['budgets']['output']>();
  const [changes, setChanges] = useState(0);
  const asked = sites.map(({ subject, isPrivate }) => `${isPrivate} ${subjectKey(subject)}`).join('\n');
  // `asked` stands for the sites: their list is made anew with each overview.
  useEffect(() => {
    let stale = false;
    client.call('budgets', { sites: sites.map(({ subject, isPrivate }) => ({ subject, ...(isPrivate && { isPrivate }) })) }).then(
      (answer) => !stale && setBudgets(answer),
      () => undefined, // The background died: the overview that follows asks again.
    );
    return () => {
      stale = true;
    };
  }, [client, overview, changes, asked]);
  return { budgets, changed: () => setChanges((times) => times + 1) };
}
