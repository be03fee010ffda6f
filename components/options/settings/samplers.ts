/**
 * What the form knows of each sampler: where it stands, and which values make sense.
 * This folder holds what is set for a model: one set of fields, `SettingsFields`, for a connection, for one model of it, and for one site.
 */

import type { CommonSampler, EngineSampler, ModelSettings } from '../../../protocol/model-settings';

export type Sampler = CommonSampler | EngineSampler;

/** What a preset may hold. */
export type PresetSetting = Sampler | 'contextTokens' | 'maxOutputTokens';
export type PresetSettings = Pick<ModelSettings, 'samplers' | 'contextTokens' | 'maxOutputTokens'>;

export interface SamplerRange {
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
}

const share: SamplerRange = { least: 0, most: 1 };
const ten: SamplerRange = { least: 0, most: 10 };
const penalty: SamplerRange = { least: -2, most: 2 };
/** −1: the whole context (llama.cpp, text-generation-webui). */
const lookBack: SamplerRange = { least: -1, most: 1_000_000, whole: true };

/** As wide as any engine's own documentation allows; a backend may want less and says so. */
export const samplerRanges: Readonly<Record<Sampler, SamplerRange>> = {
  temperature: ten,
  topP: share,
  topK: { least: 0, most: 1_000_000, whole: true },
  minP: share,
  repetitionPenalty: ten,
  presencePenalty: penalty,
  frequencyPenalty: penalty,
  seed: { least: 0, most: Number.MAX_SAFE_INTEGER, whole: true },
  typicalP: share,
  topA: share,
  tfs: share,
  topNSigma: { least: -1, most: 10 },
  repetitionRange: lookBack,
  repetitionSlope: ten,
  mirostatMode: { least: 0, most: 2, whole: true },
  mirostatTau: { least: 0, most: 100 },
  mirostatEta: share,
  dryMultiplier: ten,
  dryBase: ten,
  dryAllowedLength: { least: 0, most: 1000, whole: true },
  dryRange: lookBack,
  xtcThreshold: share,
  xtcProbability: share,
  dynatempRange: ten,
  dynatempExponent: ten,
  smoothingFactor: ten,
  smoothingCurve: ten,
  epsilonCutoff: { least: 0, most: 100 },
  etaCutoff: { least: 0, most: 100 },
};

export type SamplerGroup = 'cut' | 'repetition' | 'dry' | 'xtc' | 'temperature' | 'mirostat';

export const samplerGroups: Readonly<Record<SamplerGroup, readonly EngineSampler[]>> = {
  cut: ['typicalP', 'topA', 'tfs', 'topNSigma', 'epsilonCutoff', 'etaCutoff'],
  repetition: ['repetitionRange', 'repetitionSlope'],
  dry: ['dryMultiplier', 'dryBase', 'dryAllowedLength', 'dryRange'],
  xtc: ['xtcThreshold', 'xtcProbability'],
  temperature: ['dynatempRange', 'dynatempExponent', 'smoothingFactor', 'smoothingCurve'],
  mirostat: ['mirostatMode', 'mirostatTau', 'mirostatEta'],
};

export function isInRange(value: number, { least, most, whole = false }: SamplerRange): boolean {
  return Number.isFinite(value) && value >= least && value <= most && (!whole || Number.isInteger(value));
}
