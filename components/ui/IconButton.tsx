/** A button that shows an icon and says its name to assistive technology and on hover. */

import type { Ref } from 'preact';
import { Icon, type IconName } from './Icon';

interface IconButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  /** It looks asleep and does nothing, but keeps its place and the keyboard. */
  readonly dead?: boolean;
  readonly describedBy?: string;
  readonly buttonRef?: Ref<HTMLButtonElement>;
}

export function IconButton({ icon, label, onClick, dead = false, describedBy, buttonRef }: IconButtonProps) {
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      aria-describedby={describedBy}
      aria-disabled={dead ? 'true' : undefined}
      title={label}
      ref={buttonRef ?? null}
      onClick={dead ? undefined : onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
