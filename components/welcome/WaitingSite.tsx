/** The site whose call brought the person here: it waits, is answered once a model is there, and is where they go back to. */

import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { ApprovalView, Decision } from '../../protocol/ui-messages';
import { WaitingCard } from '../approval/BudgetCard';
import { useApp } from '../context';
import { SiteLabel, subjectText } from '../SiteLabel';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { Phrase, slot } from '../ui/Phrase';

export interface Waited {
  /** The card that waits longest, while one does. */
  readonly waiting: ApprovalView | undefined;
  /** The last one that waited, once none does any more. */
  readonly gone: ApprovalView | undefined;
  /** What the person said to that one on this page. */
  readonly decision: Decision | undefined;
  readonly decide: (decision: Decision) => void;
}

export function useWaiting(approvals: readonly ApprovalView[]): Waited {
  const [waiting] = [...approvals].sort((one, other) => one.createdAt - other.createdAt);
  const last = useRef<ApprovalView | undefined>(undefined);
  const [said, setSaid] = useState<{ readonly id: ApprovalView['id']; readonly decision: Decision }>();
  if (waiting) last.current = waiting;
  const gone = waiting ? undefined : last.current;
  return {
    waiting,
    gone,
    decision: said?.id === gone?.id ? said?.decision : undefined,
    decide: (decision) => waiting && setSaid({ id: waiting.id, decision }),
  };
}

const siteText = (text: string, { subject }: ApprovalView) => (
  <Phrase text={text} slots={{ site: <SiteLabel subject={subject} /> }} />
);

/** Before a model is there. */
export function StillWaits({ approval }: { readonly approval: ApprovalView }) {
  return (
    <Notice kind="plain" live>
      <p>{siteText(i18n.t('welcome.waits', { site: slot('site') }), approval)}</p>
    </Notice>
  );
}

/** It has its word, or waits no more. */
function LeadBack({ gone, decision }: { readonly gone: ApprovalView; readonly decision: Decision | undefined }) {
  const { shell } = useApp();
  const button = useRef<HTMLButtonElement>(null);
  // What was pressed is gone, and the focus with it.
  useEffect(() => button.current?.focus(), []);
  const isAllowed = decision?.startsWith('allow') || decision === 'add';
  const text = isAllowed
    ? i18n.t('welcome.goesOn', { site: slot('site') })
    : decision === undefined
      ? i18n.t('welcome.noLonger', { site: slot('site') })
      : i18n.t('welcome.refused', { site: slot('site') });
  return (
    <Notice kind={isAllowed ? 'good' : 'plain'} live>
      <p>{siteText(text, gone)}</p>
      <Button kind={isAllowed ? 'primary' : 'secondary'} buttonRef={button} onClick={() => void shell.showTab(gone.tabId)}>
        {i18n.t('welcome.back', { site: subjectText(gone.subject) })}
      </Button>
    </Notice>
  );
}

/** Once a model is there: the same card as in its window, and then the way back. */
export function WaitingSite({ waiting, gone, decision, decide }: Waited) {
  const id = useId();
  if (gone) return <LeadBack gone={gone} decision={decision} />;
  if (!waiting) return null;
  return (
    <section class="card waiting-site" aria-labelledby={id}>
      <h2 id={id} class="section-title">
        {i18n.t('approval.title')}
      </h2>
      <WaitingCard key={waiting.id} approval={waiting} layout="" heading="h3" onDecide={decide} />
    </section>
  );
}
