/** Leads from a problem to the form where it is mended. */

import { i18n } from '#i18n';
import type { ConnectionId } from '../../protocol/ids';

export const FixLink = ({ connectionId }: { readonly connectionId: ConnectionId }) => (
  <a class="button" data-size="small" href={`options.html#connections/${connectionId}`} target="_blank" rel="noreferrer">
    {i18n.t('popup.fix')}
  </a>
);
