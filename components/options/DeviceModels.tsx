/** Models that can run on this device: size and licence before, progress while, ready after. */

import { useEffect, useId, useRef } from 'preact/hooks';
import { i18n } from '#i18n';
import type { DeviceModelView } from '../../protocol/device-messages';
import type { ConnectionView } from '../../protocol/ui-messages';
import { FaultNotice } from '../FaultNotice';
import { bytes } from '../format';
import { plainLine } from '../plain-text';
import { Badge } from '../ui/Badge';
import { Button } from '../ui/Button';
import { Disclosure } from '../ui/Disclosure';
import { deviceFacts, speedText } from './device-text';
import { type DeviceConnect, isConnected } from './use-device-connect';

interface DeviceModelsProps {
  readonly models: readonly DeviceModelView[];
  readonly connections: readonly ConnectionView[];
  readonly connect: DeviceConnect;
  /** A model of this list has become a connection. */
  readonly onConnected?: () => void;
  /** Asks before a download, and before one is deleted. Without, a press is the answer: what it does stands beside it. */
  readonly ask?: { readonly download: (view: DeviceModelView) => void; readonly remove: (view: DeviceModelView) => void };
  /** Something better is at hand: none of these is the main thing to press. */
  readonly isAside?: boolean;
}

interface RowProps extends Pick<DeviceModelsProps, 'connect' | 'ask'> {
  readonly view: DeviceModelView;
  readonly isConnected: boolean;
  /** The one to take, where nothing is here yet. */
  readonly isMain: boolean;
}

/** What is here of what there is; the bar has no end where the server did not say how long the file is. */
function Bar({ view, received }: { readonly view: DeviceModelView; readonly received: number }) {
  const id = useId();
  const { name, bytes: total } = view.model;
  return (
    <>
      <progress
        class="progress"
        {...(total !== undefined && { value: received, max: total })}
        aria-label={i18n.t('device.downloading', { name: plainLine(name) })}
        aria-describedby={id}
      />
      <p id={id} class="soft small">
        {total === undefined ? bytes(received) : i18n.t('device.progress', { received: bytes(received), total: bytes(total) })}
      </p>
    </>
  );
}

function Downloading({ view, connect }: RowProps) {
  const { model, state } = view;
  return (
    <div class="stack">
      <Bar view={view} received={state.type === 'downloading' ? state.receivedBytes : 0} />
      <div class="row">
        <Button size="small" onClick={() => connect.pause(model.id)}>
          {i18n.t('device.pause')}
        </Button>
        <Button size="small" kind="quiet" onClick={() => connect.remove(model.id)}>
          {i18n.t('common.cancel')}
        </Button>
      </div>
    </div>
  );
}

/** Paused, or broken off with a part here. What came from a file has nowhere to go on from. */
function Partly({ view, connect, received }: RowProps & { readonly received: number }) {
  const { model } = view;
  const canGoOn = model.url !== undefined;
  return (
    <div class="stack">
      {canGoOn ? <Bar view={view} received={received} /> : <p class="small">{i18n.t('device.importBroken')}</p>}
      <div class="row">
        {canGoOn && (
          <Button kind="primary" size="small" onClick={() => connect.start(view)}>
            {i18n.t('device.resume')}
          </Button>
        )}
        <Button size="small" kind="quiet" onClick={() => connect.remove(model.id)}>
          {i18n.t('device.delete')}
        </Button>
      </div>
    </div>
  );
}

