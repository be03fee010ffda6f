/** A labelled text field of one line or several with a hint and an error, both read out with it. */

import type { ComponentChildren, TargetedEvent } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon } from './Icon';

export interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  /** `secret` is never shown, remembered or checked for spelling; `lines` has several. */
  readonly kind?: 'text' | 'address' | 'number' | 'secret' | 'lines';
  readonly hint?: ComponentChildren;
  readonly error?: string | undefined;
  readonly maxLength?: number;
  /** Takes the focus when it appears. */
  readonly focused?: boolean;
}

const shapes = {
  text: { type: 'text' },
  address: { type: 'text', inputMode: 'url' },
  number: { type: 'text', inputMode: 'decimal' },
  secret: { type: 'password' },
} as const;

export function Field({ label, value, onValue, kind = 'text', hint, error, maxLength, focused = false }: FieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focused) input.current?.focus();
  }, [focused]);
  const described = [error !== undefined && `${id}-error`, hint !== undefined && `${id}-hint`].filter(Boolean).join(' ');
  const attributes = {
    id,
    class: 'input',
    value,
    autocomplete: 'off' as const,
    autocapitalize: 'off' as const,
    spellcheck: false,
    ...(maxLength !== undefined && { maxLength }),
    'aria-invalid': error === undefined ? undefined : ('true' as const),
    'aria-describedby': described === '' ? undefined : described,
    onInput: (event: TargetedEvent<HTMLInputElement | HTMLTextAreaElement>) => onValue(event.currentTarget.value),
  };
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      {kind === 'lines' ? <textarea {...attributes} rows={3} /> : <input {...attributes} ref={input} {...shapes[kind]} />}
      {error !== undefined && (
        <p class="field-error" id={`${id}-error`}>
          <Icon name="alert" />
          {error}
        </p>
      )}
      {hint !== undefined && (
        <div class="field-hint" id={`${id}-hint`}>
          {hint}
        </div>
      )}
    </div>
  );
}
