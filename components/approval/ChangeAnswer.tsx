/** **Change** on an approval card: another connection, another model, for this site. The card shows anew who answers. */

import { i18n } from '#i18n';
import { toConnectionId } from '../../protocol/ids';
import type { ApprovalView } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import { ModelCombobox } from '../ModelCombobox';
import { plainLine } from '../plain-text';
import { Select } from '../ui/Select';
import { useAction } from '../use-action';

interface ChangeAnswerProps {
  readonly approval: ApprovalView;
  readonly answeredBy: NonNullable<ApprovalView['answeredBy']>;
}

export function ChangeAnswer({ approval: { id }, answeredBy: { connection, model } }: ChangeAnswerProps) {
  const { client } = useApp();
  const { run, failure } = useAction();
  const connections = client.overview.value?.connections ?? [];
  const options = connections.map((other) => ({ value: other.id as string, text: plainLine(other.name) }));
  const change = (chosen: { readonly connection: string; readonly model?: string }) =>
    run(() => client.call('approval-change', { id, ...chosen, connection: toConnectionId(chosen.connection) }));
  return (
    <div class="change-answer">
      <Select
        label={i18n.t('card.connection')}
        value={connection.id}
        options={options}
        onValue={(chosen) => change({ connection: chosen })}
      />
      <ModelCombobox
        key={connection.id}
        label={i18n.t('model.label')}
        connection={connection}
        value={model}
        onChoose={(chosen) => change({ connection: connection.id, model: chosen })}
      />
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
    </div>
  );
}
