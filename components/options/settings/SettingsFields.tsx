/** The fields of what is set for a model: for a connection, for one of its models, or for a site. */

import { i18n } from '#i18n';
import { templateIds } from '../../../protocol/model-settings';
import { Field } from '../../ui/Field';
import { Select } from '../../ui/Select';
import { Sampling } from './Sampling';
import type { SettingsDraft, SettingsErrors } from './settings-draft';
import { templateText } from './template-text';

interface SettingsFieldsProps {
  readonly draft: SettingsDraft;
  readonly set: (change: Partial<SettingsDraft>) => void;
  readonly errors: SettingsErrors;
  /** A site sets nothing that is the backend's own. */
  readonly of: 'model' | 'site';
  /** The dialect writes the chat down itself. */
  readonly writesChat: boolean;
}

export function SettingsFields({ draft, set, errors, of, writesChat }: SettingsFieldsProps) {
  return (
    <>
      <div class="settings-grid">
        {of === 'model' && (
          <Field
            label={i18n.t('settings.contextTokens')}
            kind="number"
            value={draft.contextTokens}
            onValue={(contextTokens) => set({ contextTokens })}
            error={errors.contextTokens}
            hint={i18n.t('settings.contextTokensHint')}
            maxLength={20}
          />
        )}
        <Field
          label={i18n.t('settings.maxOutputTokens')}
          kind="number"
          value={draft.maxOutputTokens}
          onValue={(maxOutputTokens) => set({ maxOutputTokens })}
          error={errors.maxOutputTokens}
          hint={i18n.t('settings.maxOutputTokensHint')}
          maxLength={20}
        />
      </div>
      {of === 'model' && writesChat && (
        <Select
          label={i18n.t('settings.template')}
          value={draft.template}
          options={[
            { value: '', text: i18n.t('settings.templateAutomatic') },
            ...templateIds.map((id) => ({ value: id, text: templateText[id] })),
          ]}
          onValue={(template) => set({ template })}
          hint={i18n.t('settings.templateHint')}
        />
      )}
      <Field
        label={i18n.t('settings.stop')}
        kind="lines"
        value={draft.stop}
        onValue={(stop) => set({ stop })}
        error={errors.stop}
        hint={i18n.t('settings.stopHint')}
      />
      <Sampling draft={draft} set={set} errors={errors.samplers} takesContext={of === 'model'} />
    </>
  );
}
