/** What the person asked, and the box to ask it otherwise. */

import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { revealed } from '../plain-text';
import { rowsOf } from '../text-rows';
import { Button } from '../ui/Button';
import { IconButton } from '../ui/IconButton';
import { CopyButton } from './CopyButton';

interface QuestionViewProps {
  readonly text: string;
  readonly onEdit: (text: string) => void;
}

export function QuestionView({ text, onEdit }: QuestionViewProps) {
  const [isEditing, setIsEditing] = useState(false);
  return (
    <article class="turn question">
      <h2 class="unseen">{i18n.t('chat.you')}</h2>
      {isEditing ? (
        <QuestionEditor
          text={text}
          onCancel={() => setIsEditing(false)}
          onSend={(edited) => {
            setIsEditing(false);
            onEdit(edited);
          }}
        />
      ) : (
        <>
          <p class="question-text" dir="auto">
            {revealed(text)}
          </p>
          <div class="turn-actions">
            <CopyButton text={text} />
            <IconButton icon="pencil" label={i18n.t('chat.edit')} onClick={() => setIsEditing(true)} />
          </div>
        </>
      )}
    </article>
  );
}

interface QuestionEditorProps {
  readonly text: string;
  readonly onCancel: () => void;
  readonly onSend: (text: string) => void;
}

function QuestionEditor({ text, onCancel, onSend }: QuestionEditorProps) {
  const id = useId();
  const [draft, setDraft] = useState(text);
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => box.current?.focus(), []);
  const isEmpty = draft.trim() === '';
  return (
    <form
      class="question-editor"
      onSubmit={(event) => {
        event.preventDefault();
        onSend(draft);
      }}
    >
      <label class="field-label" for={id}>
        {i18n.t('chat.editLabel')}
      </label>
      <textarea
        id={id}
        ref={box}
        class="input"
        dir="auto"
        rows={rowsOf(draft, 2, 10)}
        aria-describedby={`${id}-hint`}
        value={draft}
        onInput={(event) => setDraft(event.currentTarget.value)}
      />
      <p class="field-hint" id={`${id}-hint`}>
        {i18n.t('chat.editMeaning')}
      </p>
      <div class="row">
        <Button type="submit" size="small" kind="primary" dead={isEmpty}>
          {i18n.t('chat.sendEdited')}
        </Button>
        <Button size="small" onClick={onCancel}>
          {i18n.t('common.cancel')}
        </Button>
      </div>
    </form>
  );
}
