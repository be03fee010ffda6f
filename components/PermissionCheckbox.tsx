/** A checkbox for a setting that is nothing but a permission of the browser. */

import type { OptionalPermission } from './client';
import { Checkbox } from './ui/Checkbox';
import { usePermission } from './use-permission';

interface PermissionCheckboxProps {
  readonly label: string;
  readonly permission: OptionalPermission;
}

export function PermissionCheckbox({ label, permission }: PermissionCheckboxProps) {
  const { isOn, choose } = usePermission(permission);
  return <Checkbox label={label} checked={isOn === true} onChecked={choose} />;
}
