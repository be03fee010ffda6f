/** The lines of an approval card between its heading and its buttons: who answers, at what cost, and what to beware of. */

import { i18n } from '#i18n';
import type { ApprovalView, CostView } from '../../protocol/ui-messages';
import { limitText } from '../budget-text';
import { estimate } from '../format';
import { placeText } from '../place-text';
import { plainLine } from '../plain-text';
import { siteName } from '../site-name';
import { Icon } from '../ui/Icon';
import { Notice } from '../ui/Notice';
import { Phrase, slot } from '../ui/Phrase';

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

function Answer({ answeredBy }: { readonly answeredBy: NonNullable<ApprovalView['answeredBy']> }) {
  const { connection, model, cost, stopsAt } = answeredBy;
  return (
    <div class="facts">
      <p class="fact">
        <Icon name="spark" />
        <span>
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
        </span>
      </p>
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
  const { subject, insecure, answeredBy } = approval;
  const encoded = [subject.top, subject.frame ?? ''].some((origin) => origin !== '' && siteName(origin).encoded);
  return (
    <>
      {answeredBy ? <Answer answeredBy={answeredBy} /> : <p class="soft">{i18n.t('approval.setUpBody')}</p>}
      {insecure && (
        <Notice kind="caution">
          <p>{i18n.t('approval.insecure')}</p>
        </Notice>
      )}
      {encoded && (
        <Notice kind="caution">
          <p>{i18n.t('approval.encoded')}</p>
        </Notice>
      )}
    </>
  );
}
