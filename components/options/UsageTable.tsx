/** A table of sums: one row for each day, site, model or place. */

import type { ComponentChildren } from 'preact';
import { i18n } from '#i18n';
import type { Sums } from '../../protocol/activity';
import { count } from '../format';
import { sumCost, sumTokens } from './activity-text';

interface UsageTableProps {
  readonly caption: string;
  /** What the first column names. */
  readonly head: string;
  readonly rows: readonly { readonly key: string; readonly name: ComponentChildren; readonly sums: Sums }[];
  readonly hint?: string;
}

export function UsageTable({ caption, head, rows, hint }: UsageTableProps) {
  return (
    <div class="usage-table">
      <table>
        <caption>
          {caption}
          {hint !== undefined && <span class="soft small usage-hint">{hint}</span>}
        </caption>
        <thead>
          <tr>
            <th scope="col">{head}</th>
            <th scope="col">{i18n.t('usage.calls')}</th>
            <th scope="col">{i18n.t('usage.tokens')}</th>
            <th scope="col">{i18n.t('usage.cost')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name, sums }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              <td>{count(sums.calls)}</td>
              <td>{sumTokens(sums)}</td>
              <td>{sumCost(sums)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
