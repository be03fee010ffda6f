/** What This site says of a tab in which no site has asked: nothing to tell, a page from before Oriel, or one that Oriel cannot be in. */

import { useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { Client, Shell } from '../client';
import { useApp } from '../context';
import { Button } from '../ui/Button';
import { useAction } from '../use-action';

type Tab =
  | { readonly type: 'quiet' }
  | { readonly type: 'opened-before'; readonly tabId: number }
  | { readonly type: 'restricted' };

async function tabOf(client: Client, shell: Shell): Promise<Tab> {
  const tabId = await shell.activeTab();
  if (tabId === undefined || (await shell.isInTab(tabId))) return { type: 'quiet' };
  const isBefore = await client.call('tab-opened-before', { tabId });
  return isBefore ? { type: 'opened-before', tabId } : { type: 'restricted' };
}

export function NoSite() {
  const { client, shell } = useApp();
  const { run } = useAction();
  const [tab, setTab] = useState<Tab>({ type: 'quiet' });
  useEffect(() => {
    // What cannot be found out is not said.
    tabOf(client, shell).then(setTab, () => undefined);
  }, [client, shell]);
  if (tab.type === 'quiet') return <p class="soft">{i18n.t('thisSite.none')}</p>;
  if (tab.type === 'restricted') return <p class="soft">{i18n.t('thisSite.restricted')}</p>;
  const { tabId } = tab;
  return (
    <div class="card stack">
      <p>{i18n.t('thisSite.openedBefore')}</p>
      <div class="row">
        <Button onClick={() => run(() => client.call('tab-reload', { tabId }).then(shell.close))}>
          {i18n.t('thisSite.reload')}
        </Button>
      </div>
    </div>
  );
}
