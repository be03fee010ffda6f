/** What the log is searched by. */

import { i18n } from '#i18n';
import { type ActivityFilter, endings } from '../../protocol/activity';
import { limits } from '../../protocol/limits';
import type { Overview } from '../../protocol/ui-messages';
import { plainLine } from '../plain-text';
import { Field } from '../ui/Field';
import { Select } from '../ui/Select';
import { endingName } from './activity-text';
import type { Kept } from './use-activity';

interface ActivityFiltersProps {
  readonly filter: ActivityFilter;
  readonly kept: Kept;
  readonly overview: Overview;
  readonly onFilter: (filter: ActivityFilter) => void;
}

export function ActivityFilters({ filter, kept, overview, onFilter }: ActivityFiltersProps) {
  const { text = '', connection = '', ending = '' } = filter;
  const change = (fields: ActivityFilter) =>
    onFilter(Object.fromEntries(Object.entries({ ...filter, ...fields }).filter(([, value]) => value !== undefined)));
  // A connection may have been renamed since, or removed.
  const named = kept.connections.map(({ id, name }) => ({
    id,
    text: plainLine(overview.connections.find((one) => one.id === id)?.name ?? name),
  }));
  return (
    <search class="card activity-filters">
      <Field
        label={i18n.t('activity.search')}
        value={text}
        maxLength={limits.nameChars}
        onValue={(typed) => change({ text: typed === '' ? undefined : typed })}
      />
      <Select
        label={i18n.t('activity.ending')}
        value={ending}
        options={[
          { value: '', text: i18n.t('activity.anyEnding') },
          ...endings.map((one) => ({ value: one, text: endingName(one) })),
        ]}
        onValue={(value) => change({ ending: endings.find((one) => one === value) })}
      />
      <Select
        label={i18n.t('activity.connection')}
        value={connection}
        options={[
          { value: '', text: i18n.t('activity.anyConnection') },
          ...named.map(({ id, text: name }) => ({ value: id, text: name })),
        ]}
        onValue={(value) => change({ connection: named.find(({ id }) => id === value)?.id })}
      />
    </search>
  );
}
