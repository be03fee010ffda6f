/** A first question to the model that was just connected, asked and answered on this page: proof that it works, before any site is involved. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { ConnectionView } from '../../protocol/ui-messages';
import { AnswerView } from '../chat/AnswerView';
import { Composer } from '../chat/Composer';
import { Said } from '../chat/Said';
import { useConversation } from '../chat/use-conversation';
import { plainLine } from '../plain-text';

export function FirstQuestion({ connection }: { readonly connection: ConnectionView }) {
  const conversation = useConversation(false);
  const [draft, setDraft] = useState(() => i18n.t('welcome.question'));
  const { turns, isAnswering } = conversation;
  const answer = turns.at(-1);
  return (
    <section class="card first-question">
      <div>
        <h2>{i18n.t('welcome.questionTitle')}</h2>
        <p class="soft">{i18n.t('welcome.questionBody', { name: plainLine(connection.name) })}</p>
      </div>
      <Composer
        draft={draft}
        onDraft={setDraft}
        isAnswering={isAnswering}
        onSend={() => conversation.ask(draft, connection, 0)}
        onStop={conversation.stop}
      />
      {answer?.type === 'answer' && <AnswerView answer={answer} onRetry={undefined} />}
      <Said conversation={conversation} />
    </section>
  );
}
