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
  if (state.type === 'refused') return i18n.t('thisSite.refusedBody');
  return state.type === 'insecure' ? i18n.t('thisSite.insecureBody') : undefined;
}

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
  })[action];

interface SiteStateProps {
  readonly site: SiteView;
  readonly changed: () => void;
  readonly children?: ComponentChildren;
}

export function SiteState({ site: { subject, isPrivate, state }, changed }: SiteStateProps) {
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
      </div>
      <div class="row">
        {actions[state.type].map((action) => (
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
