/** How a budget stands, as Oriel's own pages show it. */

import type { BudgetView } from '../protocol/budgets';
import type { Payer } from './account-book';
import { limitViews, minus, type Tariff, usedIn } from './budgets';
import type { Meter } from './meter';

/** Of a site, or of all together. */
export async function viewBudget(meter: Pick<Meter, 'look'>, payer: Payer | undefined, tariff: Tariff): Promise<BudgetView> {
  const { account, running, day } = await meter.look(payer);
  const used = usedIn(account, 'day', day);
  return {
    ...(payer && { subject: payer.subject, ...(payer.isPrivate && { isPrivate: true }) }),
    ...(account.budget && { own: account.budget }),
    limits: limitViews(payer ? 'site' : 'all', account, tariff, running, day),
    usedToday: minus(used, running),
  };
}
