/** What a model answered: by whom, its reasoning on request, its text, and how it ended. */

import { i18n } from '#i18n';
import type { PersonError } from '../../protocol/errors';
import type { ConnectionView } from '../../protocol/ui-messages';
import { FaultNotice } from '../FaultNotice';
import { contextOf } from '../fault-text';
import { plainLine, revealed } from '../plain-text';
import { FixLink } from '../popup/FixLink';
import { UseInstead } from '../popup/UseInstead';
import { Disclosure } from '../ui/Disclosure';
import { IconButton } from '../ui/IconButton';
import { Notice } from '../ui/Notice';
import { CopyButton } from './CopyButton';
import { type Answer, isComing } from './conversation';
import { Markdown } from './Markdown';

interface AnswerViewProps {
  readonly answer: Answer;
  /** Asks anew what answers now, or another. Absent where it is not the last one, or still coming. */
  readonly onRetry: ((instead?: ConnectionView) => void) | undefined;
}

export function AnswerView({ answer, onRetry }: AnswerViewProps) {
  const { model, text, reasoning, state, connection } = answer;
  const name = model === undefined ? i18n.t('chat.someModel') : plainLine(model);
  return (
    <article class="turn answer" aria-busy={isComing(answer)}>
      <h2 class="unseen">{i18n.t('chat.answer', { model: name })}</h2>
      {model !== undefined && (
        <p class="answer-model" aria-hidden="true">
          {name}
        </p>
      )}
      {reasoning !== '' && (
        <Disclosure label={i18n.t('chat.reasoning')}>
          <p class="reasoning" dir="auto">
            {revealed(reasoning)}
          </p>
        </Disclosure>
      )}
      {text !== '' && <Markdown text={text} />}
      {state.type === 'asked' || (state.type === 'coming' && text === '') ? (
        <p class="soft answer-waits">{i18n.t('chat.answering')}</p>
      ) : null}
      {state.type === 'failed' && connection && <Failure error={state.error} connection={connection} onRetry={onRetry} />}
      <p class="soft small">{endText(answer)}</p>
      {!isComing(answer) && (text !== '' || onRetry) && (
        <div class="turn-actions">
          {text !== '' && <CopyButton text={text} />}
          {onRetry && <IconButton icon="retry" label={i18n.t('chat.retry')} onClick={() => onRetry()} />}
        </div>
      )}
    </article>
  );
}

/** Nothing where the answer is whole. */
function endText({ state, text }: Answer): string | undefined {
  if (state.type === 'stopped') return i18n.t('chat.stopped');
  if (state.type !== 'finished') return undefined;
  if (state.reason === 'length') return i18n.t('chat.cutOff');
  if (state.reason === 'content-filter') return i18n.t('chat.filtered');
  return text === '' ? i18n.t('chat.nothing') : undefined;
}

interface FailureProps extends Pick<AnswerViewProps, 'onRetry'> {
  readonly error: PersonError;
  readonly connection: ConnectionView;
}

function Failure({ error, connection, onRetry }: FailureProps) {
  // Not the provider's bill: the person's own limit.
  if (error.code === 'payment-required' && error.fault === undefined) {
    return (
      <Notice kind="problem" live>
        <p class="notice-title">{i18n.t('chat.overBudget')}</p>
        <p>{i18n.t('chat.overBudgetTodo')}</p>
        <a class="button" data-size="small" href="options.html#sites" target="_blank" rel="noreferrer">
          {i18n.t('chat.changeBudget')}
        </a>
      </Notice>
    );
  }
  return (
    <FaultNotice live error={error} context={contextOf(connection)}>
      {error.fault !== undefined && (
        <div class="row notice-actions">
          <FixLink connectionId={connection.id} />
          {onRetry && <UseInstead failed={connection.id} onUsed={onRetry} />}
        </div>
      )}
    </FaultNotice>
  );
}
