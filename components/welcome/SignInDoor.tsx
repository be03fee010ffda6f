/** The second door: signing in, after which the provider makes a key for Oriel. No key is seen by anybody. */

import { catalog } from '../../providers/catalog';
import type { CatalogRow } from '../../providers/provider';
import { FaultNotice } from '../FaultNotice';
import { SignInFailure, SignInFields } from '../options/SignIn';
import { useConnectionForm } from '../options/use-connection-form';
import type { DoorProps } from './Doors';

const rows = catalog.filter(({ signIn }) => signIn !== undefined);

interface ProviderProps {
  readonly row: CatalogRow;
  readonly onAdded: DoorProps['onAdded'];
}

function Provider({ row, onAdded }: ProviderProps) {
  const nothing = () => undefined;
  const { busy, failure, signIn } = useConnectionForm({
    row,
    connection: undefined,
    onSaved: nothing,
    onClose: nothing,
    onConnected: onAdded,
  });
  return (
    <>
      <SignInFields row={row} hasKey={false} busy={busy} onSignIn={signIn} />
      {failure && !failure.isSaved && <SignInFailure row={row} error={failure.error} />}
      {failure?.isSaved && <FaultNotice live error={failure.error} context={{ name: row.name }} />}
    </>
  );
}

export function SignInDoor({ onAdded }: DoorProps) {
  return (
    <>
      {rows.map((row) => (
        <Provider key={row.id} row={row} onAdded={onAdded} />
      ))}
    </>
  );
}
