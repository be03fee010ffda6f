/** The order in which other connections answer a site whose first one is down. */

import { i18n } from '#i18n';
import { type ConnectionId, toConnectionId } from '../../protocol/ids';
import type { ConnectionView } from '../../protocol/ui-messages';
import { placeText } from '../place-text';
import { plainLine } from '../plain-text';
import { IconButton } from '../ui/IconButton';
import { Select } from '../ui/Select';

interface FallbackListProps {
  /** Everyone who may stand in. */
  readonly connections: readonly ConnectionView[];
  readonly chosen: readonly ConnectionId[];
  readonly onChange: (chosen: readonly ConnectionId[]) => void;
}

const none = '';

export function FallbackList({ connections, chosen, onChange }: FallbackListProps) {
  const listed = chosen.flatMap((id) => connections.find((connection) => connection.id === id) ?? []);
  const left = connections.filter(({ id }) => !chosen.includes(id));
  const moveUp = (index: number) => {
    const ids = listed.map(({ id }) => id);
    onChange([...ids.slice(0, index - 1), ...ids.slice(index - 1, index + 1).reverse(), ...ids.slice(index + 1)]);
  };
  if (connections.length === 0) return null;
  return (
    <fieldset class="rules-group">
      <legend>{i18n.t('rules.fallback')}</legend>
      {listed.length === 0 && <p class="field-hint">{i18n.t('rules.fallbackNone')}</p>}
      <ol class="fallback">
        {listed.map((connection, index) => (
          <li key={connection.id} class="fallback-entry">
            <span class="fallback-name">
              <bdi>{plainLine(connection.name)}</bdi> <span class="soft small">{placeText(connection)}</span>
            </span>
            {index > 0 && (
              <IconButton
                icon="up"
                label={i18n.t('rules.earlier', { name: plainLine(connection.name) })}
                onClick={() => moveUp(index)}
              />
            )}
            <IconButton
              icon="close"
              label={i18n.t('rules.remove', { name: plainLine(connection.name) })}
              onClick={() => onChange(chosen.filter((id) => id !== connection.id))}
            />
          </li>
        ))}
      </ol>
      {left.length > 0 && (
        <Select
          label={i18n.t('rules.fallbackAdd')}
          value={none}
          options={[{ value: none, text: '' }, ...left.map(({ id, name }) => ({ value: id as string, text: plainLine(name) }))]}
          onValue={(id) => id !== none && onChange([...listed.map((connection) => connection.id), toConnectionId(id)])}
        />
      )}
    </fieldset>
  );
}