function Actions(props: RowProps) {
  const { view, connect, ask, isMain } = props;
  const { model, state } = view;
  const received = state.type === 'paused' || state.type === 'failed' ? state.receivedBytes : 0;
  if (state.type === 'downloading') return <Downloading {...props} />;
  if (state.type === 'checking') return <p role="status">{i18n.t('device.checking')}</p>;
  if (received > 0) return <Partly {...props} received={received} />;
  const isReady = state.type === 'ready';
  const connecting = connect.isWanted(model.id) && isReady;
  const remove = () => (ask ? ask.remove(view) : connect.remove(model.id));
  const isDone = props.isConnected && isReady;
  if (isDone && !ask) return <Badge kind="good" text={i18n.t('device.connected')} />;
  const words = isReady ? i18n.t('device.connect') : ask ? i18n.t('models.download') : i18n.t('device.download');
  return (
    <div class="row">
      {isDone ? (
        <Badge kind="good" text={i18n.t('device.connected')} />
      ) : (
        <Button
          kind={isReady || isMain ? 'primary' : 'secondary'}
          dead={connecting}
          onClick={() => (ask && !isReady ? ask.download(view) : connect.start(view))}
        >
          {connecting ? i18n.t('device.connecting') : words}
        </Button>
      )}
      {isReady && (
        <Button kind="quiet" onClick={remove}>
          {i18n.t('device.delete')}
        </Button>
      )}
    </div>
  );
}

function DeviceModel(props: RowProps) {
  const { view, connect, ask } = props;
  const { model, state } = view;
  const { score } = model;
  const speed = speedText(model);
  const name = plainLine(model.name);
  const failure = connect.failureOf(model.id) ?? (state.type === 'failed' ? state.error : undefined);
  const host = model.url === undefined ? undefined : new URL(model.url).host;
  return (
    <li class="device-model">
      <div>
        <div class="row">
          <h3>{name}</h3>
          {model.mark === 'recommended' && <Badge kind="good" text={i18n.t('models.recommended')} />}
          {model.mark === 'test' && <Badge kind="plain" text={i18n.t('models.test')} />}
        </div>
        <p class="soft small">{deviceFacts(model)}</p>
        {model.mark === 'test' && <p class="small">{i18n.t('device.test')}</p>}
        {model.makesEmbeddings && <p class="small">{i18n.t('device.embeds')}</p>}
        {/* For who compares models: where one is simply to be taken, it would be one more thing to read. */}
        {ask && score && <p class="small">{i18n.t('models.score', { right: score.right, of: score.of })}</p>}
        {state.type === 'ready' && <p class="small">{i18n.t('device.ready')}</p>}
        {ask && speed && <p class="small">{speed}</p>}
      </div>
      {failure && <FaultNotice live error={failure} context={{ name, host, onDevice: true }} />}
      <Actions {...props} />
    </li>
  );
}

/** Where one press fetches a model, the choice is small: the recommended one, the test model, and whatever has begun. The rest is behind **More models**. */
function sorted(models: readonly DeviceModelView[]) {
  const isMarked = ({ model, state }: DeviceModelView) => model.mark !== undefined || state.type !== 'absent';
  // What makes embeddings answers nobody.
  const offered = models.filter((view) => isMarked(view) || !view.model.makesEmbeddings);
  const first = offered.filter(isMarked);
  if (first.length === 0) return { first: offered, rest: [] };
  const isLast = ({ model }: DeviceModelView) => Number(model.mark !== 'recommended');
  return { first: first.toSorted((one, other) => isLast(one) - isLast(other)), rest: offered.filter((view) => !isMarked(view)) };
}

export function DeviceModels({ models, connections, connect, onConnected, ask, isAside = false }: DeviceModelsProps) {
  const before = useRef(connections.length);
  useEffect(() => {
    if (connections.length > before.current) onConnected?.();
    before.current = connections.length;
  }, [connections.length, onConnected]);
  const { first, rest } = ask ? { first: models, rest: [] } : sorted(models);
  const listOf = (views: readonly DeviceModelView[]) => (
    <ul class="stack">
      {views.map((view) => (
        <DeviceModel
          key={view.model.id}
          view={view}
          isConnected={isConnected(connections, view.model)}
          isMain={!isAside && (view.model.mark === 'recommended' || (!ask && models.length === 1))}
          connect={connect}
          {...(ask && { ask })}
        />
      ))}
    </ul>
  );
  return (
    <>
      {listOf(first)}
      {rest.length > 0 && <Disclosure label={i18n.t('device.more')}>{listOf(rest)}</Disclosure>}
    </>
  );
}
