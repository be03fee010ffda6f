/** Which model is in memory, and what computes. */

import { useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { DeviceModelView } from '../../../protocol/device-messages';
import type { EngineStatus } from '../../../protocol/engine';
import { useApp } from '../../context';
import { plainLine } from '../../plain-text';

/** The engine comes and goes by itself. */
const interval = 2_000;

function statusText(status: EngineStatus, models: readonly DeviceModelView[]): string | undefined {
  const { modelId, threads, isGenerating, waiting } = status;
  const name = models.find(({ model }) => model.id === modelId)?.model.name;
  if (name === undefined) return undefined;
  const uses = threads > 1 ? i18n.t('models.threads', { count: threads }) : i18n.t('models.oneThread');
  const loaded = i18n.t('models.loaded', { name: plainLine(name), uses });
  const answering = isGenerating ? [i18n.t('models.answering')] : [];
  const queue = waiting > 0 ? [i18n.t('models.waiting', { count: waiting })] : [];
  return [loaded, ...answering, ...queue].join(' ');
}

export function EngineLine({ models }: { readonly models: readonly DeviceModelView[] }) {
  const { client } = useApp();
  const [status, setStatus] = useState<EngineStatus>();
  useEffect(() => {
    const look = () =>
      client.call('device-engine', {}).then(
        setStatus,
        // The background is coming back; the next look tells.
        () => undefined,
      );
    void look();
    const timer = setInterval(look, interval);
    return () => clearInterval(timer);
  }, [client]);
  return <p role="status">{(status && statusText(status, models)) ?? i18n.t('models.notLoaded')}</p>;
}
