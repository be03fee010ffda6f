/** Something the person may open: details and summary, as the platform has them. */

import type { ComponentChildren } from 'preact';
import { Icon } from './Icon';

interface DisclosureProps {
  readonly label: string;
  readonly children: ComponentChildren;
  readonly open?: boolean;
}

export function Disclosure({ label, children, open = false }: DisclosureProps) {
  return (
    <details class="disclosure" open={open}>
      <summary>
        <Icon name="chevron" />
        {label}
      </summary>
      {children}
    </details>
  );
}
