/** The life of a connection form: typed, checked, sent; after a failed test it keeps what was typed and corrects what was saved. */

import { useState } from 'preact/hooks';
import type { ConnectionTest } from '../../protocol/connection-test';
import { type PersonError, toPersonError } from '../../protocol/errors';
import type { ConnectionId } from '../../protocol/ids';
import type { SignInTerms } from '../../protocol/sign-in';
import type { ConnectionView } from '../../protocol/ui-messages';
import type { CatalogRow } from '../../providers/provider';
import { useApp } from '../context';
import { askDataConsent } from '../data-consent';
import { checkForm, type FormErrors, type FormValues, fieldError, nameOf, startValues, toInput } from './form-values';

interface FormOptions {
  readonly row: CatalogRow;
  readonly connection: ConnectionView | undefined;
  readonly onSaved: () => void;
  readonly onClose: () => void;
  /** It answers. Absent: the form closes then, and after signing in says first what the key may do. */
  readonly onConnected?: ((test: Connected) => void) | undefined;
  /** How its last test failed, where the form opens because of that. */
  readonly failed?: PersonError | undefined;
}

/** A connection that answered. */
export type Connected = Extract<ConnectionTest, { type: 'connected' }> & { readonly id: ConnectionId };

/** Not saved at all, or saved and not working. */
export interface FormFailure {
  readonly error: PersonError;
  readonly isSaved: boolean;
  /** It came of signing in, not of what was typed. */
  readonly isSignIn: boolean;
}

export function useConnectionForm({ row, connection, onSaved, onClose, onConnected, failed }: FormOptions) {
  const { client, shell } = useApp();
  const [values, setValues] = useState(() => {
    const others = client.overview.value?.connections ?? [];
    return startValues(
      row,
      connection,
      others.map(({ name }) => name),
    );
  });
  const [errors, setErrors] = useState<FormErrors>({});
  const [savedId, setSavedId] = useState<ConnectionId | undefined>(connection?.id);
  const [busy, setBusy] = useState<'connecting' | 'signing-in'>();
  const [failure, setFailure] = useState<FormFailure | undefined>(failed && { error: failed, isSaved: true, isSignIn: false });
  const [signedIn, setSignedIn] = useState<Connected>();
  const [unlistedModel, setUnlistedModel] = useState<string>();

  const set = (change: Partial<FormValues>) => {
    setValues((before) => {
      const { baseUrl } = change;
      const isOwnName = baseUrl === undefined || before.name !== nameOf(row, before.baseUrl);
      return { ...before, ...(!isOwnName && { name: nameOf(row, baseUrl) }), ...change };
    });
    setErrors((before) => Object.fromEntries(Object.entries(before).filter(([field]) => !(field in change))));
  };

  const send = async (): Promise<ConnectionTest & { readonly id: ConnectionId }> => {
    const input = toInput(row, values);
    await askDataConsent(shell, { providerId: row.id, baseUrl: input.baseUrl });
    if (savedId !== undefined) return { ...(await client.call('connection-update', { id: savedId, ...input })), id: savedId };
    const added = await client.call('connection-add', { providerId: row.id, ...input });
    if (added.type === 'failed') keep(added.id);
    return added;
  };

  const keep = (id: ConnectionId) => {
    setSavedId(id);
    onSaved();
  };

  const finish = (test: Connected) => {
    if (test.unlistedModel === undefined) return onClose();
    keep(test.id);
    setUnlistedModel(test.unlistedModel);
  };

  /** @param isSignIn what is shown and done then differs */
  const attempt = async (isSignIn: boolean, ask: typeof send, done: (test: Connected) => void) => {
    setFailure(undefined);
    setUnlistedModel(undefined);
    setBusy(isSignIn ? 'signing-in' : 'connecting');
    try {
      const test = await ask();
      if (test.type === 'connected') (onConnected ?? done)(test);
      else setFailure({ error: test.error, isSaved: true, isSignIn });
    } catch (thrown) {
      const error = toPersonError(thrown);
      setErrors(fieldError(error));
      setFailure({ error, isSaved: false, isSignIn });
    } finally {
      setBusy(undefined);
    }
  };

  const signIn = async (terms: SignInTerms) => {
    if (busy) return;
    setErrors({});
    const { name, defaultModel } = toInput(row, values);
    const input = { providerId: row.id, terms, name, defaultModel, ...(savedId !== undefined && { id: savedId }) };
    const ask = async () => {
      await askDataConsent(shell, { providerId: row.id });
      const test = await client.call('connection-sign-in', input);
      if (savedId === undefined) keep(test.id);
      return test;
    };
    await attempt(true, ask, setSignedIn);
  };

  const submit = async () => {
    if (busy) return;
    const found = checkForm(row, values, savedId === undefined ? undefined : connection?.keyEnding);
    setErrors(found);
    setFailure(undefined);
    if (Object.keys(found).length > 0) return;
    await attempt(false, send, finish);
  };

  return { values, set, errors, busy, failure, savedId, submit, signIn, signedIn, unlistedModel };
}
