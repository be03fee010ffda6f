/** A native select box with its label: role combobox, and the platform's own list on every device. */

import { useId } from 'preact/hooks';
import { Icon } from './Icon';

export interface SelectOption {
  readonly value: string;
  readonly text: string;
  readonly group?: string;
}

interface SelectProps {
  readonly label: string;
  readonly value: string;
  /** Those of one group stand together, under its name. */
  readonly options: readonly SelectOption[];
  readonly onValue: (value: string) => void;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
}

export function Select({ label, value, options, onValue, hint, error }: SelectProps) {
  const id = useId();
  const optionOf = (option: SelectOption) => (
    <option key={option.value} value={option.value} selected={option.value === value}>
      {option.text}
    </option>
  );
  const described = [error !== undefined && `${id}-error`, hint !== undefined && `${id}-hint`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <select
        id={id}
        class="input"
        value={value}
        aria-invalid={error === undefined ? undefined : 'true'}
        aria-describedby={described === '' ? undefined : described}
        onChange={(event) => onValue(event.currentTarget.value)}
      >
        {[...new Set(options.map(({ group }) => group))].map((group) => {
          const members = options.filter((option) => option.group === group).map(optionOf);
          return group === undefined ? members : <optgroup key={group} label={group} children={members} />;
        })}
      </select>
      {error !== undefined && (
        <p class="field-error" id={`${id}-error`}>
          <Icon name="alert" />
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
