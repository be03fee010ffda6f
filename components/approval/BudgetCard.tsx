/** A card about money: a site, or all of them, has used what it may. More of it, or Stop. */

import { useEffect, useId, useRef } from 'preact/hooks';
import { i18n } from '#i18n';
import type { BudgetQuestion } from '../../protocol/budgets';
import type { ApprovalView, Decision } from '../../protocol/ui-messages';
import { amountText, questionText } from '../budget-text';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import { plainLine } from '../plain-text';
import { SiteLabel } from '../SiteLabel';
import { Button } from '../ui/Button';
import { Disclosure } from '../ui/Disclosure';
import { Icon } from '../ui/Icon';
import { Phrase, slot } from '../ui/Phrase';
import { useAction } from '../use-action';
import { useSettled } from '../use-settled';
import { ApprovalCard, type ApprovalCardProps } from './ApprovalCard';
import { RequestText } from './RequestText';

/** Whatever waits for the person, as the card that asks it. */
export function WaitingCard(props: ApprovalCardProps) {
  const { question } = props.approval;
  return question ? <BudgetCard {...props} question={question} /> : <ApprovalCard {...props} />;
}

interface BudgetCardProps extends ApprovalCardProps {
  readonly question: BudgetQuestion;
}

function BudgetCard({ approval, question, layout, heading: Heading, focused = false, onDecide }: BudgetCardProps) {
  const { client } = useApp();
  const { run, busy, failure } = useAction();
  const live = useSettled(`${JSON.stringify(approval)} ${layout} ${failure !== undefined}`) && !busy;
  const stopButton = useRef<HTMLButtonElement>(null);
  const headingId = useId();
  const { id, digest, subject } = approval;
  useEffect(() => {
    if (focused) stopButton.current?.focus();
  }, [focused, id]);

  const decide = (decision: Decision) => {
    onDecide?.(decision);
    run(() => client.call('approval-decide', { id, digest, decision }));
  };
  const site = <SiteLabel subject={subject} />;
  return (
    <article class="approval" aria-labelledby={headingId}>
      <Heading id={headingId} class="approval-heading">
        <Phrase text={questionText(question, slot('site'))} slots={{ site }} />
      </Heading>
      <BudgetFacts approval={approval} question={question} />
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
      <div class="approval-actions">
        <Button onClick={() => decide('deny')} buttonRef={stopButton}>
          {i18n.t('popup.stop')}
        </Button>
        <Button kind="primary" dead={!live} onClick={() => decide('add')}>
          {i18n.t('budget.add', { amount: amountText(question.unit, question.add) })}
        </Button>
      </div>
      <Disclosure label={i18n.t('approval.showRequest')}>
        <RequestText id={id} />
      </Disclosure>
    </article>
  );
}

function BudgetFacts({ approval, question }: { readonly approval: ApprovalView; readonly question: BudgetQuestion }) {
  const { unit, used, limit, needed, scope } = question;
  const words = { used: amountText(unit, used), limit: amountText(unit, limit), needed: amountText(unit, needed) };
  const { answeredBy, subject } = approval;
  // At a price that nobody told, what this call may come to is not known.
  const isKnown = unit !== 'microUsd' || needed > 1;
  return (
    <div class="facts">
      {scope === 'all' && (
        <p class="fact">
          <Icon name="info" />
          <span>
            <Phrase text={i18n.t('budget.askedBy', { site: slot('site') })} slots={{ site: <SiteLabel subject={subject} /> }} />
          </span>
        </p>
      )}
      {answeredBy && (
        <p class="fact">
          <Icon name="spark" />
          <span>
            {answeredBy.model !== '' && (
              <>
                <bdi class="fact-strong">{plainLine(answeredBy.model)}</bdi> ·{' '}
              </>
            )}
            <bdi>{plainLine(answeredBy.connection.name)}</bdi>
          </span>
        </p>
      )}
      <p class="fact">
        <Icon name="coin" />
        <span>{isKnown ? i18n.t('budget.factNeeded', words) : i18n.t('budget.fact', words)}</span>
      </p>
    </div>
  );
}
