/** One request for permission: who asks, who would answer, what it costs, and the person's word. The same in popup and window. */

import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { toPersonError } from '../../protocol/errors';
import type { Message } from '../../protocol/generate';
import type { ApprovalView, Decision } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import { SiteLabel } from '../SiteLabel';
import { Phrase, slot } from '../ui/Phrase';
import { useSettled } from '../use-settled';
import { ApprovalActions } from './ApprovalActions';
import { ApprovalFacts, type Changing } from './ApprovalFacts';
import { ApprovalMore } from './ApprovalMore';

export interface ApprovalCardProps {
  readonly approval: ApprovalView;
  /** Whatever else may move the buttons: its change makes them dead for a while. */
  readonly layout: string;
  readonly heading: 'h1' | 'h3';
  /** Don't allow gets the focus, anew for each card. */
  readonly focused?: boolean;
  /** Hears what was pressed, before it is done. */
  readonly onDecide?: (decision: Decision) => void;
}

export function ApprovalCard({ approval, layout, heading: Heading, focused = false, onDecide }: ApprovalCardProps) {
  const { client } = useApp();
  const [error, setError] = useState<unknown>();
  const [deciding, setDeciding] = useState(false);
  const [draft, setDraft] = useState<readonly Message[]>();
  const [changing, setChanging] = useState<Changing>();
  const [presses, setPresses] = useState(0);
  // A form or a list that closes leaves the buttons under the pointer that closed it.
  const live = useSettled(`${JSON.stringify(approval)} ${layout} ${error !== undefined} ${changing} ${presses}`);
  const denyButton = useRef<HTMLButtonElement>(null);
  const headingId = useId();
  const { id, digest, subject, answeredBy } = approval;

  useEffect(() => {
    if (focused) denyButton.current?.focus();
  }, [focused, id]);

  const decide = (decision: Decision) => {
    if (deciding) return;
    setDeciding(true);
    setError(undefined);
    onDecide?.(decision);
    client
      .call('approval-decide', { id, digest, decision, ...(draft && { messages: draft }) })
      .catch(setError)
      .finally(() => setDeciding(false));
  };

  const text = answeredBy
    ? i18n.t('approval.heading', { site: slot('site') })
    : i18n.t('approval.headingSetUp', { site: slot('site') });
  return (
    <article class="approval" aria-labelledby={headingId}>
      <Heading id={headingId} class="approval-heading">
        <Phrase text={text} slots={{ site: <SiteLabel subject={subject} /> }} />
      </Heading>
      <ApprovalFacts
        approval={approval}
        changing={changing}
        onChanging={setChanging}
        onPress={() => setPresses((count) => count + 1)}
      />
      {error !== undefined && <FaultNotice live error={toPersonError(error)} context={{ name: i18n.t('extName') }} />}
      <ApprovalActions
        isSetUp={answeredBy === undefined}
        onlyThis={approval.onlyThis ?? false}
        isPrivate={approval.isPrivate ?? false}
        live={live && !deciding}
        decide={decide}
        denyButton={denyButton}
      />
      <ApprovalMore approval={approval} live={live && !deciding} decide={decide} draft={draft} onDraft={setDraft} />
    </article>
  );
}
