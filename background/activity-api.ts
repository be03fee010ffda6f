/** The operations on the log of calls and on the sums of use of Oriel's own pages. */

import type { ActivityOperations } from '../protocol/activity';
import { type ActivityDeskDeps, createActivityDesk } from './activity-desk';
import { dayOf, startOf } from './budgets';
import type { Contents } from './contents';

type Input<Operation extends keyof ActivityOperations> = ActivityOperations[Operation]['input'];

export interface ActivityApiDeps extends ActivityDeskDeps {
  readonly contents: Contents;
  readonly now: () => number;
}

export function createActivityApi({ contents, now, ...deps }: ActivityApiDeps) {
  const { sums } = deps;
  const desk = createActivityDesk(deps);
  return {
    'activity-list': desk.list,
    'activity-kept': async () => ({ ...(await desk.kept()), content: await contents.isKept() }),
    'activity-content': async ({ id }: Input<'activity-content'>) => contents.open(await desk.contentId(id)),
    'activity-keep-content': ({ on }: Input<'activity-keep-content'>) => contents.setKept(on),
    'activity-keep': ({ retention }: Input<'activity-keep'>) => desk.keep(retention),
    async 'activity-remove'(removal: Input<'activity-remove'>): Promise<ActivityOperations['activity-remove']['output']> {
      const undo = await desk.remove(removal);
      // Its key goes with what can no longer be brought back.
      if (removal.type !== 'one' && removal.type !== 'site') await contents.renewKey();
      return { undo };
    },
    'activity-undo': ({ undo }: Input<'activity-undo'>) => desk.undo(undo),
    async usage({ period }: Input<'usage'>): Promise<ActivityOperations['usage']['output']> {
      const today = dayOf(now());
      const from = period === 'all' ? undefined : startOf(period, today);
      return { ...(from !== undefined && { from }), today, sums: await sums.list(from) };
    },
  };
}
