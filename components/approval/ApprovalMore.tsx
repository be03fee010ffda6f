/** What an approval card keeps out of sight: finer answers, the full text of the request, the whole address. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { Message } from '../../protocol/generate';
import type { ApprovalView, Decision } from '../../protocol/ui-messages';
import { siteName } from '../site-name';
import { Button } from '../ui/Button';
import { Disclosure } from '../ui/Disclosure';
import { RequestText } from './RequestText';

interface ApprovalMoreProps {
  readonly approval: ApprovalView;
  readonly live: boolean;
  readonly decide: (decision: Decision) => void;
  /** The request as the person edited it. */
  readonly draft: readonly Message[] | undefined;
  readonly onDraft: (draft: readonly Message[] | undefined) => void;
}

export function ApprovalMore({ approval, live, decide, draft, onDraft }: ApprovalMoreProps) {
  const { subject, answeredBy, onlyThis = false, isPrivate = false, isSession = false } = approval;
  // Who is asked about each call, or warned of what is in it, wants to see it.
  const isOpen = onlyThis || approval.notice?.type === 'holds';
  const [shown, setShown] = useState(isOpen);
  const address = [subject.frame, subject.top]
    .flatMap((origin) => (origin === undefined ? [] : [siteName(origin).full]))
    .join('\n');
  return (
    <Disclosure label={i18n.t('approval.more')} open={isOpen}>
      <div class="approval-more">
        <div class="row">
          {answeredBy && !onlyThis && (
            <Button size="small" dead={!live} onClick={() => decide('allow-request')}>
              {i18n.t('approval.allowRequest')}
            </Button>
          )}
          <Button size="small" expanded={shown} onClick={() => setShown(!shown)}>
            {i18n.t('approval.showRequest')}
          </Button>
          {!isPrivate && (
            <Button size="small" kind="danger" onClick={() => decide('never')}>
              {i18n.t('approval.never')}
            </Button>
          )}
        </div>
        {shown && <RequestText id={approval.id} draft={draft} onDraft={onDraft} />}
        <dl class="approval-address">
          <dt>{i18n.t('approval.address')}</dt>
          <dd>{address}</dd>
        </dl>
        {answeredBy && !onlyThis && (
          <p class="soft small">
            {isSession && `${i18n.t('approval.sessionMeaning')} `}
            {i18n.t('approval.visitMeaning')} {isPrivate ? i18n.t('approval.privateMeaning') : i18n.t('approval.alwaysMeaning')}
          </p>
        )}
      </div>
    </Disclosure>
  );
}
