/** Beside a key: where its provider ends its spending, which is the one limit that also holds for whoever steals it. */

import { i18n } from '#i18n';
import type { CatalogRow } from '../../providers/provider';

export function CapLink({ row: { cap, name: provider } }: { readonly row: CatalogRow }) {
  if (!cap) return null;
  return (
    <p>
      {cap.type === 'credit' && `${i18n.t('cap.credit', { provider })} `}
      <a href={cap.page} target="_blank" rel="noreferrer">
        {cap.type === 'credit' ? i18n.t('cap.creditPage') : i18n.t('cap.limitPage', { provider })}
      </a>
    </p>
  );
}
