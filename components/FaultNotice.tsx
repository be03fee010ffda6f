/** An error as the person meets it: what happened, what to do, and the backend's own words on request. */

import type { ComponentChildren } from 'preact';
import { i18n } from '#i18n';
import type { PersonError } from '../protocol/errors';
import { type FaultContext, faultText } from './fault-text';
import { Disclosure } from './ui/Disclosure';
import { Notice } from './ui/Notice';

interface FaultNoticeProps {
  readonly error: PersonError;
  readonly context: FaultContext;
  readonly live?: boolean;
  readonly children?: ComponentChildren;
}

export function FaultNotice({ error, context, live = false, children }: FaultNoticeProps) {
  const { what, todo, detail } = faultText(error, context);
  return (
    <Notice kind="problem" live={live}>
      <p class="notice-title">{what}</p>
      <p>{todo}</p>
      {detail !== undefined && (
        <Disclosure label={i18n.t('common.details')}>
          <pre class="detail">{detail}</pre>
        </Disclosure>
      )}
      {children}
    </Notice>
  );
}
