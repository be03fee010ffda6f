/** The page **Models**: what runs on this computer, what is worth having, and the ways to bring another model here. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { DeviceModelView } from '../../../protocol/device-messages';
import type { Overview } from '../../../protocol/ui-messages';
import { bytes } from '../../format';
import { plainLine } from '../../plain-text';
import { DeviceModels } from '../DeviceModels';
import { isConnected, useDeviceConnect } from '../use-device-connect';
import { AskDownload, AskRemoval } from './Ask';
import { EngineLine } from './EngineLine';
import { FromAddress } from './FromAddress';
import { FromFile, type ImportModel } from './FromFile';
import { HubSearch } from './HubSearch';
import { isChecked, type Offer } from './offer';
import { useFreeBytes } from './use-free-bytes';

interface ModelsPageProps {
  readonly overview: Overview;
  readonly importModel: ImportModel;
}

type Question =
  | { readonly type: 'download'; readonly offer: Offer }
  | { readonly type: 'remove'; readonly view: DeviceModelView };

const offerOf = (view: DeviceModelView, start: () => void): Offer => ({
  name: view.model.name,
  url: view.model.url ?? '',
  bytes: view.model.bytes,
  licence: view.model.licence,
  isChecked: isChecked(view.model),
  accept: start,
});

export function ModelsPage({ overview, importModel }: ModelsPageProps) {
  const { connections, device = [] } = overview;
  const connect = useDeviceConnect(overview);
  const free = useFreeBytes(device);
  const [question, setQuestion] = useState<Question>();
  const close = () => setQuestion(undefined);
  const askDownload = (offer: Offer) => setQuestion({ type: 'download', offer });
  const ask = {
    download: (view: DeviceModelView) => askDownload(offerOf(view, () => connect.start(view))),
    remove: (view: DeviceModelView) => setQuestion({ type: 'remove', view }),
  };
  const isHere = ({ state }: DeviceModelView) =>
    state.type !== 'absent' && !(state.type === 'failed' && state.receivedBytes === 0);
  const here = device.filter(isHere);
  const offered = device.filter((view) => !isHere(view));
  const list = { connections, connect, ask };
  return (
    <>
      <div class="page-head">
        <div>
          <h1>{i18n.t('models.title')}</h1>
          <p class="soft">{i18n.t('models.intro')}</p>
        </div>
      </div>
      <section class="stack">
        <h2>{i18n.t('device.listTitle')}</h2>
        {here.length > 0 && <EngineLine models={device} />}
        {here.length === 0 && <p class="soft">{i18n.t('models.noneHere')}</p>}
        {here.length > 0 && <DeviceModels models={here} {...list} />}
        {free !== undefined && <p class="soft small">{i18n.t('models.free', { size: bytes(free) })}</p>}
      </section>
      {offered.length > 0 && (
        <section class="stack">
          <div class="models-shelf">
            <h2>{i18n.t('models.shelfTitle')}</h2>
            <p class="soft">{i18n.t('models.shelfBody')}</p>
          </div>
          <DeviceModels models={offered} {...list} />
        </section>
      )}
      <section class="stack">
        <h2>{i18n.t('models.moreTitle')}</h2>
        <div class="card models-more">
          <HubSearch ask={askDownload} onAdded={connect.follow} />
          <FromAddress ask={askDownload} onAdded={connect.follow} />
          <FromFile importModel={importModel} onImported={connect.follow} />
        </div>
      </section>
      {question?.type === 'download' && <AskDownload offer={question.offer} free={free} onClose={close} />}
      {question?.type === 'remove' && (
        <AskRemoval
          name={plainLine(question.view.model.name)}
          size={question.view.model.bytes}
          isConnected={isConnected(connections, question.view.model)}
          onRemove={() => connect.remove(question.view.model.id)}
          onClose={close}
        />
      )}
    </>
  );
}
