/** The choice to lock whenever the computer is locked. */

import { useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { ComputerLock } from '../client';
import { Checkbox } from '../ui/Checkbox';

export function WithComputer({ lock }: { readonly lock: ComputerLock }) {
  const [isOn, setOn] = useState(false);
  useEffect(() => {
    void lock.isOn().then(setOn);
  }, [lock]);
  const choose = (on: boolean) => {
    const chosen = lock.set(on);
    // The box shows it already, and goes back where the person or the browser refuses.
    setOn(on);
    void chosen.catch(lock.isOn).then(setOn);
  };
  return <Checkbox label={i18n.t('security.withComputer')} checked={isOn} onChecked={choose} />;
}
