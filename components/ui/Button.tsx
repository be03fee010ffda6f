/** A button. While `dead` it looks asleep and does nothing, but stays where tests, keyboards and screen readers find it. */

import type { ComponentChildren, Ref } from 'preact';

interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onClick?: (() => void) | undefined;
  readonly kind?: 'primary' | 'secondary' | 'quiet' | 'danger';
  readonly size?: 'normal' | 'small';
  readonly type?: 'button' | 'submit';
  readonly dead?: boolean;
  readonly expanded?: boolean;
  /** Of one that is on or off. */
  readonly pressed?: boolean;
  readonly describedBy?: string;
  /** Says more than is seen on it, and begins with that. */
  readonly label?: string;
  readonly buttonRef?: Ref<HTMLButtonElement>;
}

export function Button(props: ButtonProps) {
  const { children, onClick, kind = 'secondary', size = 'normal', type = 'button', dead = false } = props;
  const click = (event: Event) => {
    if (!dead) return onClick?.();
    event.preventDefault();
  };
  return (
    <button
      type={type}
      class="button"
      data-kind={kind}
      data-size={size}
      aria-disabled={dead ? 'true' : undefined}
      aria-expanded={props.expanded}
      aria-pressed={props.pressed}
      aria-describedby={props.describedBy}
      aria-label={props.label}
      ref={props.buttonRef ?? null}
      onClick={click}
    >
      {children}
    </button>
  );
}
