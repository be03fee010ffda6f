/** What is typed for the models that answer one site, until it is saved with the site's rules. */

import { useState } from 'preact/hooks';
import type { SiteSettings } from '../../../protocol/site-rules';
import { checkSettings, noErrors, type SettingsDraft, saysNothing, toDraft, toSettings } from './settings-draft';

type Read = { readonly type: 'wrong' } | { readonly type: 'settings'; readonly settings: SiteSettings | undefined };

/** @param saved until something is typed */
export function useSiteSettings(saved: SiteSettings | undefined) {
  const [typed, setTyped] = useState<SettingsDraft>();
  const [tries, setTries] = useState(0);
  const draft = typed ?? toDraft(saved);
  const wrong = checkSettings(draft);
  /** From then on each field follows what is typed. */
  const read = (): Read => {
    setTries(tries + 1);
    if (wrong) return { type: 'wrong' };
    const settings = toSettings(draft);
    return { type: 'settings', settings: saysNothing(settings) ? undefined : settings };
  };
  return {
    draft,
    set: (change: Partial<SettingsDraft>) => setTyped((before = toDraft(saved)) => ({ ...before, ...change })),
    errors: (tries > 0 ? wrong : undefined) ?? noErrors,
    read,
    /** How often it was read. */
    tries,
  };
}
