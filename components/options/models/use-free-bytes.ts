/** How much the browser still gives to Oriel; looked at anew when models come and go. */

import { useEffect, useState } from 'preact/hooks';
import type { DeviceModelView } from '../../../protocol/device-messages';

/** Undefined while unknown. */
export function useFreeBytes(models: readonly DeviceModelView[]): number | undefined {
  const [free, setFree] = useState<number>();
  const states = models.map(({ model, state }) => `${model.id} ${state.type}`).join();
  useEffect(() => {
    navigator.storage?.estimate().then(
      ({ quota, usage = 0 }) => setFree(quota === undefined ? undefined : Math.max(quota - usage, 0)),
      // A browser that does not tell: the download finds out.
      () => undefined,
    );
  }, [states]);
  return free;
}
