/** What the page **Activity** shows: one page of calls for a filter, the way to the pages beside it, and what was just removed. */

import { useEffect, useState } from 'preact/hooks';
import type { ActivityFilter, ActivityOperations, ActivityPage } from '../../protocol/activity';
import type { Overview } from '../../protocol/ui-messages';
import { useApp } from '../context';

export const pageSize = 50;

export type Kept = ActivityOperations['activity-kept']['output'];

export function useActivity(overview: Overview) {
  const { client } = useApp();
  const [filter, setFilterNow] = useState<ActivityFilter>({});
  /** Where each page began that was left for an older one; the last is the one that is shown. */
  const [starts, setStarts] = useState<readonly (number | undefined)[]>([undefined]);
  const [page, setPage] = useState<ActivityPage>();
  const [kept, setKept] = useState<Kept>();
  const [changes, setChanges] = useState(0);

  useEffect(() => {
    let stale = false;
    const before = starts.at(-1);
    const input = { ...filter, limit: pageSize, ...(before !== undefined && { before }) };
    Promise.all([client.call('activity-list', input), client.call('activity-kept', {})]).then(
      ([found, keeping]) => {
        if (stale) return;
        // The last call of this page was deleted.
        if (found.entries.length === 0 && starts.length > 1) return setStarts(starts.slice(0, -1));
        setPage(found);
        setKept(keeping);
      },
      () => undefined, // The background died or was locked: the overview that follows asks again.
    );
    return () => {
      stale = true;
    };
  }, [client, overview, filter, starts, changes]);

  return {
    filter,
    page,
    kept,
    /** Place of the first call that is shown, counted from 0. */
    offset: (starts.length - 1) * pageSize,
    setFilter(next: ActivityFilter) {
      setStarts([undefined]);
      setFilterNow(next);
    },
    older: page?.next === undefined ? undefined : () => setStarts([...starts, page.next]),
    newer: starts.length === 1 ? undefined : () => setStarts(starts.slice(0, -1)),
    changed: () => setChanges((times) => times + 1),
  };
}
