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
import { plainLine } from '../plain-text';
import { UnlockView } from '../security/UnlockView';
import { Button } from '../ui/Button';
import { Mark } from '../ui/Mark';
import { Notice } from '../ui/Notice';
import { useAction } from '../use-action';
import { Connected } from './Connected';
import { Doors } from './Doors';
import { Heading } from './Heading';
import { SiteAccess } from './SiteAccess';
import { Unfinished } from './Unfinished';
import { StillWaits, useWaiting } from './WaitingSite';

type Step =
  | { readonly type: 'doors'; readonly from?: 'connected' | 'unfinished' }
  | { readonly type: 'unfinished'; readonly id: ConnectionId; readonly error: PersonError; readonly focused: boolean }
  | { readonly type: 'connected'; readonly balance?: Balance | undefined; readonly isNew: boolean };

/** To the form of a connection that was saved and does not answer. A model on this device has none: it is mended where it is fetched, behind its door. */
function unfinishedStep({ id, providerId, state }: ConnectionView): Extract<Step, { type: 'unfinished' }> | undefined {
  if (state.type === 'connected' || rowOf(providerId)?.address.type === 'none') return undefined;
  return { type: 'unfinished', id, error: state.error, focused: true };
}

/** Where the person left off: what was connected, or saved and not finished. */
function firstStep(active: ConnectionView | undefined): Step {
  if (active?.state.type === 'connected') return { type: 'connected', isNew: false };
  const step = active && unfinishedStep(active);
  return step ? { ...step, focused: false } : { type: 'doors' };
}

/** The way back to what was saved, and closed before it answered. */
function Saved({
  connections,
  onGoOn,
}: {
  readonly connections: readonly ConnectionView[];
  readonly onGoOn: (step: Step) => void;
}) {
  const steps = connections.flatMap((connection) => {
    const step = unfinishedStep(connection);
    return step ? [{ step, name: plainLine(connection.name) }] : [];
  });
  if (steps.length === 0) return null;
  return (
    <Notice kind="plain">
      <p>{i18n.t('welcome.saved')}</p>
      {steps.map(({ step, name }) => (
        <Button key={step.id} size="small" onClick={() => onGoOn(step)}>
          {i18n.t('welcome.unfinished', { name })}
        </Button>
      ))}
    </Notice>
  );
}

function Welcome({ overview }: { readonly overview: Overview }) {
  const { client } = useApp();
  const { connections, activeConnection, approvals } = overview;
  const active = connections.find(({ id }) => id === activeConnection);
  const [step, setStep] = useState<Step>(() => firstStep(active));
  const { run, failure } = useAction();
  const waited = useWaiting(approvals);

  const added = (test: Added) => {
    if (test.type === 'failed') return setStep({ type: 'unfinished', id: test.id, error: test.error, focused: true });
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
        onAnother={() => setStep({ type: 'doors', from: 'connected' })}
      />
    );
  }
  const from = step.type === 'doors' ? step.from : undefined;
  const isBack = from === 'connected';
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
      {step.type === 'doors' && !isBack && <Saved connections={connections} onGoOn={setStep} />}
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
      {step.type === 'unfinished' && unfinished ? (
        <Unfinished
          connection={unfinished}
          error={step.error}
          focused={step.focused}
          onConnected={added}
          onClose={() => setStep({ type: 'doors', from: 'unfinished' })}
        />
      ) : (
        <section class="stack">
          <Heading level="h2" focused={from === 'unfinished'}>
            {i18n.t('welcome.where')}
          </Heading>
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
