/** Signing in at a provider in place of pasting a key: what the new key may do, the button, and how it ended. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { Period } from '../../protocol/budgets';
import type { ConnectionTest } from '../../protocol/connection-test';
import type { PersonError } from '../../protocol/errors';
import type { Balance } from '../../protocol/generate';
import type { MicroUsd } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import { type SignInDays, type SignInTerms, signInDays } from '../../protocol/sign-in';
import type { CatalogRow } from '../../providers/provider';
import { readAmount } from '../amounts';
import { periodText } from '../budget-text';
import { FaultNotice } from '../FaultNotice';
import { plainLine } from '../plain-text';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { Notice } from '../ui/Notice';
import { Select } from '../ui/Select';
import { BalanceFacts } from './BalanceFacts';

const periods: readonly Period[] = ['day', 'week', 'month'];
const daysText = (days: SignInDays): string =>
  ({ 30: i18n.t('signIn.days30'), 90: i18n.t('signIn.days90'), 365: i18n.t('signIn.days365') })[days];

interface SignInFieldsProps {
  readonly row: CatalogRow;
  /** A key is saved, which the new one replaces. */
  readonly hasKey: boolean;
  readonly busy: 'connecting' | 'signing-in' | undefined;
  readonly onSignIn: (terms: SignInTerms) => void;
}

export function SignInFields({ row, hasKey, busy, onSignIn }: SignInFieldsProps) {
  const [amount, setAmount] = useState('5');
  const [period, setPeriod] = useState<Period>('month');
  const [days, setDays] = useState<SignInDays>(90);
  const [isTried, setTried] = useState(false);
  const limit = readAmount(amount, 1e6) ?? 0;
  const isRight = limit > 0 && limit <= limits.signInMicroUsd;
  const provider = row.name;

  const start = () => {
    setTried(true);
    if (isRight) onSignIn({ limit: limit as MicroUsd, period, days });
  };

  return (
    <section class="form">
      <p class="soft">{i18n.t('signIn.intro', { provider })}</p>
      <Field
        label={i18n.t('signIn.limit')}
        value={amount}
        onValue={setAmount}
        maxLength={12}
        error={isTried && !isRight ? i18n.t('signIn.limitWrong') : undefined}
      />
      <Select
        label={i18n.t('signIn.period')}
        value={period}
        options={periods.map((each) => ({ value: each, text: periodText(each) }))}
        onValue={(value) => setPeriod(periods.find((each) => each === value) ?? 'month')}
      />
      <Select
        label={i18n.t('signIn.days')}
        value={String(days)}
        options={signInDays.map((each) => ({ value: String(each), text: daysText(each) }))}
        onValue={(value) => setDays(signInDays.find((each) => String(each) === value) ?? 90)}
        hint={hasKey ? i18n.t('signIn.again') : undefined}
      />
      <div class="row">
        <Button kind="primary" dead={busy !== undefined} onClick={start}>
          {busy === 'signing-in' ? i18n.t('signIn.waiting', { provider }) : i18n.t('signIn.button', { provider })}
        </Button>
      </div>
    </section>
  );
}

/** Nothing was saved. */
export function SignInFailure({ row, error }: { readonly row: CatalogRow; readonly error: PersonError }) {
  const provider = row.name;
  // The way there has words of its own; what the provider says of a code or a verifier has none for a person.
  if (error.fault === 'network' || error.fault === 'timeout' || error.fault === 'data-consent')
    return <FaultNotice live error={error} context={{ name: provider }} />;
  const [what, todo] = {
    aborted: [i18n.t('signIn.cancelledWhat'), i18n.t('signIn.cancelledTodo', { provider })],
    'not-allowed': [i18n.t('signIn.foreignWhat'), i18n.t('signIn.foreignTodo')],
    other: [i18n.t('signIn.refusedWhat', { provider }), i18n.t('signIn.refusedTodo')],
  }[error.code === 'aborted' || error.code === 'not-allowed' ? error.code : 'other'];
  return (
    <Notice kind="problem" live>
      <p class="notice-title">{what}</p>
      <p>{todo}</p>
    </Notice>
  );
}

interface UnlimitedKeyProps {
  readonly row: CatalogRow;
  readonly balance: Balance | undefined;
}

/** A key that was asked for with a limit, and came without. */
export function UnlimitedKey({ row, balance }: UnlimitedKeyProps) {
  if (balance?.type !== 'money' || balance.limit !== undefined || row.keyPage === undefined) return null;
  const provider = row.name;
  return (
    <Notice kind="caution">
      <p>
        {i18n.t('signIn.unlimited', { provider })}{' '}
        <a href={row.keyPage} target="_blank" rel="noreferrer">
          {i18n.t('signIn.keys', { provider })}
        </a>
      </p>
    </Notice>
  );
}

interface SignedInProps {
  readonly row: CatalogRow;
  readonly name: string;
  readonly test: Extract<ConnectionTest, { type: 'connected' }>;
  readonly onClose: () => void;
}

/** What the key may really do: the provider's word, not what was asked for. */
export function SignedIn({ row, name, test: { balance }, onClose }: SignedInProps) {
  return (
    <div class="form">
      <Notice kind="good" live>
        <p>{i18n.t('signIn.done', { name: plainLine(name) })}</p>
        {balance && <BalanceFacts balance={balance} />}
      </Notice>
      <UnlimitedKey row={row} balance={balance} />
      <div class="dialog-actions">
        <Button kind="primary" onClick={onClose}>
          {i18n.t('common.close')}
        </Button>
      </div>
    </div>
  );
}
