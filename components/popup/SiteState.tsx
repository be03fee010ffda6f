/** One site of the active tab: its name, its state in words, its buttons. */

import type { ComponentChildren } from 'preact';
import { i18n } from '#i18n';
import type { SiteView, UiOperations } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import { clock } from '../format';
import { SiteLabel } from '../SiteLabel';
import { Button } from '../ui/Button';
import { useAction } from '../use-action';

type SiteAction = UiOperations['site-set']['input']['action'];
type State = SiteView['state'];

function stateText(state: State): string {
  switch (state.type) {
    case 'none':
      return i18n.t('thisSite.stateNone');
    case 'visit':
      return i18n.t('thisSite.stateVisit');
    case 'always':
      return i18n.t('thisSite.stateAlways');
    case 'blocked':
      return i18n.t('thisSite.stateBlocked');
    case 'refused':
      return i18n.t('thisSite.stateRefused', { time: clock(state.at) });
    case 'muted':
      return state.until === undefined ? i18n.t('rules.muted') : i18n.t('rules.mutedUntil', { time: clock(state.until) });
    case 'insecure':
      return i18n.t('thisSite.stateInsecure');
  }
}

function explanation(state: State): string | undefined {
  if (state.type === 'muted') return i18n.t('rules.mutedBody');
  if (state.type === 'refused') return state.asksOnceMore ? i18n.t('thisSite.refusedOnceBody') : i18n.t('thisSite.refusedBody');
  return state.type === 'insecure' ? i18n.t('thisSite.insecureBody') : undefined;
}

/** Who answers the site's `LanguageModel` is a question where the browser has a model of its own, and where it was one before. */
const promptApiActions = ({ promptApi, state }: SiteView, hasBrowserModel: boolean): readonly SiteAction[] => {
  if (state.type === 'insecure' || state.type === 'blocked') return [];
  if (promptApi === 'oriel') return ['use-browser'];
  return hasBrowserModel || promptApi === 'browser' ? ['use-oriel'] : [];
};

const actions: Readonly<Record<State['type'], readonly SiteAction[]>> = {
  none: ['block'],
  visit: ['revoke', 'block'],
  always: ['revoke', 'block'],
  blocked: ['unblock'],
  refused: ['ask-again', 'block'],
  muted: ['ask-again', 'block'],
  insecure: ['use-here', 'block'],
};

const actionText = (action: SiteAction): string =>
  ({
    revoke: i18n.t('thisSite.revoke'),
    block: i18n.t('thisSite.block'),
    unblock: i18n.t('thisSite.unblock'),
    'ask-again': i18n.t('thisSite.askAgain'),
    'use-here': i18n.t('thisSite.useHere'),
    'use-oriel': i18n.t('thisSite.useMyModels'),
    'use-browser': i18n.t('thisSite.useBrowser'),
  })[action];

interface SiteStateProps {
  readonly site: SiteView;
  readonly hasBrowserModel: boolean;
  readonly changed: () => void;
  readonly children?: ComponentChildren;
}

export function SiteState({ site, hasBrowserModel, changed }: SiteStateProps) {
  const { subject, isPrivate, state, promptApi } = site;
  const { client } = useApp();
  const { run, failure } = useAction();
  const isAllowed = state.type === 'visit' || state.type === 'always';
  const body = explanation(state);
  const named = { subject, ...(isPrivate && { isPrivate }) };
  return (
    <div class="site-state">
      <div>
        <h3>
          <SiteLabel subject={subject} />
        </h3>
        <p class="site-word" data-allowed={isAllowed}>
          {stateText(state)}
        </p>
        {body !== undefined && <p class="soft small">{body}</p>}
        {promptApi === 'browser' && <p class="soft small">{i18n.t('thisSite.browserAnswers')}</p>}
        {promptApi === 'oriel' && <p class="soft small">{i18n.t('thisSite.orielAnswers')}</p>}
      </div>
      <div class="row">
        {[...promptApiActions(site, hasBrowserModel), ...actions[state.type]].map((action) => (
          <Button
            key={action}
            size="small"
            onClick={() => run(() => client.call('site-set', { ...named, action }).then(changed))}
          >
            {actionText(action)}
          </Button>
        ))}
      </div>
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
    </div>
  );
}
