/** Which connection answers, and with which model. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { type PersonError, toPersonError } from '../../protocol/errors';
import { toConnectionId } from '../../protocol/ids';
import type { ConnectionView, Overview } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import { contextOf } from '../fault-text';
import { language } from '../language';
import { ModelCombobox } from '../ModelCombobox';
import { placeText } from '../place-text';
import { plainLine } from '../plain-text';
import { Select } from '../ui/Select';
import { FixLink } from './FixLink';

const none = '';
const capitalised = (text: string): string => text.charAt(0).toLocaleUpperCase(language) + text.slice(1);

function optionsOf(connections: readonly ConnectionView[], isChosen: boolean) {
  const options = connections.map(({ id, name }) => ({ value: id as string, text: plainLine(name) }));
  return isChosen ? options : [{ value: none, text: i18n.t('popup.chooseConnection') }, ...options];
}

/** What the person chose is shown until the background says otherwise, and the last choice counts, however long each takes. */
function useSwitch(current: string | undefined) {
  const [wanted, setWanted] = useState<{ readonly value: string; readonly before: string | undefined }>();
  const [failure, setFailure] = useState<PersonError>();
  const change = (value: string, work: Promise<unknown>) => {
    setWanted({ value, before: current });
    setFailure(undefined);
    work.catch((error: unknown) => {
      setWanted((latest) => (latest?.value === value ? undefined : latest));
      setFailure(toPersonError(error));
    });
  };
  return { shown: wanted && wanted.before === current ? wanted.value : current, failure, change };
}

function ModelOf({ connection }: { readonly connection: ConnectionView }) {
  const { client } = useApp();
  const { shown, failure, change } = useSwitch(connection.defaultModel);
  return (
    <>
      <ModelCombobox
        label={i18n.t('model.label')}
        connection={connection}
        value={shown ?? ''}
        onChoose={(model) => change(model, client.call('model-use', { id: connection.id, model }))}
      />
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
    </>
  );
}

export function ActiveModel({ overview }: { readonly overview: Overview }) {
  const { client } = useApp();
  const { connections } = overview;
  const { shown: activeConnection, failure, change } = useSwitch(overview.activeConnection);
  const active = connections.find(({ id }) => id === activeConnection);
  /** Said already above, with the site that met it. */
  const isSaid = overview.failures.some(({ connectionId }) => connectionId === activeConnection);
  const use = (id: string) => id !== none && change(id, client.call('connection-use', { id: toConnectionId(id) }));
  return (
    <div class="card stack active-model">
      <Select
        label={i18n.t('popup.activeConnection')}
        value={active?.id ?? none}
        options={optionsOf(connections, active !== undefined)}
        onValue={use}
        hint={active && capitalised(placeText(active))}
      />
      {active && <ModelOf key={active.id} connection={active} />}
      {active?.state.type === 'needs-attention' && !isSaid && (
        <FaultNotice error={active.state.error} context={contextOf(active)}>
          <FixLink connectionId={active.id} />
        </FaultNotice>
      )}
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
    </div>
  );
}
