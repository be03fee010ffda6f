/** The fields that a provider's row asks for. */

import { i18n } from '#i18n';
import { limits } from '../../protocol/limits';
import type { ConnectionView } from '../../protocol/ui-messages';
import type { CatalogRow } from '../../providers/provider';
import { Disclosure } from '../ui/Disclosure';
import { Field } from '../ui/Field';
import type { FormErrors, FormValues } from './form-values';
import { KeyField } from './KeyField';
import { ConnectionSettings } from './settings/ConnectionSettings';
import { toOptionsDraft } from './settings/options-draft';

interface FormFieldsProps {
  readonly row: CatalogRow;
  readonly connection: ConnectionView | undefined;
  readonly values: FormValues;
  readonly set: (change: Partial<FormValues>) => void;
  readonly errors: FormErrors;
  /** Where the key will be sent; undefined while the address is not readable. */
  readonly host: string | undefined;
}

export function FormFields({ row, connection, values, set, errors, host }: FormFieldsProps) {
  return (
    <>
      <Field
        label={i18n.t('form.name')}
        value={values.name}
        onValue={(name) => set({ name })}
        error={errors.name}
        maxLength={limits.nameChars}
      />
      {row.address.type === 'asked' && (
        <Field
          label={i18n.t('form.address')}
          kind="address"
          value={values.baseUrl}
          onValue={(baseUrl) => set({ baseUrl })}
          error={errors.baseUrl}
          hint={i18n.t('form.addressHint', { example: row.address.example })}
          maxLength={limits.baseUrlChars}
        />
      )}
      {row.auth.type === 'header' && (
        <KeyField row={row} connection={connection} values={values} set={set} error={errors.key} host={host} />
      )}
      <Disclosure label={i18n.t('form.advanced')} open={errors.defaultModel !== undefined || errors.options !== undefined}>
        <div class="form-advanced">
          <Field
            label={i18n.t('form.defaultModel')}
            value={values.defaultModel}
            onValue={(defaultModel) => set({ defaultModel })}
            error={errors.defaultModel}
            hint={i18n.t('form.defaultModelHint')}
            maxLength={limits.modelChars}
          />
          <ConnectionSettings
            row={row}
            connection={connection}
            draft={values.options ?? toOptionsDraft(connection?.options)}
            onDraft={(options) => set({ options })}
            error={errors.options}
          />
        </div>
      </Disclosure>
    </>
  );
}
