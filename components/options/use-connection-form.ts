/** The life of a connection form: typed, checked, sent; after a failed test it keeps what was typed and corrects what was saved. */

import { useState } from 'preact/hooks';
import { type PersonError, toPersonError } from '../../protocol/errors';
import type { ConnectionId } from '../../protocol/ids';
import type { ConnectionTest, ConnectionView } from '../../protocol/ui-messages';
import type { CatalogRow } from '../../providers/provider';
import { useApp } from '../context';
import { checkForm, type FormErrors, type FormValues, fieldError, startValues, toInput } from './form-values';

interface FormOptions {
  readonly row: CatalogRow;
  readonly connection: ConnectionView | undefined;
  readonly onSaved: () => void;
  readonly onClose: () => void;
}

/** Not saved at all, or saved and not working. */
export interface FormFailure {
  readonly error: PersonError;
  readonly isSaved: boolean;
}

export function useConnectionForm({ row, connection, onSaved, onClose }: FormOptions) {
  const { client } = useApp();
  const [values, setValues] = useState(() => startValues(row, connection));
  const [errors, setErrors] = useState<FormErrors>({});
  const [savedId, setSavedId] = useState<ConnectionId | undefined>(connection?.id);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<FormFailure>();

  const set = (change: Partial<FormValues>) => {
    setValues((before) => ({ ...before, ...change }));
    setErrors((before) => Object.fromEntries(Object.entries(before).filter(([field]) => !(field in change))));
  };

  const send = async (): Promise<ConnectionTest> => {
    const input = toInput(row, values);
    if (savedId !== undefined) return client.call('connection-update', { id: savedId, ...input });
    const added = await client.call('connection-add', { providerId: row.id, ...input });
    if (added.type === 'failed') {
      setSavedId(added.id);
      onSaved();
    }
    return added;
  };

  const submit = async () => {
    if (busy) return;
    const found = checkForm(row, values, savedId === undefined ? undefined : connection?.keyEnding);
    setErrors(found);
    setFailure(undefined);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      const test = await send();
      if (test.type === 'connected') onClose();
      else setFailure({ error: test.error, isSaved: true });
    } catch (thrown) {
      const error = toPersonError(thrown);
      setErrors(fieldError(error));
      setFailure({ error, isSaved: false });
    } finally {
      setBusy(false);
    }
  };

  return { values, set, errors, busy, failure, savedId, submit };
}
