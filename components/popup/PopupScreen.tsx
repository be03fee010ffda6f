/** The popup: what waits for the person, which model answers, how this site stands, what runs. */

import { useEffect } from 'preact/hooks';
import { i18n } from '#i18n';
import type { Overview } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { FullNotice } from '../FullNotice';
import { LostNotice } from '../LostNotice';
import { UnlockView } from '../security/UnlockView';
import { Button } from '../ui/Button';
import { EmptyState } from '../ui/EmptyState';
import { Icon } from '../ui/Icon';
import { Mark } from '../ui/Mark';
import { ActiveModel } from './ActiveModel';
import { Failures } from './Failures';
import { Running } from './Running';
import { ThisSite } from './ThisSite';
import { Waiting } from './Waiting';

function Header() {
  const { shell } = useApp();
  const openChat = (event: Event) => {
    event.preventDefault();
    void shell.openChat().then(shell.close);
  };
  return (
    <header class="popup-head">
      <Mark size={26} />
      <h1>{i18n.t('extName')}</h1>
      <a
        class="button popup-chat"
        data-kind="quiet"
        data-size="small"
        href="sidepanel.html"
        target="_blank"
        rel="noreferrer"
        onClick={openChat}
      >
        <Icon name="chat" />
        {i18n.t('popup.openChat')}
      </a>
      <a class="button" data-kind="quiet" data-size="small" href="options.html#connections" target="_blank" rel="noreferrer">
        <Icon name="sliders" />
        {i18n.t('popup.settings')}
      </a>
    </header>
  );
}

function Body({ overview }: { readonly overview: Overview }) {
  const { shell } = useApp();
  const isEmpty = overview.connections.length === 0;
  return (
    <>
      <Waiting approvals={overview.approvals} layout={`${overview.failures.length} ${isEmpty}`} />
      {overview.isLost && <LostNotice />}
      {isEmpty && overview.approvals.length === 0 && (
        <EmptyState title={i18n.t('popup.emptyTitle')}>
          <p class="soft">{i18n.t('popup.emptyBody')}</p>
          <Button kind="primary" onClick={() => void shell.openWelcome()}>
            {i18n.t('popup.setUpModel')}
          </Button>
        </EmptyState>
      )}
      {overview.isFull && <FullNotice />}
      <Failures overview={overview} />
      {!isEmpty && <ActiveModel overview={overview} />}
      <ThisSite overview={overview} />
      <Running running={overview.running} />
    </>
  );
}

export function PopupScreen() {
  const overview = useApp().client.overview.value;
  const isReady = overview !== undefined;
  // An effect comes after the paint: what measures how long people wait reads this.
  useEffect(() => {
    if (isReady) performance.mark('popup-ready');
  }, [isReady]);
  return (
    <div class="popup">
      <Header />
      <main class="popup-body" aria-busy={!isReady}>
        {overview && (overview.vault.type === 'locked' ? <UnlockView /> : <Body overview={overview} />)}
      </main>
    </div>
  );
}
