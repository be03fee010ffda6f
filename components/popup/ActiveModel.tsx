/** Which connection answers, and with which model. */

import { i18n } from '#i18n';
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
import { useAction } from '../use-action';
import { FixLink } from './FixLink';

const none = '';
const capitalised = (text: string): string => text.charAt(0).toLocaleUpperCase(language) + text.slice(1);

function optionsOf(connections: readonly ConnectionView[], isChosen: boolean) {
  const options = connections.map(({ id, name }) => ({ value: id as string, text: plainLine(name) }));
  return isChosen ? options : [{ value: none, text: i18n.t('popup.chooseConnection') }, ...options];
}

export function ActiveModel({ overview }: { readonly overview: Overview }) {
  const { client } = useApp();
  const { run, failure } = useAction();
  const { connections, activeConnection } = overview;
  const active = connections.find(({ id }) => id === activeConnection);
  /** Said already above, with the site that met it. */
  const isSaid = overview.failures.some(({ connectionId }) => connectionId === activeConnection);
  const use = (id: string) => id !== none && run(() => client.call('connection-use', { id: toConnectionId(id) }));
  return (
    <div class="card stack active-model">
      <Select
        label={i18n.t('popup.activeConnection')}
        value={active?.id ?? none}
        options={optionsOf(connections, active !== undefined)}
        onValue={use}
        hint={active && capitalised(placeText(active))}
      />
      {active && (
        <ModelCombobox
          key={active.id}
          label={i18n.t('model.label')}
          connection={active}
          value={active.defaultModel ?? ''}
          onChoose={(model) => run(() => client.call('model-use', { id: active.id, model }))}
        />
      )}
      {active?.state.type === 'needs-attention' && !isSaid && (
        <FaultNotice error={active.state.error} context={contextOf(active)}>
          <FixLink connectionId={active.id} />
        </FaultNotice>
      )}
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
    </div>
  );
}
