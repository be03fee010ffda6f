/** The models that can run on this device: size and licence before, progress while, ready after. */

import { useEffect, useId, useRef } from 'preact/hooks';
import { i18n } from '#i18n';
import type { ConnectionView, DeviceModelView } from '../../protocol/ui-messages';
import { FaultNotice } from '../FaultNotice';
import { bytes, modelFacts } from '../format';
import { plainLine } from '../plain-text';
import { Badge } from '../ui/Badge';
import { Button } from '../ui/Button';
import { type DeviceConnect, isConnected } from './use-device-connect';

interface DeviceModelsProps {
  readonly models: readonly DeviceModelView[];
  readonly connections: readonly ConnectionView[];
  readonly connect: DeviceConnect;
  /** A model of this list has become a connection. */
  readonly onConnected?: () => void;
}

function Download({ view, onCancel }: { readonly view: DeviceModelView; readonly onCancel: () => void }) {
  const id = useId();
  const received = view.state.type === 'downloading' ? view.state.receivedBytes : 0;
  return (
    <div class="stack">
      <progress
        class="progress"
        value={received}
        max={view.model.bytes}
        aria-label={i18n.t('device.downloading', { name: plainLine(view.model.name) })}
        aria-describedby={id}
      />
      <div class="device-progress">
        <p id={id} class="soft small">
          {i18n.t('device.progress', { received: bytes(received), total: bytes(view.model.bytes) })}
        </p>
        <Button size="small" onClick={onCancel}>
          {i18n.t('common.cancel')}
        </Button>
      </div>
    </div>
  );
}

/** Models below this are here to see that all works: what they say is not to be trusted. */
const testModelBytes = 250_000_000;

interface DeviceModelProps {
  readonly view: DeviceModelView;
  readonly isConnected: boolean;
  readonly connect: DeviceConnect;
}

function Actions({ view, isConnected: connected, connect }: DeviceModelProps) {
  const { model, state } = view;
  const connecting = connect.isWanted(model.id) && state.type === 'ready';
  if (state.type === 'downloading') return <Download view={view} onCancel={() => connect.cancel(model.id)} />;
  if (connected && state.type === 'ready') return <Badge kind="good" text={i18n.t('device.connected')} />;
  return (
    <div class="row">
      <Button kind="primary" dead={connecting} onClick={() => connect.start(view)}>
        {connecting ? i18n.t('device.connecting') : state.type === 'ready' ? i18n.t('device.connect') : i18n.t('device.download')}
      </Button>
      {state.type === 'ready' && (
        <Button kind="quiet" onClick={() => connect.remove(model.id)}>
          {i18n.t('device.delete')}
        </Button>
      )}
    </div>
  );
}

function DeviceModel({ view, isConnected: connected, connect }: DeviceModelProps) {
  const { model, state } = view;
  const name = plainLine(model.name);
  const failure = connect.failureOf(model.id) ?? (state.type === 'failed' ? state.error : undefined);
  const facts = { size: bytes(model.bytes), context: modelFacts(model), licence: plainLine(model.licence) };
  return (
    <li class="device-model">
      <div>
        <h3>{name}</h3>
        <p class="soft small">{i18n.t('device.facts', facts)}</p>
        {model.bytes < testModelBytes && <p class="small">{i18n.t('device.test')}</p>}
        {state.type === 'ready' && <p class="small">{i18n.t('device.ready')}</p>}
      </div>
      {failure && <FaultNotice live error={failure} context={{ name, host: new URL(model.url).host, onDevice: true }} />}
      <Actions view={view} isConnected={connected} connect={connect} />
    </li>
  );
}

export function DeviceModels({ models, connections, connect, onConnected }: DeviceModelsProps) {
  const before = useRef(connections.length);
  useEffect(() => {
    if (connections.length > before.current) onConnected?.();
    before.current = connections.length;
  }, [connections.length, onConnected]);
  return (
    <ul class="stack">
      {models.map((view) => (
        <DeviceModel key={view.model.id} view={view} isConnected={isConnected(connections, view.model.id)} connect={connect} />
      ))}
    </ul>
  );
}
