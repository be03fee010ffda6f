/** Stands before every screen: where what Oriel saved cannot be read it says so, with the way on, in place of the screen. */

import type { ComponentChild } from 'preact';
import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { StoreFault } from '../protocol/store-messages';
import { useApp } from './context';
import { FaultNotice } from './FaultNotice';
import { Button } from './ui/Button';
import { Dialog } from './ui/Dialog';
import { Icon } from './ui/Icon';
import { useAction } from './use-action';

export function StoreGate({ children }: { readonly children?: ComponentChild }) {
  const fault = useApp().client.overview.value?.store;
  return fault ? <StoreFaultView fault={fault} /> : children;
}

const wordsOf = ({ type }: StoreFault) =>
  ({
    newer: { title: i18n.t('store.newerTitle'), body: i18n.t('store.newerBody') },
    full: { title: i18n.t('store.fullTitle'), body: i18n.t('store.fullBody') },
    unreadable: { title: i18n.t('store.unreadableTitle'), body: i18n.t('store.unreadableBody') },
  })[type];

function StoreFaultView({ fault }: { readonly fault: StoreFault }) {
  const { client } = useApp();
  const { run, busy, failure } = useAction();
  const [isAsking, setIsAsking] = useState(false);
  const { title, body } = wordsOf(fault);
  return (
    <main class="store-fault">
      <Icon name="alert" size={28} />
      <h1>{title}</h1>
      <p class="soft">{body}</p>
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
      <div class="row">
        <Button kind="primary" dead={busy} onClick={() => run(() => client.call('store-retry', {}))}>
          {i18n.t('store.tryAgain')}
        </Button>
        {/* Of a full disk nothing could be put aside. */}
        {fault.type !== 'full' && <Button onClick={() => setIsAsking(true)}>{i18n.t('store.startAnew')}</Button>}
      </div>
      {isAsking && <RenewDialog onClose={() => setIsAsking(false)} />}
    </main>
  );
}

function RenewDialog({ onClose }: { readonly onClose: () => void }) {
  const { client } = useApp();
  const { run, busy, failure } = useAction();
  return (
    <Dialog title={i18n.t('store.anewTitle')} onClose={onClose}>
      <p>{i18n.t('store.anewBody')}</p>
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
      <div class="dialog-actions">
        <Button onClick={onClose}>{i18n.t('common.cancel')}</Button>
        <Button kind="danger" dead={busy} onClick={() => run(() => client.call('store-renew', {}).then(onClose))}>
          {i18n.t('store.startAnew')}
        </Button>
      </div>
    </Dialog>
  );
}
