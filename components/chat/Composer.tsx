/** The box that is written into: Enter sends, and while an answer comes, its place is taken by Stop. */

import { useEffect, useId, useRef } from 'preact/hooks';
import { i18n } from '#i18n';
import { limits } from '../../protocol/limits';
import { rowsOf } from '../text-rows';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';

interface ComposerProps {
  readonly draft: string;
  readonly onDraft: (draft: string) => void;
  readonly isAnswering: boolean;
  readonly onSend: () => void;
  readonly onStop: () => void;
}

export function Composer({ draft, onDraft, isAnswering, onSend, onStop }: ComposerProps) {
  const id = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const written = useRef(draft);
  useEffect(() => {
    // Text that came from elsewhere, such as a quotation: the person goes on behind it. Also at the start.
    if (written.current === draft && draft !== '') return;
    written.current = draft;
    box.current?.focus();
    box.current?.setSelectionRange(draft.length, draft.length);
  }, [draft]);
  const isDead = isAnswering || draft.trim() === '';
  const send = () => {
    if (!isDead) onSend();
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label class="unseen" for={id}>
        {i18n.t('chat.message')}
      </label>
      <textarea
        id={id}
        ref={box}
        class="input"
        dir="auto"
        rows={rowsOf(draft, 2, 8)}
        maxLength={limits.requestChars}
        placeholder={i18n.t('chat.message')}
        aria-describedby={`${id}-hint`}
        value={draft}
        onInput={(event) => {
          written.current = event.currentTarget.value;
          onDraft(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          // While a word is composed, as in Japanese, Enter is about the word.
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <div class="composer-foot">
        <p class="field-hint" id={`${id}-hint`}>
          {i18n.t('chat.sendHint')}
        </p>
        {isAnswering ? (
          <Button onClick={onStop}>
            <Icon name="stop" />
            {i18n.t('chat.stop')}
          </Button>
        ) : (
          <Button type="submit" kind="primary" dead={isDead}>
            <Icon name="send" />
            {i18n.t('chat.send')}
          </Button>
        )}
      </div>
    </form>
  );
}
