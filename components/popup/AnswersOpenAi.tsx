/** For pages that know only OpenAI's API: whether their own requests to Oriel's address are answered. */

import { useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { Origin } from '../../protocol/ids';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import { Checkbox } from '../ui/Checkbox';
import { useAction } from '../use-action';

interface Site {
  readonly origin: Origin;
  readonly isOn: boolean;
  /** Changed here: the page has the script, or is rid of it, when it is loaded again. */
  readonly isChanged?: boolean;
}

export function AnswersOpenAi() {
  const { client, shell } = useApp();
  const [site, setSite] = useState<Site>();
  const { run, failure } = useAction();

  useEffect(() => {
    const look = async () => {
      const origin = await shell.tabSite();
      if (origin !== undefined) setSite({ origin, isOn: await client.call('openai-site', { origin }) });
    };
    // Fails where the tab is gone, or the background died: then there is nothing to switch.
    look().catch(() => undefined);
  }, [client, shell]);

  if (!site) return null;
  const { origin, isOn, isChanged } = site;

  /** The browser's question may close the popup, so that the wish is written before it is answered. */
  const set = async (on: boolean) => {
    const allowed = on ? shell.allowScript(origin) : Promise.resolve(true);
    await client.call('openai-site-set', { origin, on });
    if (!(await allowed)) await client.call('openai-site-set', { origin, on: false });
    // Once more: the permission may have come after the wish.
    else if (on) await client.call('openai-site-set', { origin, on });
    const isOnNow = await client.call('openai-site', { origin });
    setSite({ origin, isOn: isOnNow, isChanged: isOnNow !== isOn });
  };

  return (
    <div class="card">
      <Checkbox
        label={i18n.t('thisSite.openAi')}
        hint={isChanged ? i18n.t('thisSite.openAiReload') : i18n.t('thisSite.openAiHint')}
        checked={isOn}
        onChecked={(on) => run(() => set(on))}
      />
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
    </div>
  );
}
