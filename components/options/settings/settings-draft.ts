/** What the fields for a model hold while they are typed, what is wrong with it, and the settings that it says. */

import { i18n } from '#i18n';
import { limits } from '../../../protocol/limits';
import {
  commonSamplers,
  engineSamplers,
  type ModelSettings,
  type SamplerSettings,
  templateIds,
} from '../../../protocol/model-settings';
import { readAmount } from '../../amounts';
import { formats } from '../../language';
import { isInRange, type Sampler, type SamplerRange, samplerRanges } from './samplers';
import { readLines, toLines } from './stop-lines';

/** Text as it is typed; empty is the backend's default. */
export interface SettingsDraft {
  readonly samplers: Readonly<Partial<Record<Sampler, string>>>;
  readonly contextTokens: string;
  readonly maxOutputTokens: string;
  /** One of `templateIds`, or empty. */
  readonly template: string;
  readonly stop: string;
}

export interface SettingsErrors {
  readonly samplers: Readonly<Partial<Record<Sampler, string>>>;
  readonly contextTokens?: string | undefined;
  readonly maxOutputTokens?: string | undefined;
  readonly stop?: string | undefined;
}

export const noErrors: SettingsErrors = { samplers: {} };

const allSamplers: readonly Sampler[] = [...commonSamplers, ...engineSamplers];
const textOf = (value: number | undefined): string => (value === undefined ? '' : String(value));

export const toSamplersDraft = (samplers: SamplerSettings = {}): SettingsDraft['samplers'] =>
  Object.fromEntries(allSamplers.filter((name) => samplers[name] !== undefined).map((name) => [name, textOf(samplers[name])]));

export const toDraft = (settings: ModelSettings = {}): SettingsDraft => ({
  samplers: toSamplersDraft(settings.samplers),
  contextTokens: textOf(settings.contextTokens),
  maxOutputTokens: textOf(settings.maxOutputTokens),
  template: settings.template ?? '',
  stop: toLines(settings.stop),
});

/** Undefined where it is no number. A comma stands for the point. */
export function readNumber(typed: string): number | undefined {
  const plain = typed.trim().replace(',', '.').replace('−', '-');
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : undefined;
}

const isEmpty = (typed: string | undefined): typed is undefined | '' => typed === undefined || typed.trim() === '';

function rangeText({ least, most, whole = false }: SamplerRange): string {
  const [from, to] = [least, most].map((value) => value.toLocaleString(formats));
  return whole
    ? i18n.t('settings.wholeRange', { least: from ?? '', most: to ?? '' })
    : i18n.t('settings.range', { least: from ?? '', most: to ?? '' });
}

function samplerError(name: Sampler, typed: string | undefined): string | undefined {
  if (isEmpty(typed)) return undefined;
  const value = readNumber(typed);
  return value !== undefined && isInRange(value, samplerRanges[name]) ? undefined : rangeText(samplerRanges[name]);
}

function tokensError(typed: string, most: number): string | undefined {
  if (isEmpty(typed)) return undefined;
  const count = readAmount(typed, 1);
  return count !== undefined && isInRange(count, { least: 1, most, whole: true })
    ? undefined
    : rangeText({ least: 1, most, whole: true });
}

function stopError(typed: string): string | undefined {
  const stops = readLines(typed);
  if (stops.length > limits.stopSequences) return i18n.t('settings.stopTooMany', { count: limits.stopSequences });
  return stops.some((stop) => stop.length > limits.stopSequenceChars) ? i18n.t('settings.stopTooLong') : undefined;
}

/** Undefined where nothing is wrong. */
export function checkSettings({ samplers, contextTokens, maxOutputTokens, stop }: SettingsDraft): SettingsErrors | undefined {
  const found = allSamplers.map((name) => [name, samplerError(name, samplers[name])] as const);
  const errors: SettingsErrors = {
    samplers: Object.fromEntries(found.filter(([, error]) => error !== undefined)),
    contextTokens: tokensError(contextTokens, limits.contextTokens),
    maxOutputTokens: tokensError(maxOutputTokens, limits.maxOutputTokens),
    stop: stopError(stop),
  };
  const { samplers: wrong, ...others } = errors;
  return Object.keys(wrong).length > 0 || Object.values(others).some((error) => error !== undefined) ? errors : undefined;
}

/** Those that can be read. */
export function readSamplers(draft: SettingsDraft['samplers']): SamplerSettings {
  const read = allSamplers.map((name) => [name, readNumber(draft[name] ?? '')] as const);
  return Object.fromEntries(read.filter(([, value]) => value !== undefined));
}

/** Of a draft that `checkSettings` finds nothing wrong with; nothing is set that is empty. */
export function toSettings(draft: SettingsDraft): ModelSettings {
  const samplers = readSamplers(draft.samplers);
  const contextTokens = readAmount(draft.contextTokens, 1);
  const maxOutputTokens = readAmount(draft.maxOutputTokens, 1);
  const template = templateIds.find((id) => id === draft.template);
  const stop = readLines(draft.stop);
  return {
    ...(Object.keys(samplers).length > 0 && { samplers }),
    ...(contextTokens && { contextTokens }),
    ...(maxOutputTokens && { maxOutputTokens }),
    ...(template && { template }),
    ...(stop.length > 0 && { stop }),
  };
}

export const saysNothing = (settings: ModelSettings): boolean => Object.keys(settings).length === 0;
