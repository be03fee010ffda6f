/** A heading that takes the focus when what it heads appears: the person pressed something, and is led to what came of it. */

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface HeadingProps {
  readonly level: 'h1' | 'h2' | 'h3';
  readonly id?: string;
  readonly children: ComponentChildren;
  /** False where a field inside takes the focus instead, or nothing was pressed. */
  readonly focused?: boolean;
}

export function Heading({ level: Level, id, children, focused = true }: HeadingProps) {
  const element = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (focused) element.current?.focus();
  }, [focused]);
  return (
    <Level id={id} ref={element} tabIndex={-1}>
      {children}
    </Level>
  );
}
