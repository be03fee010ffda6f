/** Runs what a button asks of the background, once at a time, and keeps what went wrong for the screen to say. */

import { useState } from 'preact/hooks';
import { type PersonError, toPersonError } from '../protocol/errors';

export interface Action {
  /** Does nothing while the last one still runs. */
  readonly run: (work: () => Promise<unknown>) => void;
  readonly busy: boolean;
  readonly failure: PersonError | undefined;
}

export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<PersonError>();
  const run = (work: () => Promise<unknown>) => {
    if (busy) return;
    setBusy(true);
    setFailure(undefined);
    work()
      .catch((error: unknown) => setFailure(toPersonError(error)))
      .finally(() => setBusy(false));
  };
  return { run, busy, failure };
}
