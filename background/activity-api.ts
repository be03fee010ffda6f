/** The operations on the log of calls and on the sums of use of Oriel's own pages. */

import type { ActivityOperations } from '../protocol/activity';
import type { ActivityLog } from './activity-log';
import { dayOf, startOf } from './budgets';
import type { UsageSums } from './usage-sums';

type Input<Operation extends keyof ActivityOperations> = ActivityOperations[Operation]['input'];

export interface ActivityApiDeps {
  readonly log: ActivityLog;
  readonly sums: UsageSums;
  readonly now: () => number;
}

export function createActivityApi({ log, sums, now }: ActivityApiDeps) {
  return {
    'activity-list': log.list,
    'activity-kept': log.kept,
    'activity-keep': ({ retention }: Input<'activity-keep'>) => log.keep(retention),
    'activity-remove': async (removal: Input<'activity-remove'>) => ({ undo: await log.remove(removal) }),
    'activity-undo': ({ undo }: Input<'activity-undo'>) => log.undo(undo),
    async usage({ period }: Input<'usage'>): Promise<ActivityOperations['usage']['output']> {
      const today = dayOf(now());
      const from = period === 'all' ? undefined : startOf(period, today);
      return { ...(from !== undefined && { from }), today, sums: await sums.list(from) };
    },
  };
}
