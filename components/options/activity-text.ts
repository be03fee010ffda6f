/** Calls and sums of use in words. What is unknown says so, and so does what is an estimate. */

import { i18n } from '#i18n';
import { type ActivityEntry, type Ending, endingOf, type Sums } from '../../protocol/activity';
import type { Place, Warning } from '../../protocol/generate';
import { amountText } from '../budget-text';
import { count, usd } from '../format';
import { formats } from '../language';
import { plainLine } from '../plain-text';

const span = (unit: string, maximumFractionDigits: number) =>
  new Intl.NumberFormat(formats, { style: 'unit', unit, unitDisplay: 'narrow', maximumFractionDigits });
const spans = { second2: span('second', 2), second1: span('second', 1), minute1: span('minute', 1), minute2: span('minute', 2) };

/** A refusal that came at once did take some time. */
const shortest = 10;

function seconds(milliseconds: number): string {
  const [value, unit] =
    milliseconds < 120_000
      ? ([Math.max(shortest, milliseconds) / 1000, 'second'] as const)
      : ([milliseconds / 60_000, 'minute'] as const);
  return spans[`${unit}${milliseconds < 1000 ? 2 : 1}`].format(value);
}

export function endingText({ outcome, milliseconds }: ActivityEntry): string {
  const time = seconds(milliseconds);
  return {
    answered: i18n.t('activity.answeredIn', { time }),
    failed: i18n.t('activity.failedAfter', { time }),
    stopped: i18n.t('activity.stoppedAfter', { time }),
  }[endingOf(outcome)];
}

export const endingName = (ending: Ending): string =>
  ({
    answered: i18n.t('activity.answered'),
    failed: i18n.t('activity.failed'),
    stopped: i18n.t('activity.stopped'),
  })[ending];

export function costText({ usage, isFree }: ActivityEntry): string {
  if (!usage) return i18n.t('activity.nothingUsed');
  if (usage.costMicroUsd === undefined) return isFree ? i18n.t('cost.free') : i18n.t('activity.unknown');
  return usage.estimated ? i18n.t('activity.about', { amount: usd(usage.costMicroUsd) }) : usd(usage.costMicroUsd);
}

/** The same for its line, where nothing says that it is about money. */
export const costOnLine = (entry: ActivityEntry): string =>
  entry.usage && entry.usage.costMicroUsd === undefined && !entry.isFree ? i18n.t('activity.costUnknown') : costText(entry);

/** Of one number of a call's usage. */
export function tokenText(value: number | undefined, isEstimated: boolean): string {
  if (value === undefined) return i18n.t('activity.unknown');
  return isEstimated ? i18n.t('activity.about', { amount: count(value) }) : count(value);
}

/** All tokens of a call, for its line; empty where none were used or not all are known. */
export function tokensText({ usage }: ActivityEntry): string {
  if (usage?.inputTokens === undefined || usage.outputTokens === undefined) return '';
  const sum = usage.inputTokens + usage.outputTokens;
  return usage.estimated ? i18n.t('activity.tokensAbout', { count: count(sum) }) : amountText('tokens', sum);
}

const decimals = new Intl.NumberFormat(formats, { maximumSignificantDigits: 6 });

export function warningText(warning: Warning): string {
  switch (warning.type) {
    case 'parameter-dropped':
      return i18n.t('activity.droppedParameter', { parameter: plainLine(warning.parameter) });
    case 'value-limited': {
      const { parameter, asked, sent } = warning;
      return i18n.t('activity.limitedValue', {
        parameter: plainLine(parameter),
        asked: decimals.format(asked),
        sent: decimals.format(sent),
      });
    }
    case 'model-replaced':
      return i18n.t('activity.replacedModel', { model: plainLine(warning.asked) });
    case 'history-cut':
      return i18n.t('activity.cutHistory', { count: count(warning.messages) });
  }
}

export const placeName = (place: Place): string =>
  ({
    'this-computer': i18n.t('usage.onlyThisComputer'),
    network: i18n.t('usage.onlyNetwork'),
    cloud: i18n.t('usage.onlyCloud'),
    volunteers: i18n.t('usage.onlyVolunteers'),
  })[place];

export function sumCost({ microUsd, unpriced, estimated }: Sums): string {
  if (unpriced > 0) return microUsd === 0 ? i18n.t('activity.unknown') : i18n.t('usage.andMore', { amount: usd(microUsd) });
  return estimated > 0 && microUsd > 0 ? i18n.t('usage.about', { amount: usd(microUsd) }) : usd(microUsd);
}

export function sumTokens({ inputTokens, outputTokens, untold, estimated }: Sums): string {
  const tokens = inputTokens + outputTokens;
  if (untold > 0) return tokens === 0 ? i18n.t('activity.unknown') : i18n.t('usage.andMore', { amount: count(tokens) });
  return estimated > 0 && tokens > 0 ? i18n.t('usage.about', { amount: count(tokens) }) : count(tokens);
}
