/** The fields that set the budget of one site, or of all sites together: in its dialog, and on a card. */

import { useId, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { BudgetView, Period } from '../protocol/budgets';
import { readAmount } from './amounts';
import { periodText } from './budget-text';
import { useApp } from './context';
import { FaultNotice } from './FaultNotice';
import { Button } from './ui/Button';
import { Field } from './ui/Field';
import { Select } from './ui/Select';
import { useAction } from './use-action';

const periods: readonly Period[] = ['day', 'week', 'month'];
const options = () => periods.map((period) => ({ value: period, text: periodText(period) }));

/** Whole cents as such; what is finer is not rounded away. */
const typedUsd = (microUsd: number): string =>
  microUsd % 10_000 === 0 ? (microUsd / 1e6).toFixed(2) : (microUsd / 1e6).toFixed(6).replace(/0+$/, '');

/** Starts with what the person has set, else with the limits that hold now. */
function useDraft({ own, limits }: BudgetView) {
  const money = limits.find(({ unit }) => unit === 'microUsd');
  const metered = limits.find(({ unit }) => unit !== 'microUsd');
  const start = own ?? { period: limits[0]?.period ?? 'day', microUsd: money?.step, tokens: metered?.step };
  const [usd, setUsd] = useState(start.microUsd === undefined ? '' : typedUsd(start.microUsd));
  const [tokens, setTokens] = useState(start.tokens === undefined ? '' : String(start.tokens));
  const [period, setPeriod] = useState<Period>(start.period);
  return { usd, setUsd, tokens, setTokens, period, setPeriod };
}

interface BudgetFormProps {
  readonly budget: BudgetView;
  /** Inside a card, whose own buttons come first; free is what costs nothing, so that an amount of money limits nothing. */
  readonly card?: { readonly isFree: boolean };
  /** Saved, or given up. */
  readonly onClose: () => void;
}

export function BudgetForm({ budget, card, onClose }: BudgetFormProps) {
  const { client } = useApp();
  const { run, failure } = useAction();
  const { usd, setUsd, tokens, setTokens, period, setPeriod } = useDraft(budget);
  const [isTried, setTried] = useState(false);
  const money = readAmount(usd, 1e6);
  const count = readAmount(tokens, 1);
  const wrong = (amount: number | undefined) => (isTried && amount === undefined ? i18n.t('budget.notAnAmount') : undefined);
  const hintId = useId();
  const isEmpty = money === 0 && count === 0;
  const whose = { subject: budget.subject ?? null, ...(budget.isPrivate && { isPrivate: true }) };

  const save = (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (money === undefined || count === undefined || isEmpty) return;
    const next = { period, ...(money > 0 && { microUsd: money }), ...(count > 0 && { tokens: count }) };
    run(() => client.call('budget-set', { ...whose, budget: next }).then(onClose));
  };

  return (
    <form class="form" noValidate onSubmit={save}>
      <fieldset class="field-pair" aria-describedby={hintId}>
        <Field
          label={i18n.t('budget.amount')}
          value={usd}
          onValue={setUsd}
          maxLength={12}
          focused
          error={wrong(money) ?? (isTried && isEmpty ? i18n.t('budget.empty') : undefined)}
        />
        <Field label={i18n.t('budget.tokensField')} value={tokens} onValue={setTokens} maxLength={16} error={wrong(count)} />
        <p class="field-hint" id={hintId}>
          {card?.isFree ? i18n.t('budget.hintFree') : i18n.t('budget.hint')}
        </p>
      </fieldset>
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
          <div class="dialog-aside">
            <Button size="small" kind="quiet" onClick={() => run(() => client.call('budget-set', whose).then(onClose))}>
              {i18n.t('budget.useDefault')}
            </Button>
          </div>
        )}
        <Button onClick={onClose}>{i18n.t('common.cancel')}</Button>
        <Button kind={card ? 'secondary' : 'primary'} type="submit">
          {i18n.t('budget.save')}
        </Button>
      </div>
    </form>
  );
}
