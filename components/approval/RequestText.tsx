/** The full text of what would be sent: plain text under the role of each message, never markup. */

import { useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { Message, Part } from '../../protocol/generate';
import type { ApprovalId } from '../../protocol/ids';
import { useApp } from '../context';
import { bytes } from '../format';
import { plainLine, revealed } from '../plain-text';
import { Button } from '../ui/Button';
import { isEditable, RequestEditor } from './RequestEditor';
import { roleText } from './role-text';

/** How often a page that is being reached again is asked for its text. */
const askAgain = 1_000;
/** Three bytes of a file are four characters of base64. */
const base64Bytes = (data: string): number => (data.length / 4) * 3;

function partText(part: Part): string {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return revealed(part.text);
    case 'image':
      return i18n.t('request.image', { type: plainLine(part.mediaType), size: bytes(base64Bytes(part.data)) });
    case 'audio':
      return i18n.t('request.audio', { type: plainLine(part.mediaType), size: bytes(base64Bytes(part.data)) });
    case 'tool-call':
      return `${i18n.t('request.toolCall', { name: plainLine(part.name) })}\n${revealed(part.arguments)}`;
    case 'tool-result':
      return revealed(part.result);
  }
}

/** Undefined while the page is being reached. */
function useMessages(id: ApprovalId): readonly Message[] | undefined {
  const { client } = useApp();
  const [messages, setMessages] = useState<readonly Message[]>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const ask = async () => {
      // A failure is treated as "not yet": when the request itself is gone, its card goes with it.
      const answer = await client.call('approval-messages', { id }).catch(() => undefined);
      if (gone) return;
      setMessages(answer);
      if (answer === undefined) timer = setTimeout(ask, askAgain);
    };
    void ask();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [client, id]);
  return messages;
}

interface RequestTextProps {
  readonly id: ApprovalId;
  /** The request as the person edited it; absent: as the page sent it. */
  readonly draft?: readonly Message[] | undefined;
  /** Absent where the request can only be read. */
  readonly onDraft?: (draft: readonly Message[] | undefined) => void;
}

export function RequestText({ id, draft, onDraft }: RequestTextProps) {
  const messages = useMessages(id);
  if (!messages) {
    return (
      <p class="soft" role="status">
        {i18n.t('approval.reaching')}
      </p>
    );
  }
  return (
    <div class="request-frame">
      {draft && onDraft ? <RequestEditor messages={draft} onChange={onDraft} /> : <PlainRequest messages={messages} />}
      {onDraft && isEditable(messages) && (
        <Button size="small" onClick={() => onDraft(draft ? undefined : messages)}>
          {draft ? i18n.t('card.undoEdits') : i18n.t('card.edit')}
        </Button>
      )}
    </div>
  );
}

function PlainRequest({ messages }: { readonly messages: readonly Message[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section class="request" aria-label={i18n.t('approval.requestLabel')} tabIndex={0}>
      {messages.map((message, index) => (
        <div key={index} class="request-message">
          <p class="request-role">{roleText(message.role)}</p>
          <pre dir="auto">{message.content.map(partText).join('\n')}</pre>
        </div>
      ))}
    </section>
  );
}
