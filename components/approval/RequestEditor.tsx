/** The request in the person's hands: each message can be rewritten or cut before it is sent. Whatever is not text cannot be edited. */

import { useId } from 'preact/hooks';
import { i18n } from '#i18n';
import type { Message } from '../../protocol/generate';
import { rowsOf } from '../text-rows';
import { Button } from '../ui/Button';
import { roleText } from './role-text';

export const isEditable = (messages: readonly Message[]): boolean =>
  messages.every(({ role, content }) => role !== 'tool' && content.every(({ type }) => type === 'text'));

const textOf = ({ content }: Message): string => content.map((part) => ('text' in part ? part.text : '')).join('\n');

interface RequestEditorProps {
  readonly messages: readonly Message[];
  readonly onChange: (messages: readonly Message[]) => void;
}

export function RequestEditor({ messages, onChange }: RequestEditorProps) {
  const replace = (index: number, text: string) =>
    onChange(messages.map((old, at) => (at === index ? { role: old.role, content: [{ type: 'text', text }] } : old)));
  return (
    <div class="request request-editor">
      {messages.map((message, index) => (
        <MessageField
          key={index}
          message={message}
          onText={(text) => replace(index, text)}
          onCut={messages.length > 1 ? () => onChange(messages.filter((_, at) => at !== index)) : undefined}
        />
      ))}
    </div>
  );
}

interface MessageFieldProps {
  readonly message: Message;
  readonly onText: (text: string) => void;
  /** Absent for the last one: an empty request is none. */
  readonly onCut: (() => void) | undefined;
}

function MessageField({ message, onText, onCut }: MessageFieldProps) {
  const id = useId();
  const text = textOf(message);
  return (
    <div class="request-message">
      <div class="request-head">
        <label class="request-role" for={id}>
          {roleText(message.role)}
        </label>
        {onCut && (
          <Button size="small" kind="quiet" onClick={onCut}>
            {i18n.t('card.cut')}
          </Button>
        )}
      </div>
      <textarea
        id={id}
        class="input request-input"
        dir="auto"
        rows={rowsOf(text, 2, 10)}
        spellcheck={false}
        value={text}
        onInput={(event) => onText(event.currentTarget.value)}
      />
    </div>
  );
}
