/** Leads from a problem with what answers to another connection that works. */

import { i18n } from '#i18n';
import type { ConnectionId } from '../../protocol/ids';
import type { ConnectionView, Overview } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { plainLine } from '../plain-text';
import { Button } from '../ui/Button';
import { useAction } from '../use-action';

interface UseInsteadProps {
  readonly failed: ConnectionId;
  /** From now on this one answers. */
  readonly onUsed: (other: ConnectionView) => void | Promise<void>;
}

/** Who could answer in its stead: the first that works. Nobody's words go to volunteers because something else is down. */
const otherOf = (failed: ConnectionId, { connections, activeConnection }: Overview): ConnectionView | undefined =>
  failed === activeConnection
    ? connections.find(({ id, place, state }) => id !== failed && place !== 'volunteers' && state.type === 'connected')
    : undefined;

export function UseInstead({ failed, onUsed }: UseInsteadProps) {
  const { client } = useApp();
  const { run } = useAction();
  const other = client.overview.value && otherOf(failed, client.overview.value);
  if (!other) return null;
  return (
    <Button size="small" onClick={() => run(() => client.call('connection-use', { id: other.id }).then(() => onUsed(other)))}>
      {i18n.t('popup.useInstead', { name: plainLine(other.name) })}
    </Button>
  );
}
