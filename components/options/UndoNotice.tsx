/** Says what was just removed, with the button that brings it back. */

import { useEffect, useRef } from 'preact/hooks';
import { i18n } from '#i18n';
import { FaultNotice } from '../FaultNotice';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import type { Undoing } from './use-removal';

export function UndoNotice({ removals: { said, undo, failure } }: { readonly removals: Undoing }) {
  const button = useRef<HTMLButtonElement>(null);
  // The button that was pressed went with what it removed: the keyboard goes on here.
  useEffect(() => {
    button.current?.focus();
  }, [said]);
  return (
    <>
      {said && (
        <Notice kind="plain" live>
          <div class="undo">
            <p>{said.text}</p>
            {said.undo !== undefined && (
              <Button size="small" onClick={undo} buttonRef={button}>
                {i18n.t('activity.undo')}
              </Button>
            )}
          </div>
        </Notice>
      )}
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
    </>
  );
}
