/** The choice to lock whenever the computer is locked. */

import { i18n } from '#i18n';
import type { OptionalPermission } from '../client';
import { PermissionCheckbox } from '../PermissionCheckbox';

export const WithComputer = ({ lock }: { readonly lock: OptionalPermission }) => (
  <PermissionCheckbox label={i18n.t('security.withComputer')} permission={lock} />
);
