/** The dialog that sets the budget of one site, or of all sites together. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { BudgetView, Period } from '../../protocol/budgets';
import { budgetTitle, periodText } from '../budget-text';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { Select } from '../ui/Select';
import { useAction } from '../use-action';
import { readAmount } from './amounts';

const periods: readonly Period[] = ['day', 'week', 'month'];
const options = () => periods.map((period) => ({ value: period, text: periodText(period) }));

interface BudgetDialogProps {
  readonly budget: BudgetView;
  readonly onClose: () => void;
}

/** Starts with what the person has set, else with the limits that hold now. */
function useDraft({ own, limits }: BudgetView) {
  const money = limits.find(({ unit }) => unit === 'microUsd');
  const metered = limits.find(({ unit }) => unit !== 'microUsd');
  const start = own ?? { period: limits[0]?.period ?? 'day', microUsd: money?.step, tokens: metered?.step };
  const [usd, setUsd] = useState(start.microUsd === undefined ? '' : (start.microUsd / 1e6).toFixed(2));
  const [tokens, setTokens] = useState(start.tokens === undefined ? '' : String(start.tokens));
  const [period, setPeriod] = useState<Period>(start.period);
  return { usd, setUsd, tokens, setTokens, period, setPeriod };
}

export function BudgetDialog({ budget, onClose }: BudgetDialogProps) {
  const { client } = useApp();
  const { run, failure } = useAction();
  const { usd, setUsd, tokens, setTokens, period, setPeriod } = useDraft(budget);
  const [isTried, setTried] = useState(false);
  const money = readAmount(usd, 1e6);
  const count = readAmount(tokens, 1);
  const wrong = (amount: number | undefined) => (isTried && amount === undefined ? i18n.t('budget.notAnAmount') : undefined);
  const isEmpty = money === 0 && count === 0;
  const subject = budget.subject ?? null;

  const save = (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (money === undefined || count === undefined || isEmpty) return;
    const next = { period, ...(money > 0 && { microUsd: money }), ...(count > 0 && { tokens: count }) };
    run(() => client.call('budget-set', { subject, budget: next }).then(onClose));
  };

  return (
    <Dialog title={budgetTitle(budget)} onClose={onClose}>
      <form class="form" noValidate onSubmit={save}>
        <Field
          label={i18n.t('budget.amount')}
          value={usd}
          onValue={setUsd}
          maxLength={12}
          error={wrong(money) ?? (isTried && isEmpty ? i18n.t('budget.empty') : undefined)}
        />
        <Field
          label={i18n.t('budget.tokensField')}
          value={tokens}
          onValue={setTokens}
          maxLength={16}
          error={wrong(count)}
          hint={i18n.t('budget.hint')}
        />
        <Select
          label={i18n.t('budget.period')}
          value={period}
          options={options()}
          onValue={(value) => setPeriod(periods.find((each) => each === value) ?? 'day')}
          hint={i18n.t('budget.periodHint')}
        />
        {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
        <div class="dialog-actions">
          {budget.own && (
            <Button onClick={() => run(() => client.call('budget-set', { subject }).then(onClose))}>
              {i18n.t('budget.useDefault')}
            </Button>
          )}
          <Button onClick={onClose}>{i18n.t('common.cancel')}</Button>
          <Button kind="primary" type="submit">
            {i18n.t('budget.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
