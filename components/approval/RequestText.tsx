/** The full text of what would be sent: plain text under the role of each message, never markup. */

import { useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { Message, Part } from '../../protocol/generate';
import type { ApprovalId } from '../../protocol/ids';
import type { RequestContent } from '../../protocol/ui-messages';
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

const rowOf = ({ role, content }: Message) => [roleText(role), content.map(partText).join('\n')] as const;

const json = (value: unknown): string => revealed(JSON.stringify(value, null, 2));

/** What goes along beside the messages: each with who or what it is, and its words. */
function extrasOf({ tools = [], responseFormat }: RequestContent): readonly (readonly [label: string, text: string])[] {
  const offered = tools.map(({ name, description = '', parameters }) => {
    const label = i18n.t('request.toolOffered', { name: plainLine(name) });
    return [label, [revealed(description), json(parameters)].filter((part) => part !== '').join('\n')] as const;
  });
  if (responseFormat?.type === 'json-schema') return [...offered, [i18n.t('request.form'), json(responseFormat.schema)]];
  if (responseFormat?.type === 'regexp') return [...offered, [i18n.t('request.form'), revealed(responseFormat.source)]];
  return offered;
}

/** Undefined while the page is being reached. */
function useContent(id: ApprovalId): RequestContent | undefined {
  const { client } = useApp();
  const [content, setContent] = useState<RequestContent>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const ask = async () => {
      // A failure is treated as "not yet": when the request itself is gone, its card goes with it.
      const answer = await client.call('approval-content', { id }).catch(() => undefined);
      if (gone) return;
      setContent(answer);
      if (answer === undefined) timer = setTimeout(ask, askAgain);
    };
    void ask();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [client, id]);
  return content;
}

interface RequestTextProps {
  readonly id: ApprovalId;
  /** The request as the person edited it; absent: as the page sent it. */
  readonly draft?: readonly Message[] | undefined;
  /** Absent where the request can only be read. */
  readonly onDraft?: (draft: readonly Message[] | undefined) => void;
}

export function RequestText({ id, draft, onDraft }: RequestTextProps) {
  const content = useContent(id);
  if (!content) {
    return (
      <p class="soft" role="status">
        {i18n.t('approval.reaching')}
      </p>
    );
  }
  const { messages } = content;
  if (messages.length === 0) return <p class="soft">{i18n.t('approval.nothingSent')}</p>;
  return (
    <div class="request-frame">
      {draft && onDraft ? <RequestEditor messages={draft} onChange={onDraft} /> : <PlainRequest content={content} />}
      {onDraft && isEditable(messages) && (
        <Button size="small" onClick={() => onDraft(draft ? undefined : messages)}>
          {draft ? i18n.t('card.undoEdits') : i18n.t('card.edit')}
        </Button>
      )}
    </div>
  );
}

function PlainRequest({ content }: { readonly content: RequestContent }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section class="request" aria-label={i18n.t('approval.requestLabel')} tabIndex={0}>
      {[...content.messages.map(rowOf), ...extrasOf(content)].map(([label, text], index) => (
        <div key={index} class="request-message">
          <p class="request-role">{label}</p>
          <pre dir="auto">{text}</pre>
        </div>
      ))}
    </section>
  );
}
