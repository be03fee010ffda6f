/** For those who listen: that an answer comes and that it is there, not each of its words. */

import { i18n } from '#i18n';
import type { Conversation } from './use-conversation';

export function Said({ conversation: { turns, isAnswering } }: { readonly conversation: Conversation }) {
  const last = turns.at(-1);
  const isWhole = last?.type === 'answer' && last.state.type === 'finished';
  return (
    <p class="unseen" role="status">
      {isAnswering ? i18n.t('chat.answering') : isWhole ? i18n.t('chat.answered') : ''}
    </p>
  );
}
