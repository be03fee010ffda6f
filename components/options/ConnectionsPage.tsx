/** The page **Connections**: every connection with its state, and the ways to add, mend and remove one. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { ConnectionView, Overview } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { plainLine } from '../plain-text';
import { VaultNotices } from '../security/VaultNotices';
import { Button } from '../ui/Button';
import { EmptyState } from '../ui/EmptyState';
import { Icon } from '../ui/Icon';
import { ConnectionDialog } from './ConnectionDialog';
import { ConnectionRow } from './ConnectionRow';
import { ConnectionTransfer } from './ConnectionTransfer';
import { DeviceModels } from './DeviceModels';
import { LocalServers } from './LocalServers';
import type { Direction } from './MoveButtons';
import { go, type Route } from './route';
import { UndoNotice } from './UndoNotice';
import { isConnected, useDeviceConnect } from './use-device-connect';
import { useRemoval } from './use-removal';

type ConnectionsRoute = Extract<Route, { page: 'connections' }>;

interface ConnectionsPageProps {
  readonly overview: Overview;
  readonly dialog: ConnectionsRoute['dialog'];
}

function Empty({ canRunHere }: { readonly canRunHere: boolean }) {
  return (
    <div class="card">
      <EmptyState title={i18n.t('connections.emptyTitle')}>
        <p class="soft">{i18n.t('connections.emptyBody')}</p>
        <AddButton />
        {canRunHere && <p class="soft small">{i18n.t('connections.emptyDevice')}</p>}
      </EmptyState>
    </div>
  );
}

const AddButton = () => (
  <Button kind="primary" onClick={() => go('#connections/add')}>
    <Icon name="plus" />
    {i18n.t('connections.add')}
  </Button>
);

interface RowsProps {
  readonly overview: Overview;
  readonly onRemove: (connection: ConnectionView) => void;
}

function Rows({ overview: { connections, activeConnection }, onRemove }: RowsProps) {
  const { client } = useApp();
  const [moved, setMoved] = useState<ConnectionView['id']>();
  if (connections.length === 0) return null;
  const place = connections.findIndex(({ id }) => id === moved);
  const name = plainLine(connections[place]?.name ?? '');
  const move = (id: ConnectionView['id'], direction: Direction) =>
    client.call('connection-move', { id, direction }).then(() => setMoved(id));
  return (
    <>
      <ul class="stack" aria-label={i18n.t('options.connections')}>
        {connections.map((connection, index) => (
          <li key={connection.id}>
            <ConnectionRow
              connection={connection}
              isActive={connection.id === activeConnection}
              index={index}
              count={connections.length}
              onMove={(direction) => move(connection.id, direction)}
              onRemove={() => onRemove(connection)}
            />
          </li>
        ))}
      </ul>
      <p class="visually-hidden" role="status">
        {place >= 0 && i18n.t('connections.movedTo', { name, place: place + 1, total: connections.length })}
      </p>
    </>
  );
}

/** Without asking first: what was removed can be brought back, with its key. */
function useConnectionRemoval() {
  const { client } = useApp();
  const { remove, ...undoing } = useRemoval(
    (undo) => client.call('connection-restore', { undo }),
    () => undefined,
  );
  const removeOne = ({ id, name, keyEnding }: ConnectionView) => {
    const shown = { name: plainLine(name) };
    const said = keyEnding === undefined ? i18n.t('connections.removedNoKey', shown) : i18n.t('connections.removed', shown);
    remove(() => client.call('connection-remove', { id }), said);
  };
  return { removeOne, undoing };
}

export function ConnectionsPage({ overview, dialog }: ConnectionsPageProps) {
  const { connections, device = [] } = overview;
  const { removeOne, undoing } = useConnectionRemoval();
  const deviceConnect = useDeviceConnect(overview);
  const edited = dialog?.type === 'edit' ? connections.find(({ id }) => id === dialog.id) : undefined;
  const close = () => go('#connections');
  // A model that is being fetched, or lies here unused, has no connection to show it.
  const unconnected = device.filter(({ model, state }) => state.type !== 'absent' && !isConnected(connections, model));
  const isEmpty = connections.length === 0 && unconnected.length === 0;
  return (
    <>
      <div class="page-head">
        <div>
          <h1>{i18n.t('options.connections')}</h1>
          <p class="soft">{i18n.t('connections.intro')}</p>
        </div>
        {!isEmpty && <AddButton />}
      </div>
      <VaultNotices overview={overview} />
      <UndoNotice removals={undoing} />
      {isEmpty && <Empty canRunHere={device.length > 0} />}
      <Rows overview={overview} onRemove={removeOne} />
      {unconnected.length > 0 && !(dialog?.type === 'add') && (
        <section class="stack">
          <h2>{i18n.t('device.listTitle')}</h2>
          <DeviceModels models={unconnected} connections={connections} connect={deviceConnect} />
        </section>
      )}
      <LocalServers connections={connections} />
      <ConnectionTransfer overview={overview} />
      {(dialog?.type === 'add' || edited) && (
        <ConnectionDialog
          key={edited?.id ?? 'add'}
          connection={edited}
          overview={overview}
          deviceConnect={deviceConnect}
          onClose={close}
        />
      )}
    </>
  );
}
