/** **Change** on the money line of an approval card: the budget of its site. The card shows anew where it stops. */

import { useId } from 'preact/hooks';
import type { BudgetView } from '../../protocol/budgets';
import { BudgetForm } from '../BudgetForm';
import { budgetTitle } from '../budget-text';

interface ChangeBudgetProps {
  readonly budget: BudgetView;
  readonly isFree: boolean;
  readonly onClose: () => void;
}

export function ChangeBudget({ budget, isFree, onClose }: ChangeBudgetProps) {
  const id = useId();
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    // Escape closes the form, not the card around it: that would refuse the request.
    event.stopPropagation();
    onClose();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is sent with the form around it; this holds a form.
    <div class="change-answer" role="group" aria-labelledby={id} onKeyDown={press}>
      <p id={id} class="change-title">
        {budgetTitle(budget)}
      </p>
      <BudgetForm budget={budget} card={{ isFree }} onClose={onClose} />
    </div>
  );
}
