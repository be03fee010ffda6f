/** The choices that only one provider has, as its catalog row declares them. */

import { i18n } from '#i18n';
import type { VendorOption } from '../../../protocol/model-settings';
import type { VendorField } from '../../../providers/provider';
import { Checkbox } from '../../ui/Checkbox';
import { Field } from '../../ui/Field';
import { Select } from '../../ui/Select';
import { vendorText } from '../../vendor-text';

interface VendorFieldsProps {
  readonly fields: readonly VendorField[];
  readonly values: Readonly<Record<string, VendorOption>>;
  readonly onValues: (values: Readonly<Record<string, VendorOption>>) => void;
}

export function VendorFields({ fields, values, onValues }: VendorFieldsProps) {
  return (
    <>
      {fields.map((field) => (
        <OneField
          key={field.name}
          field={field}
          value={values[field.name]}
          onValue={(value) => onValues({ ...values, [field.name]: value })}
        />
      ))}
    </>
  );
}

interface OneFieldProps {
  readonly field: VendorField;
  readonly value: VendorOption | undefined;
  readonly onValue: (value: VendorOption) => void;
}

function OneField({ field, value, onValue }: OneFieldProps) {
  const { label, hint, values = {} } = vendorText(field.name) ?? { label: field.name };
  switch (field.type) {
    case 'flag':
      return <Checkbox label={label} {...(hint !== undefined && { hint })} checked={value === true} onChecked={onValue} />;
    case 'choice':
      return (
        <Select
          label={label}
          hint={hint}
          value={typeof value === 'string' ? value : ''}
          options={[
            { value: '', text: i18n.t('vendor.noChoice') },
            ...field.values.map((each) => ({ value: each, text: values[each] ?? each })),
          ]}
          onValue={onValue}
        />
      );
    case 'list':
      return (
        <Field
          label={label}
          kind="lines"
          hint={hint}
          value={typeof value === 'object' ? value.join('\n') : ''}
          onValue={(typed) => onValue(typed.split('\n'))}
        />
      );
  }
}
