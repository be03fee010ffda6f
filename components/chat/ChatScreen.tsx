/** The chat beside the page: the person asks the model in use, as a page would, but without asking themself for permission. */

import { type Dispatch, type StateUpdater, useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { ConnectionView, Overview } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import { placeText } from '../place-text';
import { plainLine, revealed } from '../plain-text';
import { ActiveModel } from '../popup/ActiveModel';
import { UnlockView } from '../security/UnlockView';
import { Button } from '../ui/Button';
import { EmptyState } from '../ui/EmptyState';
import { Icon } from '../ui/Icon';
import { Mark } from '../ui/Mark';
import { Composer } from './Composer';
import { quoted } from './conversation';
import { Said } from './Said';
import { Turns } from './Turns';
import { type Conversation, useConversation } from './use-conversation';

export function ChatScreen() {
  const overview = useApp().client.overview.value;
  // Out here they outlive a lock of the vault, unseen meanwhile.
  const conversation = useConversation(overview !== undefined && overview.vault.type !== 'locked');
  const [draft, setDraft] = useState('');
  useSelection(overview, setDraft);
  if (!overview) return <main class="chat" aria-busy="true" />;
  if (overview.vault.type === 'locked') {
    return (
      <main class="chat">
        <UnlockView />
      </main>
    );
  }
  return <Chat overview={overview} conversation={conversation} draft={draft} onDraft={setDraft} />;
}

/** Puts what the person chose from a page's menu into the box, quoted. It is theirs to send. */
function useSelection(overview: Overview | undefined, setDraft: Dispatch<StateUpdater<string>>): void {
  const { client, shell } = useApp();
  const { text, windowId } = overview?.selection ?? {};
  useEffect(() => {
    if (text === undefined || windowId === undefined) return;
    let isStale = false;
    void shell.window().then(({ id }) => {
      if (isStale || id !== windowId) return;
      setDraft((old) => (old.trim() === '' ? '' : `${old.trimEnd()}\n\n`) + quoted(revealed(text)));
      // Where the background has died, it is asked again by its next overview: better twice than lost.
      client.call('selection-taken', { windowId }).catch(() => undefined);
    });
    return () => {
      isStale = true;
    };
  }, [client, shell, setDraft, text, windowId]);
}

interface ChatProps {
  readonly overview: Overview;
  readonly conversation: Conversation;
  readonly draft: string;
  readonly onDraft: (draft: string) => void;
}

function Chat({ overview, conversation, draft, onDraft }: ChatProps) {
  const { turns, isAnswering, kept } = conversation;
  const { connections, activeConnection } = overview;
  const connection = connections.find(({ id }) => id === activeConnection);
  const isEmpty = connections.length === 0;
  const send = () => {
    if (!connection) return;
    onDraft('');
    conversation.ask(draft, connection);
  };
  return (
    <div class="chat">
      <header class="chat-head">
        <div class="chat-bar">
          <Mark size={22} />
          <h1>{i18n.t('chat.title')}</h1>
          {turns.length > 0 && (
            <div class="chat-actions">
              {kept.canKeep && (
                <Button kind="quiet" size="small" pressed={kept.isKept} onClick={kept.isKept ? kept.forget : kept.keep}>
                  <Icon name={kept.isKept ? 'check' : 'lock'} />
                  {i18n.t('chat.keep')}
                </Button>
              )}
              <Button kind="quiet" size="small" onClick={conversation.clear}>
                <Icon name="plus" />
                {i18n.t('chat.new')}
              </Button>
            </div>
          )}
        </div>
        <p role="status" class="soft small">
          {turns.length > 0 && kept.isKept && !kept.failure && i18n.t('chat.kept')}
          {turns.length > 0 && kept.isElsewhere && i18n.t('chat.keptElsewhere')}
        </p>
        {kept.failure && <FaultNotice live error={kept.failure} context={{ name: i18n.t('extName') }} />}
        {!isEmpty && <ActiveModel overview={overview} />}
      </header>
      <main class="chat-main">
        <div class="chat-body">
          {isEmpty ? <NothingConnected /> : turns.length === 0 && connection && <Start connection={connection} />}
          <Turns conversation={conversation} connection={connection} />
          <Said conversation={conversation} />
        </div>
        {connection && (
          <Composer draft={draft} onDraft={onDraft} isAnswering={isAnswering} onSend={send} onStop={conversation.stop} />
        )}
      </main>
    </div>
  );
}

function NothingConnected() {
  const { shell } = useApp();
  return (
    <EmptyState title={i18n.t('chat.emptyTitle')}>
      <p class="soft">{i18n.t('chat.emptyBody')}</p>
      <Button kind="primary" onClick={() => void shell.openWelcome()}>
        {i18n.t('popup.setUpModel')}
      </Button>
    </EmptyState>
  );
}

function Start({ connection }: { readonly connection: ConnectionView }) {
  const { defaultModel, name } = connection;
  const title =
    defaultModel === undefined ? i18n.t('chat.startTitleAny') : i18n.t('chat.startTitle', { model: plainLine(defaultModel) });
  return (
    <EmptyState title={title}>
      <p class="soft">{i18n.t('chat.startBody', { connection: plainLine(name), place: placeText(connection) })}</p>
    </EmptyState>
  );
}
