/** What an account may still spend, as its backend told. */

import type { Balance } from '../../protocol/generate';
import { balanceFacts } from '../balance-text';

export function BalanceFacts({ balance }: { readonly balance: Balance }) {
  const facts = balanceFacts(balance);
  if (facts.length === 0) return null;
  return (
    <ul class="connection-facts soft">
      {facts.map((fact) => (
        <li key={fact}>{fact}</li>
      ))}
    </ul>
  );
}
