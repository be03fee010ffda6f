/** A checkbox with its label, and a line that says what it means. */

import { useId } from 'preact/hooks';

interface CheckboxProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChecked: (checked: boolean) => void;
  readonly hint?: string;
}

export function Checkbox({ label, checked, onChecked, hint }: CheckboxProps) {
  const id = useId();
  return (
    <div>
      <label class="check">
        <input
          type="checkbox"
          checked={checked}
          aria-describedby={hint === undefined ? undefined : id}
          onChange={(event) => onChecked(event.currentTarget.checked)}
        />
        {label}
      </label>
      {hint !== undefined && (
        <p class="field-hint check-hint" id={id}>
          {hint}
        </p>
      )}
    </div>
  );
}
