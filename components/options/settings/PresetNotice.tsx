/** What became of a preset file: which of its settings were taken, which not, and the way back. */

import { i18n } from '#i18n';
import { list } from '../../language';
import { plainLine } from '../../plain-text';
import { Button } from '../../ui/Button';
import { Disclosure } from '../../ui/Disclosure';
import { Notice } from '../../ui/Notice';
import type { ReadPreset } from './preset-file';
import { settingText } from './sampler-text';
import type { SettingsDraft } from './settings-draft';

export type PresetImport =
  /** `isPreset`: it could be read, and says nothing that there is a field for. */
  | { readonly type: 'failed'; readonly isPreset: boolean }
  | ({ readonly type: 'read'; readonly before: SettingsDraft } & Pick<ReadPreset, 'taken' | 'left'>);

/** Names from a file, which can be anything. */
const shownNames = 60;
const nameChars = 40;

export function PresetNotice({
  imported,
  onUndo,
}: {
  readonly imported: PresetImport;
  readonly onUndo: (before: SettingsDraft) => void;
}) {
  if (imported.type === 'failed') {
    return (
      <Notice kind="problem" live>
        <p>{imported.isPreset ? i18n.t('preset.nothingIn') : i18n.t('preset.notOne')}</p>
      </Notice>
    );
  }
  const { taken, left, before } = imported;
  const names = left.slice(0, shownNames).map((name) => plainLine(name.slice(0, nameChars)));
  return (
    <Notice kind="good" live>
      <p>{i18n.t('preset.taken', { names: list(taken.map(settingText)) })}</p>
      {left.length > 0 && (
        <Disclosure label={i18n.t('preset.left', { count: left.length })}>
          <p class="small preset-left">
            {list(names)}
            {left.length > shownNames && '…'}
          </p>
        </Disclosure>
      )}
      <Button size="small" onClick={() => onUndo(before)}>
        {i18n.t('preset.undo')}
      </Button>
    </Notice>
  );
}
