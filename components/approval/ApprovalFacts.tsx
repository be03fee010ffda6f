/** The lines of an approval card between its heading and its buttons: who answers, and at what cost. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { CostView } from '../../protocol/budgets';
import type { ApprovalView } from '../../protocol/ui-messages';
import { limitText } from '../budget-text';
import { estimate } from '../format';
import { placeText } from '../place-text';
import { plainLine } from '../plain-text';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { Phrase, slot } from '../ui/Phrase';
import { ApprovalNotices } from './ApprovalNotices';
import { ChangeAnswer } from './ChangeAnswer';

function costText(cost: CostView, providerName: string): string {
  switch (cost.type) {
    case 'free':
      return i18n.t('cost.free');
    case 'metered':
      return i18n.t('cost.metered', { name: plainLine(providerName) });
    case 'estimate':
      return estimate(cost.microUsd);
  }
}

interface AnswerProps {
  readonly approval: ApprovalView;
  readonly answeredBy: NonNullable<ApprovalView['answeredBy']>;
}

function Answer({ approval, answeredBy }: AnswerProps) {
  const { connection, model, cost, stopsAt } = answeredBy;
  const [isChanging, setIsChanging] = useState(false);
  return (
    <div class="facts">
      <div class="fact">
        <Icon name="spark" />
        <p>
          <Phrase
            text={i18n.t('approval.answeredBy', {
              model: slot('model'),
              connection: slot('connection'),
              place: placeText(connection),
            })}
            slots={{
              model: <bdi class="fact-strong">{plainLine(model)}</bdi>,
              connection: <bdi>{plainLine(connection.name)}</bdi>,
            }}
          />
          {approval.otherwise && (
            <span class="fact-otherwise soft small">
              {i18n.t('card.otherwise', {
                names: approval.otherwise.map((other) => `${plainLine(other.name)} (${placeText(other)})`).join(', '),
              })}
            </span>
          )}
        </p>
        <Button size="small" kind="quiet" expanded={isChanging} onClick={() => setIsChanging(!isChanging)}>
          {i18n.t('card.change')}
        </Button>
      </div>
      {isChanging && <ChangeAnswer approval={approval} answeredBy={answeredBy} />}
      <p class="fact">
        <Icon name="coin" />
        <span>
          {stopsAt
            ? i18n.t('budget.costStops', { cost: costText(cost, connection.providerName), limit: limitText(stopsAt) })
            : costText(cost, connection.providerName)}
        </span>
      </p>
    </div>
  );
}

export function ApprovalFacts({ approval }: { readonly approval: ApprovalView }) {
  const { answeredBy } = approval;
  return (
    <>
      {answeredBy ? <Answer approval={approval} answeredBy={answeredBy} /> : <p class="soft">{i18n.t('approval.setUpBody')}</p>}
      <ApprovalNotices approval={approval} />
    </>
  );
}
