/** How one site, or all of them together, stands with its budget, and the way to change that. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { BudgetView } from '../../protocol/budgets';
import { amountText, budgetTitle, usedText } from '../budget-text';
import { Button } from '../ui/Button';
import { BudgetDialog } from './BudgetDialog';

interface BudgetLineProps {
  readonly budget: BudgetView;
  readonly changed: () => void;
}

export function BudgetLine({ budget, changed }: BudgetLineProps) {
  const [isOpen, setOpen] = useState(false);
  const { limits, usedToday } = budget;
  const close = () => {
    setOpen(false);
    changed();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; this names whose budget the button edits.
    <div class="budget-line" role="group" aria-label={budgetTitle(budget)}>
      <div>
        {limits.map((limit) => (
          <p key={limit.unit} class="soft small">
            {usedText(limit)}
          </p>
        ))}
        {limits.length === 0 && (
          <p class="soft small">{i18n.t('budget.usedUnlimited', { used: amountText('tokens', usedToday.tokens) })}</p>
        )}
      </div>
      <Button size="small" onClick={() => setOpen(true)}>
        {i18n.t('budget.edit')}
      </Button>
      {isOpen && <BudgetDialog budget={budget} onClose={close} />}
    </div>
  );
}
