/** What the person just removed, and the way to bring it back while there is one. */

import { useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { Removal } from '../../protocol/activity';
import { limits } from '../../protocol/limits';
import { useApp } from '../context';
import { type Action, useAction } from '../use-action';

export interface Undoing {
  /** What is said of the last removal; absent when it is long ago. */
  readonly said: { readonly text: string; readonly undo?: string | undefined } | undefined;
  readonly undo: () => void;
  readonly failure: Action['failure'];
}

export interface Removals extends Undoing {
  readonly remove: (removal: Removal, text: string) => void;
}

/**
 * @param restore brings back what was removed
 * @param changed is called after each removal, and when it was undone
 */
export function useRemoval(restore: (undo: string) => Promise<unknown>, changed: () => void) {
  const { run, failure } = useAction();
  const [said, setSaid] = useState<Undoing['said']>();
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(undefined), limits.undoTime);
    return () => clearTimeout(timer);
  }, [said]);
  return {
    said,
    failure,
    remove: (work: () => Promise<{ readonly undo: string }>, text: string) =>
      run(async () => {
        const { undo } = await work();
        setSaid({ text, undo });
        changed();
      }),
    undo: () =>
      run(async () => {
        const { undo = '' } = said ?? {};
        // The background died meanwhile, and what it held went with it.
        const isBack = await restore(undo).then(
          () => true,
          () => false,
        );
        setSaid({ text: isBack ? i18n.t('activity.restored') : i18n.t('activity.tooLate') });
        changed();
      }),
  };
}

/** The same for calls of the log. */
export function useActivityRemoval(changed: () => void): Removals {
  const { client } = useApp();
  const { remove, ...removal } = useRemoval((undo) => client.call('activity-undo', { undo }), changed);
  return { ...removal, remove: (what, text) => remove(() => client.call('activity-remove', what), text) };
}
