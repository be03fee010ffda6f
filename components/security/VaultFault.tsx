/** What went wrong with the vault, a passphrase or a file, in words that say what to do. */

import { i18n } from '#i18n';
import type { PersonError } from '../../protocol/errors';
import { FaultNotice } from '../FaultNotice';
import { Notice } from '../ui/Notice';

export function VaultFault({ error }: { readonly error: PersonError | undefined }) {
  if (!error) return null;
  const said = { passphrase: i18n.t('security.wrongPassphrase'), file: i18n.t('security.wrongFile') }[error.field ?? ''];
  if (said === undefined) return <FaultNotice live error={error} context={{ name: i18n.t('extName') }} />;
  return (
    <Notice kind="problem" live>
      <p>{said}</p>
    </Notice>
  );
}
