/** Something the person may open: details and summary, as the platform has them. */

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './Icon';

interface DisclosureProps {
  readonly label: string;
  readonly children: ComponentChildren;
  /** Opens it; what is open stays so until the person closes it. */
  readonly open?: boolean;
}

export function Disclosure({ label, children, open = false }: DisclosureProps) {
  const element = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (open && element.current) element.current.open = true;
  }, [open]);
  return (
    <details class="disclosure" ref={element}>
      <summary>
        <Icon name="chevron" />
        {label}
      </summary>
      {children}
    </details>
  );
}
