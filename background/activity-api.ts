/** The operations on the log of calls and on the sums of use of Oriel's own pages. */

import type { ActivityOperations } from '../protocol/activity';
import type { ActivityLog } from './activity-log';
import { dayOf, startOf } from './budgets';
import type { Contents } from './contents';
import type { UsageSums } from './usage-sums';

type Input<Operation extends keyof ActivityOperations> = ActivityOperations[Operation]['input'];

export interface ActivityApiDeps {
  readonly log: ActivityLog;
  readonly sums: UsageSums;
  readonly contents: Contents;
  readonly now: () => number;
}

export function createActivityApi({ log, sums, contents, now }: ActivityApiDeps) {
  return {
    'activity-list': log.list,
    'activity-kept': async () => ({ ...(await log.kept()), content: await contents.isKept() }),
    'activity-content': async ({ id }: Input<'activity-content'>) => contents.open(await log.contentId(id)),
    'activity-keep-content': ({ on }: Input<'activity-keep-content'>) => contents.setKept(on),
    'activity-keep': ({ retention }: Input<'activity-keep'>) => log.keep(retention),
    async 'activity-remove'(removal: Input<'activity-remove'>): Promise<ActivityOperations['activity-remove']['output']> {
      const undo = await log.remove(removal);
      // Its key goes with what can no longer be brought back.
      if (removal.type !== 'one' && removal.type !== 'site') await contents.renewKey();
      return { undo };
    },
    'activity-undo': ({ undo }: Input<'activity-undo'>) => log.undo(undo),
    async usage({ period }: Input<'usage'>): Promise<ActivityOperations['usage']['output']> {
      const today = dayOf(now());
      const from = period === 'all' ? undefined : startOf(period, today);
      return { ...(from !== undefined && { from }), today, sums: await sums.list(from) };
    },
  };
}
