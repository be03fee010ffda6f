/** Settings for single models of a connection, before those of the connection itself. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { limits } from '../../../protocol/limits';
import type { ConnectionView } from '../../../protocol/ui-messages';
import { ModelCombobox } from '../../ModelCombobox';
import { plainLine } from '../../plain-text';
import { Button } from '../../ui/Button';
import { Disclosure } from '../../ui/Disclosure';
import { Field } from '../../ui/Field';
import type { OptionsDraft, OptionsErrors } from './options-draft';
import { SettingsFields } from './SettingsFields';
import { noErrors, type SettingsDraft, toDraft } from './settings-draft';

interface ModelOverridesProps {
  /** Undefined while it is not saved: its models cannot be asked for yet. */
  readonly connection: ConnectionView | undefined;
  readonly models: OptionsDraft['models'];
  readonly onModels: (models: OptionsDraft['models']) => void;
  readonly errors: OptionsErrors['models'];
  readonly writesChat: boolean;
}

export function ModelOverrides({ connection, models, onModels, errors, writesChat }: ModelOverridesProps) {
  const [added, setAdded] = useState<string>();
  const change = (model: string, fields: Partial<SettingsDraft>) =>
    onModels(models.map(([name, draft]) => (name === model ? [name, { ...draft, ...fields }] : [name, draft])));
  const add = (model: string) => {
    setAdded(model);
    if (!models.some(([name]) => name === model)) onModels([...models, [model, toDraft()]]);
  };
  return (
    <Disclosure label={i18n.t('settings.models')}>
      <div class="settings-part">
        <p class="field-hint">{i18n.t('settings.modelsHint')}</p>
        {models.map(([model, draft]) => (
          <Disclosure key={model} label={plainLine(model)} open={model === added}>
            <div class="settings-part">
              <SettingsFields
                draft={draft}
                set={(fields) => change(model, fields)}
                errors={(Object.hasOwn(errors, model) && errors[model]) || noErrors}
                of="model"
                writesChat={writesChat}
              />
              <div class="row">
                <Button size="small" onClick={() => onModels(models.filter(([name]) => name !== model))}>
                  {i18n.t('settings.modelRemove', { name: plainLine(model) })}
                </Button>
              </div>
            </div>
          </Disclosure>
        ))}
        {models.length < limits.vendorEntries && <AddModel connection={connection} onAdd={add} />}
      </div>
    </Disclosure>
  );
}

interface AddModelProps {
  readonly connection: ConnectionView | undefined;
  readonly onAdd: (model: string) => void;
}

function AddModel({ connection, onAdd }: AddModelProps) {
  const [typed, setTyped] = useState('');
  const label = i18n.t('settings.modelAdd');
  if (connection) return <ModelCombobox label={label} connection={connection} value="" onChoose={onAdd} />;
  const model = typed.trim();
  return (
    <>
      <Field label={label} value={typed} onValue={setTyped} maxLength={limits.modelChars} />
      <div class="row">
        <Button
          size="small"
          dead={model === ''}
          onClick={() => {
            onAdd(model);
            setTyped('');
          }}
        >
          {i18n.t('settings.modelAddButton')}
        </Button>
      </div>
    </>
  );
}
