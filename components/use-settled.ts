/** Tells whether what the person sees has stood still long enough for a click to be meant for it (security.md T22, T23). */

import { useEffect, useState } from 'preact/hooks';
import { limits } from '../protocol/limits';

/** False for `limits.inputDelay` after `seen` changed, and after the window became visible or gained focus. */
export function useSettled(seen: string): boolean {
  const [settled, setSettled] = useState<string>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const restart = () => {
      clearTimeout(timer);
      setSettled(undefined);
      timer = setTimeout(() => setSettled(seen), limits.inputDelay);
    };
    restart();
    window.addEventListener('focus', restart);
    document.addEventListener('visibilitychange', restart);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('focus', restart);
      document.removeEventListener('visibilitychange', restart);
    };
  }, [seen]);
  // Compared while rendering: not even the first frame of a changed card takes a click.
  return settled === seen;
}
