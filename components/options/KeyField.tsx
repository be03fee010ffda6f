/** The field **API key**: where the key goes, where to get one, and what happens to the one that is saved. */

import { i18n } from '#i18n';
import { limits } from '../../protocol/limits';
import type { ConnectionView } from '../../protocol/ui-messages';
import type { CatalogRow } from '../../providers/provider';
import { hostOf } from '../site-name';
import { Field } from '../ui/Field';
import { CapLink } from './CapLink';
import type { FormValues } from './form-values';

interface KeyFieldProps {
  readonly row: CatalogRow;
  readonly connection: ConnectionView | undefined;
  readonly values: FormValues;
  readonly set: (change: Partial<FormValues>) => void;
  readonly error: string | undefined;
  /** Where the key will be sent; undefined while the address is not readable. */
  readonly host: string | undefined;
}

/** One sentence, the most telling one. */
function hint({ row, connection, host }: KeyFieldProps): string {
  const saved = connection?.keyEnding;
  const savedHost = row.address.type === 'asked' ? hostOf(connection?.baseUrl) : host;
  if (saved !== undefined && host !== undefined && savedHost !== undefined && host !== savedHost) {
    return i18n.t('form.keyStays', { old: savedHost, new: host });
  }
  if (saved !== undefined) return i18n.t('form.keySaved', { ending: saved });
  const goesTo = host === undefined ? i18n.t('form.keyWaits') : i18n.t('form.keyGoesTo', { host });
  const isOptional = row.auth.type === 'header' && !row.auth.required;
  const hasPublicKey = row.auth.type === 'header' && row.auth.publicKey !== undefined;
  if (hasPublicKey) return `${i18n.t('form.keyAnonymous')} ${goesTo}`;
  return isOptional ? `${i18n.t('form.keyOptional')} ${goesTo}` : goesTo;
}

export function KeyField(props: KeyFieldProps) {
  const { row, connection, values, set, error } = props;
  const canRemove = connection?.keyEnding !== undefined && row.auth.type === 'header' && !row.auth.required;
  return (
    <div class="stack">
      <Field
        label={i18n.t('form.key')}
        kind="secret"
        value={values.key}
        onValue={(key) => set({ key })}
        error={error}
        maxLength={limits.keyChars}
        hint={
          <>
            {hint(props)}
            {row.keyPage !== undefined && (
              <>
                {' '}
                <a href={row.keyPage} target="_blank" rel="noreferrer">
                  {i18n.t('form.keyPage', { provider: row.name })}
                </a>
              </>
            )}
            <CapLink row={row} />
          </>
        }
      />
      {canRemove && values.key === '' && (
        <label class="check">
          <input
            type="checkbox"
            checked={values.removesKey}
            onChange={(event) => set({ removesKey: event.currentTarget.checked })}
          />
          {i18n.t('form.keyRemove')}
        </label>
      )}
    </div>
  );
}
