/** What **Advanced** holds beside the default model: the provider's own choices, the settings of all models and of single ones, own headers. */

import { useRef } from 'preact/hooks';
import { i18n } from '#i18n';
import type { ConnectionView } from '../../../protocol/ui-messages';
import type { CatalogRow } from '../../../providers/provider';
import { Disclosure } from '../../ui/Disclosure';
import { Field } from '../../ui/Field';
import { Icon } from '../../ui/Icon';
import { ModelOverrides } from './ModelOverrides';
import { checkOptions, type OptionsDraft } from './options-draft';
import { SettingsFields } from './SettingsFields';
import { noErrors } from './settings-draft';
import { VendorFields } from './VendorFields';

interface ConnectionSettingsProps {
  readonly row: CatalogRow;
  readonly connection: ConnectionView | undefined;
  readonly draft: OptionsDraft;
  readonly onDraft: (draft: OptionsDraft) => void;
  /** The form was not sent, or not taken, because of something here. */
  readonly error: string | undefined;
}

export function ConnectionSettings({ row, connection, draft, onDraft, error }: ConnectionSettingsProps) {
  // Nobody is corrected while they type; once something was found wrong, each field follows what is typed.
  const isTried = useRef(false);
  if (error !== undefined) isTried.current = true;
  const found = checkOptions(draft);
  const shown = isTried.current ? found : undefined;
  const { writesChat = false, ownHeaders = false, options = [] } = row;
  return (
    <>
      <VendorFields fields={options} values={draft.vendor} onValues={(vendor) => onDraft({ ...draft, vendor })} />
      <SettingsFields
        draft={draft.settings}
        set={(change) => onDraft({ ...draft, settings: { ...draft.settings, ...change } })}
        errors={shown?.settings ?? noErrors}
        of="model"
        writesChat={writesChat}
      />
      <ModelOverrides
        connection={connection}
        models={draft.models}
        onModels={(models) => onDraft({ ...draft, models })}
        errors={shown?.models ?? {}}
        writesChat={writesChat}
      />
      {ownHeaders && (
        <Disclosure label={i18n.t('settings.headers')}>
          <div class="settings-part">
            <Field
              label={i18n.t('settings.headersField')}
              kind="lines"
              value={draft.headers}
              onValue={(headers) => onDraft({ ...draft, headers })}
              error={shown?.headers}
              hint={i18n.t('settings.headersHint')}
            />
          </div>
        </Disclosure>
      )}
      {error !== undefined && found === undefined && (
        <p class="field-error">
          <Icon name="alert" />
          {error}
        </p>
      )}
    </>
  );
}
