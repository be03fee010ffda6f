/** The list **Waiting for you**: every approval card, oldest first. */

import { useId } from 'preact/hooks';
import { i18n } from '#i18n';
import type { ApprovalView } from '../../protocol/ui-messages';
import { WaitingCard } from '../approval/BudgetCard';

interface WaitingProps {
  readonly approvals: readonly ApprovalView[];
  readonly layout: string;
}

export function Waiting({ approvals, layout }: WaitingProps) {
  const id = useId();
  if (approvals.length === 0) return null;
  const sorted = [...approvals].sort((one, other) => one.createdAt - other.createdAt);
  return (
    <section class="section">
      <h2 id={id} class="section-title">
        {i18n.t('popup.waiting')}
      </h2>
      <ul class="stack" aria-labelledby={id}>
        {sorted.map((approval, index) => (
          <li key={approval.id} class="card">
            <WaitingCard approval={approval} layout={`${layout} ${index}`} heading="h3" focused={index === 0} />
          </li>
        ))}
      </ul>
    </section>
  );
}
