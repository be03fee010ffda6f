/** The first run: from nothing connected to a model that answers. Also where "Set one up" of an approval leads. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { PersonError } from '../../protocol/errors';
import type { Balance } from '../../protocol/generate';
import type { ConnectionId } from '../../protocol/ids';
import type { ConnectionView, Overview } from '../../protocol/ui-messages';
import { rowOf } from '../../providers/catalog';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import type { Added } from '../options/add-connection';
import { useDeviceConnect } from '../options/use-device-connect';
import { UnlockView } from '../security/UnlockView';
import { Mark } from '../ui/Mark';
import { useAction } from '../use-action';
import { Connected } from './Connected';
import { Doors } from './Doors';
import { Heading } from './Heading';
import { SiteAccess } from './SiteAccess';
import { Unfinished } from './Unfinished';
import { StillWaits, useWaiting } from './WaitingSite';

type Step =
  | { readonly type: 'doors'; readonly isBack: boolean }
  | { readonly type: 'unfinished'; readonly id: ConnectionId; readonly error: PersonError; readonly isNew: boolean }
  | { readonly type: 'connected'; readonly balance?: Balance | undefined; readonly isNew: boolean };

/** Where the person left off: what was connected, or saved and not finished. */
function firstStep(active: ConnectionView | undefined): Step {
  if (active?.state.type === 'connected') return { type: 'connected', isNew: false };
  // A model on this device is mended where it is fetched: behind its door.
  const isForm = active !== undefined && rowOf(active.providerId)?.address.type !== 'none';
  if (isForm) return { type: 'unfinished', id: active.id, error: active.state.error, isNew: false };
  return { type: 'doors', isBack: false };
}

function Welcome({ overview }: { readonly overview: Overview }) {
  const { client } = useApp();
  const { connections, activeConnection, approvals } = overview;
  const active = connections.find(({ id }) => id === activeConnection);
  const [step, setStep] = useState<Step>(() => firstStep(active));
  const { run, failure } = useAction();
  const waited = useWaiting(approvals);

  const added = (test: Added) => {
    if (test.type === 'failed') return setStep({ type: 'unfinished', id: test.id, error: test.error, isNew: true });
    // Whatever answered before: the one that was connected here is the one that is meant.
    run(async () => {
      await client.call('connection-use', { id: test.id });
      setStep({ type: 'connected', balance: test.balance, isNew: true });
    });
  };
  const deviceConnect = useDeviceConnect(overview, added);
  const unfinished = step.type === 'unfinished' ? connections.find(({ id }) => id === step.id) : undefined;

  if (step.type === 'connected' && active) {
    return (
      <Connected
        connection={active}
        balance={step.balance}
        isNew={step.isNew}
        waited={waited}
        onAnother={() => setStep({ type: 'doors', isBack: true })}
      />
    );
  }
  const isBack = step.type === 'doors' && step.isBack;
  return (
    <>
      <div class="welcome-head">
        <div>
          <Heading level="h1" focused={isBack}>
            {isBack ? i18n.t('welcome.another') : i18n.t('welcome.title')}
          </Heading>
          <p class="welcome-lead soft">{i18n.t('welcome.lead')}</p>
        </div>
      </div>
      <SiteAccess />
      {waited.waiting && <StillWaits approval={waited.waiting} />}
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
      {step.type === 'unfinished' && unfinished ? (
        <Unfinished
          connection={unfinished}
          error={step.error}
          isNew={step.isNew}
          onConnected={added}
          onClose={() => setStep({ type: 'doors', isBack: false })}
        />
      ) : (
        <section class="stack">
          <h2>{i18n.t('welcome.where')}</h2>
          <Doors overview={overview} deviceConnect={deviceConnect} onAdded={added} />
        </section>
      )}
    </>
  );
}

export function WelcomeScreen() {
  const overview = useApp().client.overview.value;
  return (
    <div class="welcome">
      <header class="welcome-brand">
        <Mark size={28} />
        <span>{i18n.t('extName')}</span>
      </header>
      <main class="welcome-main" aria-busy={overview === undefined}>
        {overview && (overview.vault.type === 'locked' ? <UnlockView /> : <Welcome overview={overview} />)}
      </main>
    </div>
  );
}
