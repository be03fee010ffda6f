/** Whether the person has given a permission of the browser, and the way to give or take it. */

import { useEffect, useState } from 'preact/hooks';
import type { OptionalPermission } from './client';

export function usePermission(permission: OptionalPermission | undefined) {
  /** Undefined while it is not known. */
  const [isOn, setOn] = useState<boolean>();
  useEffect(() => {
    void permission?.isOn().then(setOn);
  }, [permission]);
  const choose = (on: boolean) => {
    const chosen = permission?.set(on);
    // It is shown already, and goes back where the person or the browser refuses.
    setOn(on);
    void chosen?.catch(permission?.isOn).then(setOn);
  };
  return { isOn, choose };
}
