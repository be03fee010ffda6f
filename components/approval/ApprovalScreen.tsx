/** The approval window: one card at a time, closed when none is left. Closing it refuses the card it shows. */

import { useEffect, useRef } from 'preact/hooks';
import { i18n } from '#i18n';
import type { ApprovalView } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { UnlockView } from '../security/UnlockView';
import { Mark } from '../ui/Mark';
import { WaitingCard } from './BudgetCard';

/** After the unlocking the calls that waited for it come back, and some of them ask. */
const resumeTime = 1_000;

/** The card that is shown stays until it is gone; then comes the one that waits longest. */
function useShown(approvals: readonly ApprovalView[]): ApprovalView | undefined {
  const shownId = useRef<ApprovalView['id'] | undefined>(undefined);
  const shown = approvals.find(({ id }) => id === shownId.current) ?? approvals[0];
  shownId.current = shown?.id;
  return shown;
}

function useDenyByEscape(shown: ApprovalView | undefined) {
  const { client } = useApp();
  const id = shown?.id;
  const digest = shown?.digest;
  useEffect(() => {
    if (id === undefined || digest === undefined) return;
    const press = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      // A request that is gone needs no refusal.
      client.call('approval-decide', { id, digest, decision: 'deny' }).catch(() => undefined);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [client, id, digest]);
}

export function ApprovalScreen() {
  const { client, shell } = useApp();
  const overview = client.overview.value;
  const session = client.session.value;
  const approvals = [...(overview?.approvals ?? [])].sort((one, other) => one.createdAt - other.createdAt);
  const shown = useShown(approvals);
  const shownId = shown?.id;
  const isLocked = overview?.vault.type === 'locked';
  const wasLocked = useRef(false);
  // A window closes some time after it was told to: a card that comes meanwhile must not go down with it as refused, the next window shows it.
  const isClosing = useRef(false);
  const isDone = overview !== undefined && shownId === undefined && !isLocked;

  useDenyByEscape(shown);
  // Once a session: a background that was restarted must be told again.
  useEffect(() => {
    if (shownId === undefined || isClosing.current) return;
    // When the port dies meanwhile the next session tells it.
    client.call('approval-shown', { id: shownId }).catch(() => undefined);
  }, [client, shownId, session]);
  useEffect(() => {
    if (isLocked) wasLocked.current = true;
    if (!isDone) return;
    const close = () => {
      isClosing.current = true;
      shell.close();
    };
    if (!wasLocked.current) return close();
    const timer = setTimeout(close, resumeTime);
    return () => clearTimeout(timer);
  }, [isDone, isLocked, shell]);

  if (isLocked) {
    return (
      <main class="approval-screen">
        <div class="brand">
          <Mark size={24} />
          <span>{i18n.t('extName')}</span>
        </div>
        <UnlockView />
      </main>
    );
  }

  if (!shown || isClosing.current) return <main class="approval-screen" aria-busy="true" aria-label={i18n.t('approval.title')} />;
  const position = { index: String(approvals.indexOf(shown) + 1), count: String(approvals.length) };
  return (
    <main class="approval-screen">
      <div class="brand">
        <Mark size={24} />
        <span>{i18n.t('extName')}</span>
        <span class="brand-end soft small" role="status">
          {approvals.length > 1 && i18n.t('approval.position', position)}
        </span>
      </div>
      <WaitingCard key={shown.id} approval={shown} layout="" heading="h1" focused />
    </main>
  );
}
