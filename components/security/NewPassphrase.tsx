/** The two fields for a new passphrase, with one made up on request. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { limits } from '../../protocol/limits';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { suggestionBits, suggestPassphrase } from './suggestion';

export interface TypedPassphrase {
  readonly first: string;
  readonly second: string;
}

export const nothingTyped: TypedPassphrase = { first: '', second: '' };

export interface PassphraseErrors {
  readonly first?: string;
  readonly second?: string;
}

/** Length is what makes it strong; what it is made of is the person's own affair. */
export function checkPassphrase({ first, second }: TypedPassphrase): PassphraseErrors {
  if ([...first].length < limits.passphraseChars)
    return { first: i18n.t('security.tooShort', { count: String(limits.passphraseChars) }) };
  return first === second ? {} : { second: i18n.t('security.notTheSame') };
}

interface NewPassphraseProps {
  readonly value: TypedPassphrase;
  readonly onValue: (value: TypedPassphrase) => void;
  readonly errors: PassphraseErrors;
}

export function NewPassphrase({ value, onValue, errors }: NewPassphraseProps) {
  const [suggested, setSuggested] = useState<string>();
  const suggest = () => {
    const passphrase = suggestPassphrase();
    setSuggested(passphrase);
    onValue({ first: passphrase, second: passphrase });
  };
  return (
    <>
      <Field
        label={i18n.t('security.newPassphrase')}
        kind="secret"
        value={value.first}
        error={errors.first}
        hint={i18n.t('security.newHint', { count: String(limits.passphraseChars) })}
        onValue={(first) => onValue({ ...value, first })}
      />
      <Field
        label={i18n.t('security.repeat')}
        kind="secret"
        value={value.second}
        error={errors.second}
        onValue={(second) => onValue({ ...value, second })}
      />
      <div class="stack">
        <div class="row">
          <Button size="small" onClick={suggest}>
            {i18n.t('security.suggest')}
          </Button>
        </div>
        <div role="status">
          {suggested !== undefined && (
            <>
              <p class="suggestion">{suggested}</p>
              <p class="soft small">{i18n.t('security.suggested', { bits: String(suggestionBits) })}</p>
            </>
          )}
        </div>
      </div>
    </>
  );
}
