/** What the person just removed, and the way to bring it back while there is one. */

import { useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { Removal } from '../../protocol/activity';
import { limits } from '../../protocol/limits';
import { useApp } from '../context';
import { type Action, useAction } from '../use-action';

export interface Removals {
  /** What is said of the last removal; absent when it is long ago. */
  readonly said: { readonly text: string; readonly undo?: string | undefined } | undefined;
  readonly remove: (removal: Removal, text: string) => void;
  readonly undo: () => void;
  readonly failure: Action['failure'];
}

/** @param changed is called after each removal, and when it was undone */
export function useRemoval(changed: () => void): Removals {
  const { client } = useApp();
  const { run, failure } = useAction();
  const [said, setSaid] = useState<Removals['said']>();
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(undefined), limits.undoTime);
    return () => clearTimeout(timer);
  }, [said]);
  return {
    said,
    failure,
    remove: (removal, text) =>
      run(async () => {
        const { undo } = await client.call('activity-remove', removal);
        setSaid({ text, undo });
        changed();
      }),
    undo: () =>
      run(async () => {
        const { undo = '' } = said ?? {};
        // The background died meanwhile, and what it held went with it.
        const isBack = await client.call('activity-undo', { undo }).then(
          () => true,
          () => false,
        );
        setSaid({ text: isBack ? i18n.t('activity.restored') : i18n.t('activity.tooLate') });
        changed();
      }),
  };
}
