/** What a site has used today and what is left to it; more of it where nothing is. */

import { i18n } from '#i18n';
import type { BudgetView, LimitView } from '../../protocol/budgets';
import type { SiteView } from '../../protocol/ui-messages';
import { amountText, budgetName, usedText } from '../budget-text';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import { Button } from '../ui/Button';
import { useAction } from '../use-action';

interface SiteBudgetProps {
  readonly site: SiteView;
  readonly budget: BudgetView;
  /** Of all sites together. */
  readonly all: BudgetView;
  readonly changed: () => void;
}

const isUsedUp = ({ used, limit }: LimitView): boolean => used >= limit;
/** The person can do something about it. */
const isMet = (limit: LimitView): boolean => isUsedUp(limit) || limit.isStopped === true;

export function SiteBudget({ site, budget, all, changed }: SiteBudgetProps) {
  const { usedToday, limits } = budget;
  if (limits.length === 0 && usedToday.tokens === 0) return null;
  return (
    <div class="site-budget">
      {limits.length === 0 && (
        <p class="soft small">{i18n.t('budget.usedUnlimited', { used: amountText('tokens', usedToday.tokens) })}</p>
      )}
      {limits.map((limit) => (
        <LimitLine key={limit.unit} site={site} scope="site" limit={limit} changed={changed} />
      ))}
      {all.limits.filter(isMet).map((limit) => (
        <LimitLine key={limit.unit} site={site} scope="all" limit={limit} changed={changed} />
      ))}
    </div>
  );
}

const allText = (limit: LimitView): string =>
  isUsedUp(limit) ? i18n.t('budget.allUsed', { budget: budgetName(limit) }) : `${i18n.t('budget.allSites')} · ${usedText(limit)}`;

interface LimitLineProps {
  readonly site: SiteView;
  readonly scope: 'site' | 'all';
  readonly limit: LimitView;
  readonly changed: () => void;
}

function LimitLine({ site: { subject, isPrivate }, scope, limit, changed }: LimitLineProps) {
  const { client } = useApp();
  const { run, failure } = useAction();
  const { unit, period, add: amount } = limit;
  const add = () =>
    run(() =>
      client.call('budget-add', { subject, ...(isPrivate && { isPrivate }), scope, unit, period, add: amount }).then(changed),
    );
  return (
    <>
      <p class="soft small">{scope === 'site' ? usedText(limit) : allText(limit)}</p>
      {limit.isStopped && <p class="small">{i18n.t('budget.stopped')}</p>}
      {isMet(limit) && (
        <div class="row">
          <Button size="small" onClick={add}>
            {i18n.t('budget.add', { amount: amountText(unit, amount) })}
          </Button>
        </div>
      )}
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
    </>
  );
}
