/** The dialog that sets the budget of one site, or of all sites together. */

import type { BudgetView } from '../../protocol/budgets';
import { BudgetForm } from '../BudgetForm';
import { budgetTitle } from '../budget-text';
import { Dialog } from '../ui/Dialog';

interface BudgetDialogProps {
  readonly budget: BudgetView;
  readonly onClose: () => void;
}

export function BudgetDialog({ budget, onClose }: BudgetDialogProps) {
  return (
    <Dialog title={budgetTitle(budget)} onClose={onClose}>
      <BudgetForm budget={budget} onClose={onClose} />
    </Dialog>
  );
}
