/** A few words that need to be seen: a problem, a caution, something that went well. */

import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './Icon';

type NoticeKind = 'problem' | 'caution' | 'good' | 'plain';

const icons: Readonly<Record<NoticeKind, IconName>> = { problem: 'alert', caution: 'alert', good: 'check', plain: 'info' };

interface NoticeProps {
  readonly kind: NoticeKind;
  readonly children: ComponentChildren;
  /** Read out when it appears. */
  readonly live?: boolean;
}

export function Notice({ kind, children, live = false }: NoticeProps) {
  const role = live ? (kind === 'problem' ? 'alert' : 'status') : undefined;
  return (
    <div class="notice" data-kind={kind} role={role}>
      <Icon name={icons[kind]} />
      <div class="notice-body">{children}</div>
    </div>
  );
}
