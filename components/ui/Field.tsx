/** A labelled text field with a hint and an error, both read out with it. */

import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon } from './Icon';

export interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  /** `secret` is never shown, remembered or checked for spelling. */
  readonly kind?: 'text' | 'address' | 'secret';
  readonly hint?: ComponentChildren;
  readonly error?: string | undefined;
  readonly maxLength?: number;
  /** Takes the focus when it appears. */
  readonly focused?: boolean;
}

const shapes = {
  text: { type: 'text' },
  address: { type: 'text', inputMode: 'url' },
  secret: { type: 'password' },
} as const;

export function Field({ label, value, onValue, kind = 'text', hint, error, maxLength, focused = false }: FieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focused) input.current?.focus();
  }, [focused]);
  const described = [error !== undefined && `${id}-error`, hint !== undefined && `${id}-hint`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <input
        id={id}
        class="input"
        ref={input}
        {...shapes[kind]}
        value={value}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        {...(maxLength !== undefined && { maxLength })}
        aria-invalid={error === undefined ? undefined : 'true'}
        aria-describedby={described === '' ? undefined : described}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
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
