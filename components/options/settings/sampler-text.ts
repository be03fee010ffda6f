/** The words of the samplers. Their names stay as engines and presets have them, so that people find them again. */

import { i18n } from '#i18n';
import type { CommonSampler } from '../../../protocol/model-settings';
import type { BuiltInId } from './built-in-presets';
import type { PresetSetting, SamplerGroup } from './samplers';

const names: Readonly<Record<PresetSetting, () => string>> = {
  temperature: () => i18n.t('sampler.temperature'),
  topP: () => i18n.t('sampler.topP'),
  topK: () => i18n.t('sampler.topK'),
  minP: () => i18n.t('sampler.minP'),
  repetitionPenalty: () => i18n.t('sampler.repetitionPenalty'),
  presencePenalty: () => i18n.t('sampler.presencePenalty'),
  frequencyPenalty: () => i18n.t('sampler.frequencyPenalty'),
  seed: () => i18n.t('sampler.seed'),
  typicalP: () => i18n.t('sampler.typicalP'),
  topA: () => i18n.t('sampler.topA'),
  tfs: () => i18n.t('sampler.tfs'),
  topNSigma: () => i18n.t('sampler.topNSigma'),
  repetitionRange: () => i18n.t('sampler.repetitionRange'),
  repetitionSlope: () => i18n.t('sampler.repetitionSlope'),
  mirostatMode: () => i18n.t('sampler.mirostatMode'),
  mirostatTau: () => i18n.t('sampler.mirostatTau'),
  mirostatEta: () => i18n.t('sampler.mirostatEta'),
  dryMultiplier: () => i18n.t('sampler.dryMultiplier'),
  dryBase: () => i18n.t('sampler.dryBase'),
  dryAllowedLength: () => i18n.t('sampler.dryAllowedLength'),
  dryRange: () => i18n.t('sampler.dryRange'),
  xtcThreshold: () => i18n.t('sampler.xtcThreshold'),
  xtcProbability: () => i18n.t('sampler.xtcProbability'),
  dynatempRange: () => i18n.t('sampler.dynatempRange'),
  dynatempExponent: () => i18n.t('sampler.dynatempExponent'),
  smoothingFactor: () => i18n.t('sampler.smoothingFactor'),
  smoothingCurve: () => i18n.t('sampler.smoothingCurve'),
  epsilonCutoff: () => i18n.t('sampler.epsilonCutoff'),
  etaCutoff: () => i18n.t('sampler.etaCutoff'),
  contextTokens: () => i18n.t('settings.contextTokens'),
  maxOutputTokens: () => i18n.t('settings.maxOutputTokens'),
};
export const settingText = (setting: PresetSetting): string => names[setting]();

const hints: Readonly<Record<CommonSampler, () => string>> = {
  temperature: () => i18n.t('sampler.temperatureHint'),
  topP: () => i18n.t('sampler.topPHint'),
  topK: () => i18n.t('sampler.topKHint'),
  minP: () => i18n.t('sampler.minPHint'),
  repetitionPenalty: () => i18n.t('sampler.repetitionPenaltyHint'),
  presencePenalty: () => i18n.t('sampler.presencePenaltyHint'),
  frequencyPenalty: () => i18n.t('sampler.frequencyPenaltyHint'),
  seed: () => i18n.t('sampler.seedHint'),
};
export const samplerHint = (sampler: CommonSampler): string => hints[sampler]();

const groups: Readonly<Record<SamplerGroup, () => { readonly name: string; readonly hint: string }>> = {
  cut: () => ({ name: i18n.t('sampler.cut'), hint: i18n.t('sampler.cutHint') }),
  repetition: () => ({ name: i18n.t('sampler.repetition'), hint: i18n.t('sampler.repetitionHint') }),
  dry: () => ({ name: i18n.t('sampler.dry'), hint: i18n.t('sampler.dryHint') }),
  xtc: () => ({ name: i18n.t('sampler.xtc'), hint: i18n.t('sampler.xtcHint') }),
  temperature: () => ({ name: i18n.t('sampler.changing'), hint: i18n.t('sampler.changingHint') }),
  mirostat: () => ({ name: i18n.t('sampler.mirostat'), hint: i18n.t('sampler.mirostatHint') }),
};
export const groupText = (group: SamplerGroup) => groups[group]();

const presets: Readonly<Record<BuiltInId, () => string>> = {
  neutral: () => i18n.t('preset.neutral'),
  precise: () => i18n.t('preset.precise'),
  creative: () => i18n.t('preset.creative'),
  'min-p': () => i18n.t('preset.minP'),
};
export const builtInText = (id: BuiltInId): string => presets[id]();
