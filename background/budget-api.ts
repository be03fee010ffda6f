/** The operations on budgets of Oriel's own pages. */

import type { UiOperations } from '../protocol/ui-messages';
import { viewBudget } from './budget-view';
import type { Tariff } from './budgets';
import type { Connections } from './connections';
import type { Meter } from './meter';
import { pricedBy, tariffOf } from './prices';

type Input<Operation extends keyof UiOperations> = UiOperations[Operation]['input'];

export function createBudgetApi({ meter, connections }: { readonly meter: Meter; readonly connections: Connections }) {
  /** Of what answers now: which default holds depends on it. */
  const tariffNow = async (): Promise<Tariff> => {
    const active = await connections.active();
    if (!active) return 'free';
    const model = active.defaultModel ?? '';
    return tariffOf(pricedBy(active, model, connections.knownModel(active, model)));
  };

  return {
    async budgets({ sites }: Input<'budgets'>): Promise<UiOperations['budgets']['output']> {
      const tariff = await tariffNow();
      const views = sites.map(({ subject, isPrivate = false }) => viewBudget(meter, { subject, isPrivate }, tariff));
      // All sites together are shown with their amount also while what answers is free.
      return { all: await viewBudget(meter, undefined, 'priced'), sites: await Promise.all(views) };
    },
    'budget-set': ({ subject, isPrivate = false, budget }: Input<'budget-set'>) =>
      meter.set(subject ? { subject, isPrivate } : undefined, budget),
    'budget-add': ({ subject, isPrivate = false, ...addition }: Input<'budget-add'>) =>
      meter.add({ subject, isPrivate }, addition),
  };
}
