/** The conversation, from the first question on; it follows the answer that comes for as long as the person looks at its end. */

import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { i18n } from '#i18n';
import type { ConnectionView } from '../../protocol/ui-messages';
import { AnswerView } from './AnswerView';
import { QuestionView } from './QuestionView';
import type { Conversation } from './use-conversation';

interface TurnsProps {
  readonly conversation: Conversation;
  readonly connection: ConnectionView | undefined;
}

/** Pixels from the end that still count as the end. */
const nearEnd = 48;

function useFollowing({ turns }: Conversation): void {
  const isAtEnd = useRef(true);
  const page = document.documentElement;
  useEffect(() => {
    const look = () => {
      isAtEnd.current = page.scrollHeight - window.innerHeight - window.scrollY < nearEnd;
    };
    window.addEventListener('scroll', look, { passive: true });
    return () => window.removeEventListener('scroll', look);
  }, [page]);
  useLayoutEffect(() => {
    isAtEnd.current = true;
  }, [turns.length]);
  useLayoutEffect(() => {
    if (isAtEnd.current) window.scrollTo({ top: page.scrollHeight });
  }, [turns, page]);
}

export function Turns({ conversation, connection }: TurnsProps) {
  const { turns, isAnswering } = conversation;
  useFollowing(conversation);
  return (
    <section class="turns" aria-label={i18n.t('chat.conversation')}>
      {turns.map((turn, index) =>
        turn.type === 'question' ? (
          <QuestionView key={index} text={turn.text} onEdit={(text) => connection && conversation.ask(text, connection, index)} />
        ) : (
          <AnswerView
            key={index}
            answer={turn}
            onRetry={
              connection && !isAnswering && index === turns.length - 1
                ? (instead = connection) => conversation.retry(instead)
                : undefined
            }
          />
        ),
      )}
    </section>
  );
}
