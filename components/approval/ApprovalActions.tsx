/** The buttons of an approval card. Saying no works at once; saying yes only to what has stood still. */

import type { RefObject } from 'preact';
import { i18n } from '#i18n';
import type { Decision } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { Button } from '../ui/Button';

interface ApprovalActionsProps {
  /** Nothing is connected: there is nothing to allow yet. */
  readonly isSetUp: boolean;
  /** The site is asked about each call: there is no more to allow than this one. */
  readonly onlyThis: boolean;
  /** In a private window, which keeps nothing. */
  readonly isPrivate: boolean;
  readonly live: boolean;
  readonly decide: (decision: Decision) => void;
  readonly denyButton: RefObject<HTMLButtonElement | null>;
}

export function ApprovalActions({ isSetUp, onlyThis, isPrivate, live, decide, denyButton }: ApprovalActionsProps) {
  const { shell } = useApp();
  const deny = (
    <Button key="deny" onClick={() => decide('deny')} buttonRef={denyButton}>
      {i18n.t('approval.deny')}
    </Button>
  );
  if (isSetUp) {
    return (
      <div class="approval-actions">
        {deny}
        <Button kind="primary" onClick={() => void shell.openWelcome()}>
          {i18n.t('approval.setUp')}
        </Button>
      </div>
    );
  }
  if (onlyThis) {
    return (
      <div class="approval-actions">
        {deny}
        <Button kind="primary" dead={!live} onClick={() => decide('allow-request')}>
          {i18n.t('approval.allowRequest')}
        </Button>
      </div>
    );
  }
  return (
    <div class="approval-actions">
      {deny}
      <Button kind="primary" dead={!live} onClick={() => decide('allow-visit')}>
        {i18n.t('approval.allowVisit')}
      </Button>
      {!isPrivate && (
        <Button dead={!live} onClick={() => decide('allow-always')}>
          {i18n.t('approval.allowAlways')}
        </Button>
      )}
    </div>
  );
}
