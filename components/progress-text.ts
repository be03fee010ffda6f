/** Says what a backend does before it answers: where in its queue, and how long it may take. */

import { i18n } from '#i18n';
import type { Progress } from '../protocol/generate';
import { count } from './format';
import { formats } from './language';

function stageText({ stage, position }: Progress): string {
  switch (stage) {
    case 'queued':
      return position === undefined ? i18n.t('popup.queued') : i18n.t('popup.queuedAt', { position: count(position) });
    case 'loading':
      return i18n.t('popup.loading');
    case 'processing':
      return i18n.t('popup.processing');
  }
}

/** 40 → "40 sec", 190 → "4 min": a backend's guess is worth no more. */
function duration(seconds: number): string {
  const isLong = seconds >= 90;
  const unit = isLong ? 'minute' : 'second';
  return new Intl.NumberFormat(formats, { style: 'unit', unit }).format(Math.ceil(isLong ? seconds / 60 : seconds));
}

/** "Number 3 in the queue, about 40 sec" */
export function progressText(progress: Progress): string {
  const text = stageText(progress);
  return progress.seconds === undefined
    ? text
    : i18n.t('popup.progressTime', { progress: text, time: duration(progress.seconds) });
}
