/** What a screen says while it has nothing to show: why, and what to do next. */

import type { ComponentChildren } from 'preact';
import { Mark } from './Mark';

interface EmptyStateProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

export const EmptyState = ({ title, children }: EmptyStateProps) => (
  <div class="empty">
    <Mark size={48} />
    <h2>{title}</h2>
    {children}
  </div>
);
