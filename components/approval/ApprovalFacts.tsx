/** The lines of an approval card between its heading and its buttons: who answers, and at what cost. */

import { useId, useRef } from 'preact/hooks';
import { i18n } from '#i18n';
import type { CostView } from '../../protocol/budgets';
import type { Wish } from '../../protocol/scopes';
import type { ApprovalView } from '../../protocol/ui-messages';
import { limitsText } from '../budget-text';
import { estimate } from '../format';
import { list } from '../language';
import { placeText } from '../place-text';
import { plainLine } from '../plain-text';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { Phrase, slot } from '../ui/Phrase';
import { ApprovalNotices } from './ApprovalNotices';
import { ChangeAnswer } from './ChangeAnswer';
import { ChangeBudget } from './ChangeBudget';
import { wishText } from './wish-text';

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

/** Which line of the card is being changed. */
export type Changing = 'answer' | 'budget' | undefined;

interface FactsProps {
  readonly approval: ApprovalView;
  readonly changing: Changing;
  readonly onChanging: (changing: Changing) => void;
  /** A press in it may open or close a list that lies over the buttons. */
  readonly onPress: () => void;
}

interface AnswerProps extends FactsProps {
  readonly answeredBy: NonNullable<ApprovalView['answeredBy']>;
}

function Answer({ approval, answeredBy, changing, onChanging, onPress }: AnswerProps) {
  const { connection, model, cost, budget } = answeredBy;
  const costs = costText(cost, connection.providerName);
  const changeBudget = useRef<HTMLButtonElement>(null);
  const close = () => {
    onChanging(undefined);
    changeBudget.current?.focus();
  };
  const id = useId();
  const where = { connection: slot('connection'), place: placeText(connection) };
  return (
    <div class="facts" onPointerDown={onPress}>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; this names what its button changes. */}
      <div class="fact" role="group" aria-labelledby={`${id}-answer`}>
        <Icon name="spark" />
        <p id={`${id}-answer`}>
          <Phrase
            text={
              model === ''
                ? i18n.t('approval.answeredByAny', where)
                : i18n.t('approval.answeredBy', { model: slot('model'), ...where })
            }
            slots={{
              model: <bdi class="fact-strong">{plainLine(model)}</bdi>,
              connection: <bdi>{plainLine(connection.name)}</bdi>,
            }}
          />
          {approval.otherwise && (
            <span class="fact-otherwise soft small">
              {i18n.t('card.otherwise', {
                names: list(approval.otherwise.map((other) => `${plainLine(other.name)} (${placeText(other)})`)),
              })}
            </span>
          )}
        </p>
        <Button
          size="small"
          kind="quiet"
          label={i18n.t('card.changeAnswer')}
          expanded={changing === 'answer'}
          onClick={() => onChanging(changing === 'answer' ? undefined : 'answer')}
        >
          {i18n.t('card.change')}
        </Button>
      </div>
      {changing === 'answer' && <ChangeAnswer approval={approval} answeredBy={answeredBy} />}
      {/* biome-ignore lint/a11y/useSemanticElements: as above. */}
      <div class="fact" role="group" aria-labelledby={`${id}-cost`}>
        <Icon name="coin" />
        <p id={`${id}-cost`}>
          {budget.limits.length > 0 ? i18n.t('budget.costStops', { cost: costs, limit: limitsText(budget.limits) }) : costs}
        </p>
        <Button
          size="small"
          kind="quiet"
          label={i18n.t('card.changeBudget')}
          expanded={changing === 'budget'}
          buttonRef={changeBudget}
          onClick={() => onChanging(changing === 'budget' ? undefined : 'budget')}
        >
          {i18n.t('card.change')}
        </Button>
      </div>
      {changing === 'budget' && <ChangeBudget budget={budget} isFree={cost.type === 'free'} onClose={close} />}
    </div>
  );
}

/** What the site asks for beside text. */
function Wishes({ wishes }: { readonly wishes: readonly Wish[] }) {
  const id = useId();
  return (
    <div class="wishes">
      <p id={id}>{i18n.t('approval.wishes')}</p>
      <ul aria-labelledby={id}>
        {wishes.map((wish) => (
          <li key={wish}>{wishText(wish)}</li>
        ))}
      </ul>
    </div>
  );
}

export function ApprovalFacts(props: FactsProps) {
  const { approval } = props;
  return (
    <>
      {approval.wishes && <Wishes wishes={approval.wishes} />}
      {approval.answeredBy ? (
        <Answer {...props} answeredBy={approval.answeredBy} />
      ) : (
        <p class="soft">{i18n.t('approval.setUpBody')}</p>
      )}
      <ApprovalNotices approval={approval} />
    </>
  );
}
