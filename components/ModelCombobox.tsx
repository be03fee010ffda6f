/** The box **Model**: shows the model in use, asks the backend for the others when opened, takes a typed name too. */

import { useId } from 'preact/hooks';
import { i18n } from '#i18n';
import { modelFacts } from './format';
import { ModelOptions } from './ModelOptions';
import { plainLine } from './plain-text';
import { type ModelComboboxProps, useModelCombobox } from './use-model-combobox';

export function ModelCombobox(props: ModelComboboxProps) {
  const { label, connection, value, placeholder = i18n.t('model.choose') } = props;
  const box = useModelCombobox(props);
  const id = useId();
  const known = box.list?.models?.find((model) => model.id === value);
  const facts = known && modelFacts(known);
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <div class="combobox">
        <input
          id={id}
          class="input combobox-input"
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={box.isOpen}
          aria-controls={`${id}-list`}
          aria-activedescendant={box.isOpen && box.choices[box.active] ? `${id}-${box.active}` : undefined}
          aria-describedby={box.isOpen ? `${id}-keys` : undefined}
          autocomplete="off"
          spellcheck={false}
          placeholder={box.isOpen && value !== '' ? plainLine(value) : placeholder}
          value={box.isOpen ? (box.typed ?? '') : plainLine(value)}
          onInput={(event) => box.type(event.currentTarget.value)}
          onClick={box.open}
          onKeyDown={box.press}
          onBlur={box.close}
        />
        <ModelOptions id={id} label={label} value={value} connection={connection} box={box} />
      </div>
      {facts && <p class="field-hint">{facts}</p>}
    </div>
  );
}
