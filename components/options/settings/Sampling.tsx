/** The samplers, folded away: a preset to start from, the common ones, and those of engines under **More samplers**. */

import { i18n } from '#i18n';
import { commonSamplers } from '../../../protocol/model-settings';
import { Disclosure } from '../../ui/Disclosure';
import { Field } from '../../ui/Field';
import { PresetBar } from './PresetBar';
import { groupText, samplerHint, settingText } from './sampler-text';
import { type Sampler, type SamplerGroup, samplerGroups } from './samplers';
import type { SettingsDraft, SettingsErrors } from './settings-draft';

interface SamplingProps {
  readonly draft: SettingsDraft;
  readonly set: (change: Partial<SettingsDraft>) => void;
  readonly errors: SettingsErrors['samplers'];
  readonly takesContext: boolean;
}

const groups = Object.keys(samplerGroups) as SamplerGroup[];

export function Sampling({ draft, set, errors, takesContext }: SamplingProps) {
  const { samplers } = draft;
  const count = Object.values(samplers).filter((typed) => typed !== '').length;
  const field = (name: Sampler, hint?: string) => (
    <Field
      key={name}
      label={settingText(name)}
      kind="number"
      value={samplers[name] ?? ''}
      onValue={(typed) => set({ samplers: { ...samplers, [name]: typed } })}
      error={errors[name]}
      hint={hint}
      maxLength={24}
    />
  );
  return (
    <Disclosure label={count === 0 ? i18n.t('settings.sampling') : i18n.t('settings.samplingSet', { count })}>
      <div class="settings-part">
        <p class="field-hint">{i18n.t('settings.samplingHint')}</p>
        <PresetBar draft={draft} set={set} takesContext={takesContext} />
        <div class="settings-grid">{commonSamplers.map((name) => field(name, samplerHint(name)))}</div>
        <Disclosure label={i18n.t('settings.more')}>
          <div class="settings-part">
            <p class="field-hint">{i18n.t('settings.moreHint')}</p>
            {groups.map((group) => (
              <fieldset key={group} class="rules-group">
                <legend>{groupText(group).name}</legend>
                <p class="field-hint">{groupText(group).hint}</p>
                <div class="settings-grid">{samplerGroups[group].map((name) => field(name))}</div>
              </fieldset>
            ))}
          </div>
        </Disclosure>
      </div>
    </Disclosure>
  );
}
