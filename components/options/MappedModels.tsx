/** What answers where a site asks for a model by name. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { toConnectionId } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import type { MappedModel } from '../../protocol/site-rules';
import type { ConnectionView } from '../../protocol/ui-messages';
import { ModelCombobox } from '../ModelCombobox';
import { plainLine } from '../plain-text';
import { Button } from '../ui/Button';
import { Disclosure } from '../ui/Disclosure';
import { Field } from '../ui/Field';
import { IconButton } from '../ui/IconButton';
import { Select } from '../ui/Select';

interface MappedModelsProps {
  readonly connections: readonly ConnectionView[];
  readonly mapped: readonly MappedModel[];
  readonly onChange: (mapped: readonly MappedModel[]) => void;
}

export function MappedModels({ connections, mapped, onChange }: MappedModelsProps) {
  const nameOf = ({ connection, model }: MappedModel) =>
    [model, connections.find(({ id }) => id === connection)?.name]
      .filter((text) => text !== undefined)
      .map(plainLine)
      .join(' · ');
  return (
    <Disclosure label={i18n.t('rules.mapped')} open={mapped.length > 0}>
      <div class="stack">
        <ul class="fallback">
          {mapped.map((entry) => (
            <li key={entry.asked} class="fallback-entry">
              <span class="fallback-name">
                <bdi>{plainLine(entry.asked)}</bdi> → {nameOf(entry)}
              </span>
              <IconButton
                icon="close"
                label={i18n.t('rules.remove', { name: plainLine(entry.asked) })}
                onClick={() => onChange(mapped.filter((other) => other !== entry))}
              />
            </li>
          ))}
        </ul>
        <NewEntry
          connections={connections}
          onAdd={(entry) => onChange([...mapped.filter(({ asked }) => asked !== entry.asked), entry])}
        />
      </div>
    </Disclosure>
  );
}

interface NewEntryProps {
  readonly connections: readonly ConnectionView[];
  readonly onAdd: (entry: MappedModel) => void;
}

function NewEntry({ connections, onAdd }: NewEntryProps) {
  const [asked, setAsked] = useState('');
  const [id, setId] = useState<string>();
  const [model, setModel] = useState<string>();
  const chosen = connections.find((connection) => connection.id === id) ?? connections[0];
  if (!chosen) return null;
  const add = () => {
    onAdd({ asked: asked.trim(), connection: chosen.id, ...(model !== undefined && { model }) });
    setAsked('');
    setModel(undefined);
  };
  return (
    <>
      <Field label={i18n.t('rules.mappedAsked')} value={asked} onValue={setAsked} maxLength={limits.modelChars} />
      <Select
        label={i18n.t('rules.mappedAnswer')}
        value={chosen.id}
        options={connections.map((connection) => ({ value: connection.id as string, text: plainLine(connection.name) }))}
        onValue={(value) => {
          setId(toConnectionId(value));
          setModel(undefined);
        }}
      />
      <ModelCombobox
        key={chosen.id}
        label={i18n.t('rules.mappedModel')}
        connection={chosen}
        value={model ?? ''}
        placeholder={i18n.t('model.usual')}
        onChoose={setModel}
      />
      <div class="row">
        <Button size="small" dead={asked.trim() === ''} onClick={add}>
          {i18n.t('rules.mappedAdd')}
        </Button>
      </div>
    </>
  );
}
