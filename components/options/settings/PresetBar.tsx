/** The preset that the samplers are, the built-in ones to choose from, and files of other front ends in and out. */

import { useRef, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { limits } from '../../../protocol/limits';
import type { SamplerSettings } from '../../../protocol/model-settings';
import { offerFile } from '../../offer-file';
import { Button } from '../../ui/Button';
import { Select } from '../../ui/Select';
import { builtInPresets } from './built-in-presets';
import { type PresetImport, PresetNotice } from './PresetNotice';
import { readPreset, writePreset } from './preset-file';
import { builtInText } from './sampler-text';
import { checkSettings, readSamplers, type SettingsDraft, toSamplersDraft, toSettings } from './settings-draft';

interface PresetBarProps {
  readonly draft: SettingsDraft;
  readonly set: (change: Partial<SettingsDraft>) => void;
  readonly takesContext: boolean;
}

const byDefault = 'default';
const own = 'own';
const written = (samplers: SamplerSettings): string => JSON.stringify(toSamplersDraft(samplers));

/** Which preset the fields say; what cannot be read is the person's own. */
function presetOf(samplers: SettingsDraft['samplers']): string {
  const typed = Object.values(samplers).filter((text) => text.trim() !== '').length;
  if (typed === 0) return byDefault;
  const read = readSamplers(samplers);
  if (Object.keys(read).length < typed) return own;
  return builtInPresets.find((preset) => written(preset.samplers) === written(read))?.id ?? own;
}

/** Choosing a preset replaces all samplers; the person's own stay to be chosen again. */
function usePresetChoice({ draft, set }: PresetBarProps) {
  const [remembered, setRemembered] = useState<SettingsDraft['samplers']>();
  const chosen = presetOf(draft.samplers);
  const mine = chosen === own ? draft.samplers : remembered;
  const choose = (id: string) => {
    setRemembered(mine);
    const samplers = id === own ? mine : toSamplersDraft(builtInPresets.find((preset) => preset.id === id)?.samplers);
    set({ samplers: samplers ?? {} });
  };
  const options = [
    { value: byDefault, text: i18n.t('preset.byDefault') },
    ...builtInPresets.map(({ id }) => ({ value: id as string, text: builtInText(id) })),
    ...(mine ? [{ value: own, text: i18n.t('preset.own') }] : []),
  ];
  return { chosen, choose, options };
}

function usePresetImport(props: PresetBarProps) {
  const [imported, setImported] = useState<PresetImport>();
  // A file is read while the person may go on typing.
  const latest = useRef(props);
  latest.current = props;
  const read = async (file: File) => {
    const text = file.size > limits.presetBytes ? undefined : await file.text();
    const { draft, set, takesContext } = latest.current;
    const preset = text === undefined ? undefined : readPreset(text, (name) => takesContext || name !== 'contextTokens');
    if (!preset || preset.taken.length === 0) return setImported({ type: 'failed', isPreset: preset !== undefined });
    const { samplers, contextTokens, maxOutputTokens } = preset.settings;
    set({
      samplers: toSamplersDraft(samplers),
      ...(contextTokens !== undefined && { contextTokens: String(contextTokens) }),
      ...(maxOutputTokens !== undefined && { maxOutputTokens: String(maxOutputTokens) }),
    });
    setImported({ type: 'read', taken: preset.taken, left: preset.left, before: draft });
  };
  const undo = (before: SettingsDraft) => {
    props.set(before);
    setImported(undefined);
  };
  return { imported, read, undo };
}

export function PresetBar(props: PresetBarProps) {
  const { draft, takesContext } = props;
  const { chosen, choose, options } = usePresetChoice(props);
  const { imported, read, undo } = usePresetImport(props);
  const input = useRef<HTMLInputElement>(null);
  const wrong = checkSettings(draft);
  const settings = wrong ? {} : toSettings(draft);
  const { samplers, maxOutputTokens } = settings;
  const isEmpty = samplers === undefined && maxOutputTokens === undefined;
  const save = () =>
    offerFile(
      'oriel-preset',
      'json',
      writePreset({ samplers, maxOutputTokens, ...(takesContext && { contextTokens: settings.contextTokens }) }),
    );
  return (
    <>
      <Select label={i18n.t('preset.label')} value={chosen} options={options} onValue={choose} />
      <div class="row">
        <Button size="small" onClick={() => input.current?.click()}>
          {i18n.t('preset.import')}
        </Button>
        <Button size="small" dead={isEmpty} onClick={save}>
          {i18n.t('preset.export')}
        </Button>
        <input
          ref={input}
          type="file"
          hidden
          accept=".json,.preset,.settings,application/json"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            // The same file may be chosen again.
            event.currentTarget.value = '';
            if (file) void read(file);
          }}
        />
      </div>
      {imported && <PresetNotice imported={imported} onUndo={undo} />}
    </>
  );
}
